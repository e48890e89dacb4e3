/* SPDX-License-Identifier: Apache-2.0
 *
 * What the answer to a key read means: a secret, a key to ask for again, a pause for all, or
 * trouble that the next key would meet too. One key that cannot be read holds back no other
 * (S1.28), and one item of a batch no other item. Must not know how requests are made. */
#include "domain/backoff.h"
#include "graph/decode.h"
#include "usecase/sync_fetch.h"

/* So many bad answers in a row, for every request that may be under way, and it is the service
 * that is down, not a key. */
#define BAD_RUN_PER_REQUEST 4u
#define BAD_RUN_MIN 100u
#define REFUSALS_MAX 3u    /* a key that good tokens do not open so often is the one at fault */
#define REFUSED_MAX 24u    /* such keys in a row, and it is the sign-in that is at fault */
#define PAUSES_MAX 12u     /* throttled so often without one good answer between */
#define BAD_BATCHES_MAX 3u /* in a row, and batches are not what this service can do */

/* How long to wait when the service does not say. */
static uint64_t guess_wait_ms(const bkey_sync_fetch *f)
{
    const bkey_backoff_rules rules = {PAUSES_MAX + 2, 1000, 8000};
    bkey_backoff_failure failure = {f->pauses + 1, -1, UINT64_MAX, 0};
    uint64_t wait_ms = rules.cap_ms;
    f->sync->ports->random(f->sync->ports->self, &failure.chance, sizeof failure.chance);
    (void)bkey_backoff_next(&rules, &failure, &wait_ms);
    return wait_ms;
}

/* Throttling stops all reads, not this one alone. */
static bkey_err note_throttled(bkey_sync_fetch *f, const bkey_net_reply *reply)
{
    const bool named = reply->retry_after_ms > 0;
    const uint64_t wait_ms = named ? (uint64_t)reply->retry_after_ms : guess_wait_ms(f);
    bkey_contest_void(&f->contest);
    if (bkey_pace_refused(&f->pace, bkey_sync_fetch_now(f), wait_ms, !named))
        f->pauses++;
    /* Else only keys are left that this service never gives, see S1.28. */
    const bool all_asked = f->started >= f->sync->plan.fetches;
    return f->pauses > PAUSES_MAX && !all_asked ? bkey_fail(BKEY_E_THROTTLED) : bkey_ok();
}

static bkey_err take_throttled(bkey_sync_fetch *f, const bkey_sync_fetch_key *key,
                               const bkey_net_reply *reply)
{
    bkey_sync_fetch_key again = *key;
    bkey_err err = note_throttled(f, reply);
    if (!bkey_is_ok(err))
        return err;
    if (f->pauses > PAUSES_MAX) {
        bkey_sync_fetch_keep_out(f, bkey_sync_fetch_key_at(f, key->key), true);
        return bkey_ok();
    }
    again.throttled++;
    again.not_before_ns = 0;
    return bkey_sync_fetch_put_back(f, &again);
}

/* Passing trouble: this key later, and fewer at once. */
static bkey_err try_later(bkey_sync_fetch *f, bkey_sync_fetch_question *question, uint32_t item,
                          const bkey_net_reply *reply, uint64_t delay_ms)
{
    const uint64_t now = bkey_sync_fetch_now(f);
    const uint32_t limit = f->sync->settings.parallel_reads * BAD_RUN_PER_REQUEST;
    bkey_sync_fetch_key again = question->keys[item];
    bkey_pace_trouble(&f->pace, now);
    bkey_contest_void(&f->contest);
    if (bkey_is_ok(reply->error) && reply->status == 503 && reply->retry_after_ms > 0)
        bkey_pace_hold(&f->pace, now, (uint64_t)reply->retry_after_ms);
    /* A batch that is lost is one bad answer, not twenty. */
    f->bad_run += question->is_bad ? 0 : 1;
    question->is_bad = true;
    if (f->bad_run > (limit > BAD_RUN_MIN ? limit : BAD_RUN_MIN) &&
        f->started < f->sync->plan.fetches) /* else only hard keys are left, see S1.28 */
        return bkey_is_ok(reply->error) ? bkey_fail(BKEY_E_REMOTE_FAULT) : reply->error;
    again.attempt++;
    again.alone = true;
    again.not_before_ns = now + delay_ms * 1000000u;
    return bkey_sync_fetch_put_back(f, &again);
}

