/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the secrets that were never committed, many at a time, and commits them in small batches
 * as they come: a crash costs at most what is under way. One key that cannot be read holds back no
 * other (S1.28). Must not know records or folders. */
#include "usecase/sync.h"

#include <string.h>

#include "graph/decode.h"
#include "graph/endpoints.h"
#include "state/held.h"

#define SLICE_MS 100u
#define URL_MAX 1024u
#define REPLY_MAX 8192u
#define COMMIT_KEYS 64u /* held back: half of it is what a crash costs on average */
#define DRAIN_KEYS 192u /* so many at most, when that many answers are there already */

_Static_assert((DRAIN_KEYS + 1) * 2 <= BKEY_BATCH_MAX, "what is held back must fit one batch");

/* So many bad answers in a row, for every request that may be under way, and it is the service
 * that is down, not a key. */
#define BAD_RUN_PER_REQUEST 4u
#define BAD_RUN_MIN 100u
#define REFUSALS_MAX 3u /* a key that good tokens do not open so often is the one at fault */
#define REFUSED_MAX 24u /* such keys in a row, and it is the sign-in that is at fault */
#define PAUSES_MAX 12u  /* throttled so often without one good answer between */

typedef struct waiting_key {
    uint32_t key; /* index into plan.keys */
    uint32_t attempt;
    uint64_t not_before_ns;
} waiting_key;

typedef struct fetching {
    bkey_sync *sync;
    size_t next; /* first key of the plan that was not looked at */
    uint32_t in_flight;
    bkey_vec waiting; /* waiting_key */
    bkey_vec fresh;   /* bkey_held_key: sealed in the batch, not committed */
    uint64_t pause_until_ns;
    uint32_t pauses;
    uint32_t bad_run;
    uint32_t token_limit; /* no renewal for answers to a token with a lower number */
    bool need_token;
    bool token_proven; /* the present token has read something */
    bool any_read;     /* some token of this connection has */
    uint64_t started;  /* keys that were asked for at least once */
    uint32_t refused;  /* by tokens that have read nothing yet */
    sup_buffer url;
} fetching;

/* The request's tag carries what its answer needs, so that no table of requests is kept. */
static uint64_t make_tag(uint32_t key, uint32_t attempt, uint32_t token)
{
    return ((uint64_t)key << 32) | ((uint64_t)(attempt & 0xffffu) << 16) | (token & 0xffffu);
}

static const bkey_plan_key *key_at(const fetching *f, uint32_t index)
{
    return &f->sync->plan.keys[index];
}

