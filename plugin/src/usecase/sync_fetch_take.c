/* SPDX-License-Identifier: Apache-2.0
 *
 * What the answer to a key read means: a secret to seal, a key to ask for again, a pause for all,
 * or trouble that the next key would meet too. One key that cannot be read holds back no other
 * (S1.28). Must not know how requests are made. */
#include <string.h>

#include "graph/decode.h"
#include "state/held.h"
#include "usecase/sync_fetch.h"

/* So many bad answers in a row, for every request that may be under way, and it is the service
 * that is down, not a key. */
#define BAD_RUN_PER_REQUEST 4u
#define BAD_RUN_MIN 100u
#define REFUSALS_MAX 3u /* a key that good tokens do not open so often is the one at fault */
#define REFUSED_MAX 24u /* such keys in a row, and it is the sign-in that is at fault */
#define PAUSES_MAX 12u  /* throttled so often without one good answer between */

bkey_err bkey_sync_fetch_take_commit(bkey_sync_fetch *f)
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
    return err;
}

/* Seals metadata and secret into the batch. The secret row is sealed first: the metadata names the
 * revision that it gets. */
static bkey_err seal_key(bkey_sync_fetch *f, const bkey_plan_key *key, bkey_secret *secret,
                         bool malformed)
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

static bkey_err take_secret(bkey_sync_fetch *f, const bkey_plan_key *key, bkey_bytes body)
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

/* Throttling stops all reads, not this one alone; several answers to one burst are one pause. */
static bkey_err note_throttled(bkey_sync_fetch *f, uint64_t now_ns, uint64_t until_ns)
{
    if (now_ns >= f->pause_until_ns)
        f->pauses++;
    if (until_ns > f->pause_until_ns)
        f->pause_until_ns = until_ns;
    return f->pauses > PAUSES_MAX ? bkey_fail(BKEY_E_THROTTLED) : bkey_ok();
}

static bkey_err try_later(bkey_sync_fetch *f, const bkey_net_reply *reply, uint32_t key,
                          uint32_t attempt, uint64_t delay_ms)
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
    return bkey_is_ok(err) ? bkey_sync_fetch_put_back(f, key, attempt, until) : err;
}

/* A token may end in the middle of a long run: it is renewed when nothing is under way, and again
 * only after the new one has read something. A key that new tokens do not open while they open
 * others is given up: it must not hold back the rest. */
static bkey_err take_unauthorized(bkey_sync_fetch *f, uint32_t key, uint32_t attempt,
                                  uint32_t token)
{
    const bool renewed = f->sync->token_number > f->token_limit;
    if (token != (f->sync->token_number & 0xffffu) || f->need_token)
        return bkey_sync_fetch_put_back(f, key, attempt, 0);
    if (renewed && !f->token_proven && (!f->any_read || ++f->refused > REFUSED_MAX))
        return bkey_fail(BKEY_E_TOKEN_REFUSED);
    if (renewed && (!f->token_proven || attempt >= REFUSALS_MAX)) {
        f->sync->unread++;
        return bkey_ok();
    }
    f->need_token = true;
    return bkey_sync_fetch_put_back(f, key, attempt + 1, 0);
}

bkey_err bkey_sync_fetch_take_reply(bkey_sync_fetch *f, const bkey_net_reply *reply)
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
        return take_secret(f, bkey_sync_fetch_key_at(f, key), reply->body);
    }
    bkey_err err = bkey_decode_failure(BKEY_CALL_KEY, reply->status, reply->body);
    bkey_category category = bkey_err_category(err);
    if (category == BKEY_CAT_DENIED || category == BKEY_CAT_AUTH || category == BKEY_CAT_CONFIG)
        return err; /* the next key would be answered the same */
    f->sync->unread++;
    return bkey_ok();
}