/* A token may end in the middle of a long run: it is renewed when nothing is under way, and again
 * only after the new one has read something. A key that new tokens do not open while they open
 * others is given up: it must not hold back the rest. */
static bkey_err take_unauthorized(bkey_sync_fetch *f, const bkey_sync_fetch_key *key,
                                  uint32_t token)
{
    const bool renewed = f->sync->token_number > f->token_limit;
    bkey_sync_fetch_key again = *key;
    again.not_before_ns = 0;
    if (token != f->sync->token_number || f->need_token)
        return bkey_sync_fetch_put_back(f, &again);
    if (renewed && !f->token_proven && (!f->any_read || ++f->refused > REFUSED_MAX))
        return bkey_fail(BKEY_E_TOKEN_REFUSED);
    if (renewed && (!f->token_proven || key->attempt >= REFUSALS_MAX)) {
        bkey_sync_fetch_keep_out(f, bkey_sync_fetch_key_at(f, key->key), true);
        return bkey_ok();
    }
    f->need_token = true;
    again.attempt++;
    return bkey_sync_fetch_put_back(f, &again);
}

static bkey_err take_good(bkey_sync_fetch *f, const bkey_sync_fetch_question *question,
                          uint32_t item, bkey_bytes body)
{
    const uint64_t now = bkey_sync_fetch_now(f);
    f->bad_run = 0;
    f->pauses = 0;
    f->token_proven = true;
    f->any_read = true;
    f->refused = 0;
    bkey_pace_good(&f->pace, now, now - question->sent_ns, 1);
    bkey_contest_done(&f->contest, question->way, 1, now);
    return bkey_sync_fetch_keep(f, bkey_sync_fetch_key_at(f, question->keys[item].key), body);
}

/* An answer to one key, be it to a request or to an item of a batch. */
static bkey_err take_one(bkey_sync_fetch *f, bkey_sync_fetch_question *question, uint32_t item,
                         const bkey_net_reply *reply)
{
    const bkey_sync_fetch_key *key = &question->keys[item];
    const bkey_plan_key *planned = bkey_sync_fetch_key_at(f, key->key);
    uint64_t delay_ms = 0;
    if (bkey_is_ok(reply->error) && reply->status == 429)
        return take_throttled(f, key, reply);
    if (bkey_sync_request_retry(f->sync, reply, key->attempt, &delay_ms))
        return try_later(f, question, item, reply, delay_ms);
    if (bkey_is(reply->error, BKEY_E_NETWORK) || bkey_is(reply->error, BKEY_E_PROXY) ||
        bkey_is(reply->error, BKEY_E_BODY_SIZE)) {
        bkey_sync_fetch_keep_out(f, planned, bkey_is(reply->error, BKEY_E_BODY_SIZE));
        return bkey_ok();
    }
    if (!bkey_is_ok(reply->error))
        return reply->error;
    if (reply->status == 401)
        (void)bkey_sync_token_challenged(f->sync, reply);
    if (reply->status == 401)
        return take_unauthorized(f, key, question->token);
    if (reply->status == 200)
        return take_good(f, question, item, reply->body);
    bkey_err err = bkey_decode_failure(BKEY_CALL_KEY, reply->status, reply->body);
    bkey_category category = bkey_err_category(err);
    if (category == BKEY_CAT_DENIED || category == BKEY_CAT_AUTH || category == BKEY_CAT_CONFIG)
        return err; /* the next key would be answered the same */
    bkey_sync_fetch_keep_out(f, planned, true);
    return bkey_ok();
}