static bkey_err commit(fetching *f)
{
    bkey_sync *sync = f->sync;
    bkey_err err = bkey_batch_apply(&sync->batch);
    for (size_t i = 0; bkey_is_ok(err) && i < f->fresh.count; i++) {
        bkey_held_key *held = bkey_vec_add(&sync->held);
        if (held == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *held = ((const bkey_held_key *)f->fresh.items)[i];
    }
    bkey_vec_clear(&f->fresh);
    bkey_sync_preview_progress(sync, BKEY_PHASE_SECRETS, sync->counts.key_reads,
                               sync->plan.fetches);
    return err;
}

/* Seals metadata and secret into the batch. The secret row is sealed first: the metadata names the
 * revision that it gets. */
static bkey_err seal_key(fetching *f, const bkey_plan_key *key, bkey_secret *secret, bool malformed)
{
    const bkey_place place = bkey_sync_state_place(f->sync, key->organization);
    bkey_held_key held = {.id = key->id,
                          .device_id = key->device_id,
                          .created_ms = key->created_ms,
                          .organization = key->organization,
                          .volume = key->volume};
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    held.flags = (uint8_t)(BKEY_HELD_SECRET | (malformed ? BKEY_HELD_MALFORMED : 0u));
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_held_seal_secret(&place, &held, secret, &rows[0]);
    held.secret_revision = 1;
    if (bkey_is_ok(err))
        err = bkey_held_seal(&place, &held, &rows[1]);
    held.meta_revision = 1;
    bkey_held_key *fresh = bkey_is_ok(err) ? bkey_vec_add(&f->fresh) : NULL;
    if (fresh != NULL) {
        *fresh = held;
        bkey_batch_put(&f->sync->batch, &rows[0]);
        bkey_batch_put(&f->sync->batch, &rows[1]);
    } else if (bkey_is_ok(err)) {
        err = bkey_fail(BKEY_E_NOMEM);
    }
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

static bkey_err take_secret(fetching *f, const bkey_plan_key *key, bkey_bytes body)
{
    bkey_secret *secret = NULL;
    bool malformed = false;
    bkey_err err = bkey_decode_key(f->sync->slab, body, &key->id, &secret, &malformed);
    if (bkey_err_category(err) == BKEY_CAT_REMOTE) {
        f->sync->unread++;
        return bkey_ok();
    }
    if (bkey_is_ok(err)) {
        f->sync->counts.key_reads++;
        err = seal_key(f, key, secret, malformed);
    }
    bkey_secret_free(&secret);
    return err;
}

static bkey_err put_back(fetching *f, uint32_t key, uint32_t attempt, uint64_t not_before_ns)
{
    waiting_key *waiting = bkey_vec_add(&f->waiting);
    if (waiting == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    waiting->key = key;
    waiting->attempt = attempt;
    waiting->not_before_ns = not_before_ns;
    return bkey_ok();
}

/* Throttling stops all reads, not this one alone; several answers to one burst are one pause. */
static bkey_err note_throttled(fetching *f, uint64_t now_ns, uint64_t until_ns)
{
    if (now_ns >= f->pause_until_ns)
        f->pauses++;
    if (until_ns > f->pause_until_ns)
        f->pause_until_ns = until_ns;
    return f->pauses > PAUSES_MAX ? bkey_fail(BKEY_E_THROTTLED) : bkey_ok();
}

static bkey_err try_later(fetching *f, const bkey_net_reply *reply, uint32_t key, uint32_t attempt,
                          uint64_t delay_ms)
{
    const bkey_ports *ports = f->sync->ports;
    const uint64_t now = ports->mono_ns(ports->self);
    const uint64_t until = now + delay_ms * 1000000u;
    uint32_t limit = f->sync->settings.parallel_reads * BAD_RUN_PER_REQUEST;
    bkey_err err = bkey_ok();
    if (bkey_is_ok(reply->error) && reply->status == 429)
        err = note_throttled(f, now, until);
    else if (++f->bad_run > (limit > BAD_RUN_MIN ? limit : BAD_RUN_MIN) &&
             f->started < f->sync->plan.fetches) /* else only hard keys are left, see S1.28 */
        err = bkey_is_ok(reply->error) ? bkey_fail(BKEY_E_REMOTE_FAULT) : reply->error;
    return bkey_is_ok(err) ? put_back(f, key, attempt, until) : err;
}

/* A token may end in the middle of a long run: it is renewed when nothing is under way, and again
 * only after the new one has read something. A key that new tokens do not open while they open
 * others is given up: it must not hold back the rest. */
static bkey_err take_unauthorized(fetching *f, uint32_t key, uint32_t attempt, uint32_t token)
{
    const bool renewed = f->sync->token_number > f->token_limit;
    if (token != (f->sync->token_number & 0xffffu) || f->need_token)
        return put_back(f, key, attempt, 0);
    if (renewed && !f->token_proven && (!f->any_read || ++f->refused > REFUSED_MAX))
        return bkey_fail(BKEY_E_TOKEN_REFUSED);
    if (renewed && (!f->token_proven || attempt >= REFUSALS_MAX)) {
        f->sync->unread++;
        return bkey_ok();
    }
    f->need_token = true;
    return put_back(f, key, attempt + 1, 0);
}

static bkey_err take_reply(fetching *f, const bkey_net_reply *reply)
{
    const uint32_t key = (uint32_t)(reply->tag >> 32);
    const uint32_t attempt = (uint32_t)(reply->tag >> 16) & 0xffffu;
    uint64_t delay_ms = 0;
    if (bkey_sync_request_retry(f->sync, reply, attempt, &delay_ms))
        return try_later(f, reply, key, attempt + 1, delay_ms);
    if (bkey_is(reply->error, BKEY_E_NETWORK) || bkey_is(reply->error, BKEY_E_BODY_SIZE)) {
        f->sync->unread++;
        return bkey_ok();
    }
    if (!bkey_is_ok(reply->error))
        return reply->error;
    if (reply->status == 401)
        return take_unauthorized(f, key, attempt, (uint32_t)reply->tag & 0xffffu);
    if (reply->status == 200) {
        f->bad_run = 0;
        f->pauses = 0;
        f->token_proven = true;
        f->any_read = true;
        f->refused = 0;
        return take_secret(f, key_at(f, key), reply->body);
    }
    bkey_err err = bkey_decode_failure(BKEY_CALL_KEY, reply->status, reply->body);
    bkey_category category = bkey_err_category(err);
    if (category == BKEY_CAT_DENIED || category == BKEY_CAT_AUTH || category == BKEY_CAT_CONFIG)
        return err; /* the next key would be answered the same */
    f->sync->unread++;
    return bkey_ok();
}

static bkey_err submit(fetching *f, uint32_t index, uint32_t attempt)
{
    bkey_sync *sync = f->sync;
    bkey_net_request request = {
        .bearer = sync->access_token, .flags = BKEY_NET_SECRET_REPLY, .max_reply = REPLY_MAX};
    sup_buffer_reset(&f->url);
    if (!bkey_endpoints_key(sync->connection.graph_url, &key_at(f, index)->id, &f->url))
        return bkey_fail(BKEY_E_URL);
    request.tag = make_tag(index, attempt, sync->token_number);
    request.url = sup_buffer_text(&f->url);
    bkey_err err = sync->net->submit(sync->net->self, &request);
    if (bkey_is_ok(err))
        f->in_flight++;
    return err;
}

/* A key whose time to be asked again has come. */
static bool take_waiting(fetching *f, uint64_t now_ns, waiting_key *out)
{
    waiting_key *list = f->waiting.items;
    for (size_t i = 0; i < f->waiting.count; i++) {
        if (list[i].not_before_ns > now_ns)
            continue;
        *out = list[i];
        list[i] = list[--f->waiting.count];
        return true;
    }
    return false;
}

static bool take_next(fetching *f, waiting_key *out)
{
    /* Unread keys pile up no further than this while the service has trouble. */
    if (f->waiting.count >= 2 * (size_t)f->sync->net->max_parallel)
        return false;
    while (f->next < f->sync->plan.key_count) {
        uint32_t index = (uint32_t)f->next++;
        if ((key_at(f, index)->todo & BKEY_DO_FETCH) != 0) {
            out->key = index;
            out->attempt = 1;
            f->started++;
            return true;
        }
    }
    return false;
}

static bkey_err fill(fetching *f)
{
    const bkey_ports *ports = f->sync->ports;
    const uint64_t now = ports->mono_ns(ports->self);
    waiting_key key = {0, 1, 0};
    if (now < f->pause_until_ns || f->need_token)
        return bkey_ok();
    while (f->in_flight < f->sync->net->max_parallel &&
           (take_waiting(f, now, &key) || take_next(f, &key))) {
        bkey_err err = submit(f, key.key, key.attempt);
        if (!bkey_is_ok(err))
            return err;
    }
    return bkey_ok();
}

static bkey_err renew(fetching *f)
{
    f->need_token = false;
    f->token_proven = false;
    return bkey_sync_token_obtain(f->sync);
}

/* Nothing is under way and nothing may be sent yet. */
static bkey_err wait_for_turn(fetching *f)
{
    const bkey_ports *ports = f->sync->ports;
    const waiting_key *list = f->waiting.items;
    const uint64_t now = ports->mono_ns(ports->self);
    uint64_t until = UINT64_MAX;
    for (size_t i = 0; i < f->waiting.count; i++)
        until = list[i].not_before_ns < until ? list[i].not_before_ns : until;
    if (until == UINT64_MAX || until < f->pause_until_ns)
        until = f->pause_until_ns;
    return until > now ? ports->wait_ms(ports->self, f->sync->call, (until - now) / 1000000u + 1)
                       : bkey_ok();
}

static bkey_err receive(fetching *f, uint32_t timeout_ms, bool *out_got)
{
    bkey_net *net = f->sync->net;
    bkey_net_reply reply;
    memset(&reply, 0, sizeof reply);
    *out_got = false;
    bkey_err err = net->next(net->self, timeout_ms, &reply, out_got);
    if (!bkey_is_ok(err) || !*out_got)
        return err;
    f->in_flight--;
    err = take_reply(f, &reply);
    net->release(net->self, &reply);
    return err;
}

/* Everything that has arrived. Before the store is written the next requests are sent: Microsoft
 * answers them meanwhile. */
static bkey_err receive_all(fetching *f)
{
    bool got = false;
    bkey_err err = receive(f, SLICE_MS, &got);
    while (bkey_is_ok(err) && got && f->in_flight > 0 && f->fresh.count < DRAIN_KEYS)
        err = receive(f, 0, &got);
    if (!bkey_is_ok(err) || f->fresh.count < COMMIT_KEYS)
        return err;
    err = fill(f);
    if (bkey_is_ok(err) && f->in_flight > 0)
        err = receive(f, 0, &got);
    return bkey_is_ok(err) ? commit(f) : err;
}

static bool is_finished(const fetching *f)
{
    return f->in_flight == 0 && f->waiting.count == 0 && f->next >= f->sync->plan.key_count;
}

static bkey_err run(fetching *f)
{
    bkey_err err = bkey_ok();
    while (bkey_is_ok(err)) {
        err = f->sync->ports->still_wanted(f->sync->ports->self, f->sync->call);
        if (bkey_is_ok(err) && f->need_token && f->in_flight == 0)
            err = renew(f);
        if (bkey_is_ok(err))
            err = fill(f);
        if (!bkey_is_ok(err) || is_finished(f))
            break;
        err = f->in_flight > 0 ? receive_all(f) : wait_for_turn(f);
    }
    if (!bkey_is_ok(err))
        f->sync->net->cancel_all(f->sync->net->self);
    return err;
}

bkey_err bkey_sync_fetch_secrets(bkey_sync *sync)
{
    fetching f;
    sync->unread = 0;
    if (sync->plan.fetches == 0)
        return bkey_ok();
    if (sync->plan.key_count > UINT32_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    memset(&f, 0, sizeof f);
    f.sync = sync;
    f.token_limit = sync->token_number;
    f.any_read = sync->held.count > 0; /* this sign-in has read keys before */
    bkey_vec_init(&f.waiting, sizeof(waiting_key));
    bkey_vec_init(&f.fresh, sizeof(bkey_held_key));
    sup_buffer_init(&f.url, URL_MAX);
    bkey_err err = run(&f);
    /* What came before the trouble is worth keeping: it need not be read a second time. */
    bkey_err committed = bkey_is(err, BKEY_E_CONFLICT) ? bkey_ok() : commit(&f);
    bkey_batch_clear(&sync->batch);
    sup_buffer_done(&f.url);
    bkey_vec_done(&f.fresh);
    bkey_vec_done(&f.waiting);
    return bkey_is_ok(err) ? committed : err;
}
