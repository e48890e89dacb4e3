/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the secrets that were never committed, many at a time, and commits them in small batches
 * as they come: a crash costs at most what is under way. Decides which key is asked for next, when
 * and which way. Must not know records or folders. */
#include "usecase/sync_fetch.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_MS 100u
#define URL_MAX 1024u
#define JSON_MAX 8192u
#define COMMIT_KEYS 64u /* held back: half of it is what a crash costs on average */
#define DRAIN_KEYS 192u /* so many at most, when that many answers are there already */

_Static_assert((DRAIN_KEYS + BKEY_JSON_BATCH_ITEMS) * 2 <= BKEY_BATCH_MAX,
               "what is held back must fit one batch");

/* So many batches may be under way: more keys than these are not asked for faster, and are what a
 * crash costs. */
#define BATCHES_MAX 16u
/* Below that rate batches gain nothing, and one request's Retry-After is simpler than twenty. */
#define BATCH_RATE_MIN 400.0

const bkey_plan_key *bkey_sync_fetch_key_at(const bkey_sync_fetch *f, uint32_t index)
{
    return &f->sync->plan.keys[index];
}

uint64_t bkey_sync_fetch_now(const bkey_sync_fetch *f)
{
    return f->sync->ports->mono_ns(f->sync->ports->self);
}

uint32_t bkey_sync_fetch_weight(const bkey_sync_fetch *f, uint32_t way)
{
    const uint32_t most = f->sync->net->max_parallel;
    return way == BKEY_SYNC_FETCH_TOGETHER ? (most + BATCHES_MAX - 1) / BATCHES_MAX : 1u;
}