/* Asked for again alone: what an answer in a batch means may be meant for batches only. */
static bkey_err ask_alone(bkey_sync_fetch *f, const bkey_sync_fetch_key *key, uint16_t attempts)
{
    bkey_sync_fetch_key again = *key;
    again.alone = true;
    again.attempt = (uint16_t)(again.attempt + attempts);
    again.not_before_ns = 0;
    return bkey_sync_fetch_put_back(f, &again);
}

typedef struct batch_walk {
    bkey_sync_fetch *f;
    bkey_sync_fetch_question *question;
    uint32_t taken; /* a bit for each item */
} batch_walk;

static bkey_err take_item(void *context, const bkey_json_batch_answer *answer)
{
    batch_walk *walk = context;
    const bkey_net_reply reply = {
        .status = answer->status, .retry_after_ms = answer->retry_after_ms, .body = answer->body};
    walk->taken |= 1u << answer->index;
    if (answer->status == 200)
        walk->question->good++;
    else if (answer->status != 401 && !bkey_backoff_is_passing(answer->status)) {
        walk->question->odd++;
        return ask_alone(walk->f, &walk->question->keys[answer->index], 0);
    }
    return take_one(walk->f, walk->question, answer->index, &reply);
}

static void end_batches(bkey_sync_fetch *f)
{
    const bkey_recall_key name = {&f->sync->tenant, &f->sync->tenant, bkey_sync_fetch_now(f),
                                  BKEY_RECALL_SECRET};
    bkey_recall_no_batch(f->sync->recall, &name);
    bkey_contest_close(&f->contest);
}

static bkey_err take_items(bkey_sync_fetch *f, bkey_sync_fetch_question *question,
                           const bkey_net_reply *reply)
{
    const bkey_json_batch_reply batch = {reply->body, reply->date_s, question->count};
    batch_walk walk = {f, question, 0};
    uint32_t missing = 0;
    bkey_err err = bkey_json_batch_read(&batch, take_item, &walk, &missing);
    if (!bkey_is_ok(err) && bkey_err_category(err) != BKEY_CAT_REMOTE)
        return err;
    f->bad_batches = bkey_is_ok(err) && missing == 0 ? 0 : f->bad_batches + 1;
    if (question->odd == question->count || f->bad_batches == BAD_BATCHES_MAX)
        end_batches(f);
    err = bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i < question->count; i++)
        if ((walk.taken & 1u << i) == 0)
            err = ask_alone(f, &question->keys[i], 1);
    return err;
}

/* Not a word about the keys: this service does not do batches, or not of these. */
static bool is_about_batches(const bkey_net_reply *reply)
{
    if (!bkey_is_ok(reply->error))
        return bkey_is(reply->error, BKEY_E_BODY_SIZE);
    return reply->status != 200 && reply->status != 401 && !bkey_backoff_is_passing(reply->status);
}

static bkey_err take_batch(bkey_sync_fetch *f, bkey_sync_fetch_question *question,
                           const bkey_net_reply *reply)
{
    bkey_err err = bkey_ok();
    const bool refused = is_about_batches(reply);
    if (!refused && bkey_is_ok(reply->error) && reply->status == 200)
        return take_items(f, question, reply);
    if (refused)
        end_batches(f);
    for (uint32_t i = 0; bkey_is_ok(err) && i < question->count; i++)
        err = refused ? ask_alone(f, &question->keys[i], 0) : take_one(f, question, i, reply);
    return err;
}

bkey_err bkey_sync_fetch_take(bkey_sync_fetch *f, const bkey_net_reply *reply)
{
    bkey_sync_fetch_question *question = &f->questions[reply->tag];
    f->idle[f->idle_count++] = (uint32_t)reply->tag;
    f->in_flight--;
    f->load -= bkey_sync_fetch_weight(f, question->way);
    return question->way == BKEY_SYNC_FETCH_TOGETHER ? take_batch(f, question, reply)
                                                     : take_one(f, question, 0, reply);
}
