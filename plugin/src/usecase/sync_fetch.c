/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the secrets that were never committed, many at a time, and commits them in small batches
 * as they come: a crash costs at most what is under way. One key that cannot be read holds back no
 * other (S1.28). Must not know records or folders. */
#include <string.h>

#include "usecase/sync_fetch.h"

#define SLICE_MS 100u
#define URL_MAX 1024u
#define COMMIT_KEYS 64u /* held back: half of it is what a crash costs on average */
#define DRAIN_KEYS 192u /* so many at most, when that many answers are there already */

_Static_assert((DRAIN_KEYS + 1) * 2 <= BKEY_BATCH_MAX, "what is held back must fit one batch");

const bkey_plan_key *bkey_sync_fetch_key_at(const bkey_sync_fetch *f, uint32_t index)
{
    return &f->sync->plan.keys[index];
}

bkey_err bkey_sync_fetch_put_back(bkey_sync_fetch *f, uint32_t key, uint32_t attempt,
                                  uint64_t not_before_ns)
{
    bkey_sync_fetch_key *waiting = bkey_vec_add(&f->waiting);
    if (waiting == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    waiting->key = key;
    waiting->attempt = attempt;
    waiting->not_before_ns = not_before_ns;
    return bkey_ok();
}

/* A key whose time to be asked again has come. */
static bool take_waiting(bkey_sync_fetch *f, uint64_t now_ns, bkey_sync_fetch_key *out)
{
    bkey_sync_fetch_key *list = f->waiting.items;
    for (size_t i = 0; i < f->waiting.count; i++) {
        if (list[i].not_before_ns > now_ns)
            continue;
        *out = list[i];
        list[i] = list[--f->waiting.count];
        return true;
    }
    return false;
}

static bool take_next(bkey_sync_fetch *f, bkey_sync_fetch_key *out)
{
    /* Unread keys pile up no further than this while the service has trouble. */
    if (f->waiting.count >= 2 * (size_t)f->sync->net->max_parallel)
        return false;
    while (f->next < f->sync->plan.key_count) {
        uint32_t index = (uint32_t)f->next++;
        if ((bkey_sync_fetch_key_at(f, index)->todo & BKEY_DO_FETCH) != 0) {
            out->key = index;
            out->attempt = 1;
            f->started++;
            return true;
        }
    }
    return false;
}

static bkey_err fill(bkey_sync_fetch *f)
{
    const bkey_ports *ports = f->sync->ports;
    const uint64_t now = ports->mono_ns(ports->self);
    bkey_sync_fetch_key key = {0, 1, 0};
    if (now < f->pause_until_ns || f->need_token)
        return bkey_ok();
    while (f->in_flight < f->sync->net->max_parallel &&
           (take_waiting(f, now, &key) || take_next(f, &key))) {
        bkey_err err = bkey_sync_fetch_send_one(f, key.key, key.attempt);
        if (!bkey_is_ok(err))
            return err;
    }
    return bkey_ok();
}

static bkey_err renew(bkey_sync_fetch *f)
{
    f->need_token = false;
    f->token_proven = false;
    return bkey_sync_token_obtain(f->sync);
}

/* Nothing is under way and nothing may be sent yet. */
static bkey_err wait_for_turn(bkey_sync_fetch *f)
{
    const bkey_ports *ports = f->sync->ports;
    const bkey_sync_fetch_key *list = f->waiting.items;
    const uint64_t now = ports->mono_ns(ports->self);
    uint64_t until = UINT64_MAX;
    for (size_t i = 0; i < f->waiting.count; i++)
        until = list[i].not_before_ns < until ? list[i].not_before_ns : until;
    if (until == UINT64_MAX || until < f->pause_until_ns)
        until = f->pause_until_ns;
    return until > now ? ports->wait_ms(ports->self, f->sync->call, (until - now) / 1000000u + 1)
                       : bkey_ok();
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
    f->in_flight--;
    err = bkey_sync_fetch_take_reply(f, &reply);
    net->release(net->self, &reply);
    return err;
}

/* Everything that has arrived. Before the store is written the next requests are sent: Microsoft
 * answers them meanwhile. */
static bkey_err receive_all(bkey_sync_fetch *f)
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
    return bkey_is_ok(err) ? bkey_sync_fetch_take_commit(f) : err;
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

bkey_err bkey_sync_fetch_secrets(bkey_sync *sync)
{
    bkey_sync_fetch f;
    sync->unread = 0;
    if (sync->plan.fetches == 0)
        return bkey_ok();
    if (sync->plan.key_count > UINT32_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    memset(&f, 0, sizeof f);
    f.sync = sync;
    f.token_limit = sync->token_number;
    f.any_read = sync->held.count > 0; /* this sign-in has read keys before */
    bkey_vec_init(&f.waiting, sizeof(bkey_sync_fetch_key));
    bkey_vec_init(&f.fresh, sizeof(bkey_held_key));
    sup_buffer_init(&f.url, URL_MAX);
    bkey_err err = run(&f);
    /* What came before the trouble is worth keeping: it need not be read a second time. */
    bkey_err committed =
        bkey_is(err, BKEY_E_CONFLICT) ? bkey_ok() : bkey_sync_fetch_take_commit(&f);
    bkey_batch_clear(&sync->batch);
    sup_buffer_done(&f.url);
    bkey_vec_done(&f.fresh);
    bkey_vec_done(&f.waiting);
    return bkey_is_ok(err) ? committed : err;
}