bkey_err bkey_sync_fetch_put_back(bkey_sync_fetch *f, const bkey_sync_fetch_key *key)
{
    bkey_sync_fetch_key *waiting = bkey_vec_add(&f->waiting);
    if (waiting == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *waiting = *key;
    return bkey_ok();
}

static bool is_pile_full(const bkey_sync_fetch *f)
{
    return f->waiting.count >= 2 * (size_t)f->sync->net->max_parallel;
}

/* A key whose time to be asked again has come. Those that are refused again and again come last. */
static bool take_waiting(bkey_sync_fetch *f, uint64_t now_ns, bool together,
                         bkey_sync_fetch_key *out)
{
    bkey_sync_fetch_key *list = f->waiting.items;
    const bool last = f->next >= f->sync->plan.key_count || is_pile_full(f);
    for (size_t i = 0; i < f->waiting.count; i++) {
        if (list[i].not_before_ns > now_ns || (together && list[i].alone) ||
            (!last && list[i].throttled >= BKEY_SYNC_FETCH_HARD))
            continue;
        *out = list[i];
        list[i] = list[--f->waiting.count];
        return true;
    }
    return false;
}

static bool may_read(bkey_sync_fetch *f, const bkey_plan_key *key, uint64_t now_ns)
{
    const bkey_recall_key name = {&f->sync->tenant, &key->id, now_ns, BKEY_RECALL_SECRET};
    if (bkey_recall_may_read(f->sync->recall, &name))
        return true;
    bkey_sync_fetch_keep_out(f, key, false);
    return false;
}

static bool take_next(bkey_sync_fetch *f, uint64_t now_ns, bkey_sync_fetch_key *out)
{
    /* Unread keys pile up no further than this while the service has trouble. */
    if (is_pile_full(f))
        return false;
    while (f->next < f->sync->plan.key_count) {
        const uint32_t index = (uint32_t)f->next++;
        const bkey_plan_key *key = bkey_sync_fetch_key_at(f, index);
        if ((key->todo & BKEY_DO_FETCH) == 0)
            continue;
        f->started++;
        if (may_read(f, key, now_ns)) {
            *out = (bkey_sync_fetch_key){.key = index, .attempt = 1};
            return true;
        }
    }
    return false;
}

/* How many keys the next request may ask for: 0 = none may be sent now. */
static uint32_t size_next(const bkey_sync_fetch *f, uint64_t now_ns)
{
    const uint32_t room = bkey_pace_room(&f->pace, f->load);
    const uint32_t credit = bkey_pace_credit(&f->pace, now_ns);
    const uint32_t weight = bkey_sync_fetch_weight(f, BKEY_SYNC_FETCH_TOGETHER);
    const bool slow = f->pace.rate > 0.0 && f->pace.rate < BATCH_RATE_MIN;
    /* In trouble less may be under way in all than a batch counts for. */
    const bool narrow = bkey_pace_room(&f->pace, 0) < weight;
    if (room == 0 || credit == 0 || f->idle_count == 0)
        return 0;
    if (f->contest.way == BKEY_SYNC_FETCH_ALONE || slow || narrow || f->pace.probing)
        return 1;
    if (room < weight)
        return 0;
    return credit < BKEY_JSON_BATCH_ITEMS ? credit : BKEY_JSON_BATCH_ITEMS;
}

static bkey_err fill(bkey_sync_fetch *f)
{
    bkey_sync_fetch_key keys[BKEY_JSON_BATCH_ITEMS];
    const uint64_t now = bkey_sync_fetch_now(f);
    bkey_err err = bkey_ok();
    f->need_token = f->need_token || now >= f->sync->renew_ns;
    while (bkey_is_ok(err) && !f->need_token) {
        const uint32_t size = size_next(f, now);
        uint32_t count = 0;
        while (count < size &&
               (take_waiting(f, now, size > 1, &keys[count]) || take_next(f, now, &keys[count])))
            count++;
        if (count == 0 && (size <= 1 || !take_waiting(f, now, false, &keys[count++])))
            break;
        err = bkey_sync_fetch_send(f, keys, count);
    }
    return err;
}

static bkey_err renew(bkey_sync_fetch *f)
{
    f->need_token = false;
    f->token_proven = false;
    return bkey_sync_token_obtain(f->sync);
}

/* When time alone lets something be sent. */
static uint64_t next_turn_ns(const bkey_sync_fetch *f, uint64_t now_ns)
{
    const bkey_sync_fetch_key *list = f->waiting.items;
    const uint64_t pace_ns = bkey_pace_next_ns(&f->pace, now_ns);
    uint64_t until = UINT64_MAX;
    if (f->next < f->sync->plan.key_count && !is_pile_full(f))
        return pace_ns;
    for (size_t i = 0; i < f->waiting.count; i++)
        until = list[i].not_before_ns < until ? list[i].not_before_ns : until;
    return until == UINT64_MAX || until < pace_ns ? pace_ns : until;
}

/* Nothing is under way and nothing may be sent yet. */
static bkey_err wait_for_turn(bkey_sync_fetch *f)
{
    const bkey_ports *ports = f->sync->ports;
    const uint64_t now = bkey_sync_fetch_now(f);
    const uint64_t until = next_turn_ns(f, now);
    return until > now
               ? ports->wait_ms(ports->self, f->sync->call, (until - now + 999999u) / 1000000u)
               : bkey_ok();
}

/* How long an answer is waited for before something may be sent beside it. */
static uint32_t slice_ms(const bkey_sync_fetch *f)
{
    const uint64_t now = bkey_sync_fetch_now(f);
    const uint64_t turn = next_turn_ns(f, now);
    if (bkey_pace_room(&f->pace, f->load) == 0 || turn <= now || f->need_token)
        return SLICE_MS;
    const uint64_t wait_ms = (turn - now + 999999u) / 1000000u;
    return wait_ms < SLICE_MS ? (uint32_t)wait_ms : SLICE_MS;
}

static bkey_err receive(bkey_sync_fetch *f, uint32_t timeout_ms, bool *out_got)
{
    bkey_net *net = f->sync->net;
    bkey_net_reply reply;
    memset(&reply, 0, sizeof reply);
    *out_got = false;
    bkey_err err = net->next(net->self, timeout_ms, &reply, out_got);
    if (!bkey_is_ok(err) || !*out_got)
        return err;
    err = bkey_sync_fetch_take(f, &reply);
    net->release(net->self, &reply);
    return err;
}

/* Everything that has arrived. Before the store is written the next requests are sent: Microsoft
 * answers them meanwhile. */
static bkey_err receive_all(bkey_sync_fetch *f)
{
    bool got = false;
    bkey_err err = receive(f, slice_ms(f), &got);
    while (bkey_is_ok(err) && got && f->in_flight > 0 && f->fresh.count < DRAIN_KEYS)
        err = receive(f, 0, &got);
    if (!bkey_is_ok(err) || f->fresh.count < COMMIT_KEYS)
        return err;
    err = fill(f);
    if (bkey_is_ok(err) && f->in_flight > 0 && f->fresh.count < DRAIN_KEYS)
        err = receive(f, 0, &got);
    return bkey_is_ok(err) ? bkey_sync_fetch_keep_commit(f) : err;
}

static bool is_finished(const bkey_sync_fetch *f)
{
    return f->in_flight == 0 && f->waiting.count == 0 && f->next >= f->sync->plan.key_count;
}

static bkey_err run(bkey_sync_fetch *f)
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

/* This sign-in has read keys before: what was imported does not count. */
static bool has_read(const bkey_sync *sync)
{
    const bkey_held_key *held = sync->held.items;
    for (size_t i = 0; i < sync->held.count; i++) {
        if (bkey_origin_is_listed(held[i].origins))
            return true;
    }
    return false;
}

static bkey_err begin(bkey_sync_fetch *f, bkey_sync *sync)
{
    const uint32_t most = sync->net->max_parallel;
    memset(f, 0, sizeof *f);
    f->sync = sync;
    f->token_limit = sync->token_number;
    f->any_read = has_read(sync);
    const bkey_recall_key name = {&sync->tenant, &sync->tenant, bkey_sync_fetch_now(f),
                                  BKEY_RECALL_SECRET};
    bkey_vec_init(&f->waiting, sizeof(bkey_sync_fetch_key));
    bkey_vec_init(&f->fresh, sizeof(bkey_held_key));
    sup_buffer_init(&f->url, URL_MAX);
    sup_buffer_init(&f->json, JSON_MAX);
    bkey_pace_init(&f->pace, most, name.now_ns);
    bkey_contest_init(&f->contest, most);
    if (!bkey_recall_may_batch(sync->recall, &name))
        bkey_contest_close(&f->contest);
    f->questions = calloc(most, sizeof *f->questions);
    f->idle = calloc(most, sizeof *f->idle);
    if (f->questions == NULL || f->idle == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    for (f->idle_count = 0; f->idle_count < most; f->idle_count++)
        f->idle[f->idle_count] = f->idle_count;
    return bkey_ok();
}

static void end(bkey_sync_fetch *f)
{
    free(f->questions);
    free(f->idle);
    sup_buffer_done(&f->json);
    sup_buffer_done(&f->url);
    bkey_vec_done(&f->fresh);
    bkey_vec_done(&f->waiting);
}

static bkey_recall_key name_tenant(const bkey_sync *sync)
{
    return (bkey_recall_key){&sync->tenant, &sync->tenant, sync->ports->mono_ns(sync->ports->self),
                             BKEY_RECALL_SECRET};
}

bkey_err bkey_sync_fetch_secrets(bkey_sync *sync)
{
    bkey_sync_fetch f;
    const bkey_recall_key name = name_tenant(sync);
    sync->unread = 0;
    bkey_recall_begin(sync->recall, &name);
    if (sync->plan.fetches == 0) {
        bkey_recall_end(sync->recall, &name);
        return bkey_ok();
    }
    if (sync->plan.key_count > UINT32_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = begin(&f, sync);
    if (bkey_is_ok(err))
        err = run(&f);
    if (bkey_is_ok(err))
        bkey_recall_end(sync->recall, &name);
    /* What came before the trouble is worth keeping: it need not be read a second time. */
    bkey_err committed =
        bkey_is(err, BKEY_E_CONFLICT) ? bkey_ok() : bkey_sync_fetch_keep_commit(&f);
    bkey_batch_clear(&sync->batch);
    end(&f);
    return bkey_is_ok(err) ? committed : err;
}
