/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ways to ask for secrets: each alone, or a batch in one request. Must not know which key
 * is next nor what becomes of an answer. */
#include "graph/endpoints.h"
#include "usecase/sync_fetch.h"

#define REPLY_MAX 8192u
#define BATCH_REPLY_MAX 65536u

static bool write_batch(bkey_sync_fetch *f, const bkey_sync_fetch_key *keys, uint32_t count)
{
    sup_buffer_reset(&f->json);
    for (uint32_t i = 0; i < count; i++) {
        sup_buffer_reset(&f->url);
        if (!bkey_endpoints_key_in_batch(&bkey_sync_fetch_key_at(f, keys[i].key)->id, &f->url) ||
            !bkey_json_batch_add(&f->json, i, sup_buffer_text(&f->url)))
            return false;
    }
    sup_buffer_reset(&f->url);
    return bkey_json_batch_end(&f->json) &&
           bkey_endpoints_batch(f->sync->connection.graph_url, &f->url);
}

static bool write_one(bkey_sync_fetch *f, const bkey_sync_fetch_key *key)
{
    const bkey_plan_key *planned = bkey_sync_fetch_key_at(f, key->key);
    sup_buffer_reset(&f->url);
    return bkey_endpoints_key(f->sync->connection.graph_url, &planned->id, &f->url);
}

bkey_err bkey_sync_fetch_send(bkey_sync_fetch *f, const bkey_sync_fetch_key *keys, uint32_t count)
{
    bkey_sync *sync = f->sync;
    const bool together = count > 1;
    const uint32_t index = f->idle[f->idle_count - 1];
    bkey_sync_fetch_question *question = &f->questions[index];
    if (together ? !write_batch(f, keys, count) : !write_one(f, keys))
        return bkey_fail(BKEY_E_URL);
    const bkey_net_request request = {.tag = index,
                                      .url = sup_buffer_text(&f->url),
                                      .bearer = sync->access_token,
                                      .json = together ? sup_buffer_text(&f->json) : NULL,
                                      .flags = BKEY_NET_SECRET_REPLY,
                                      .max_reply = together ? BATCH_REPLY_MAX : REPLY_MAX};
    bkey_err err = sync->net->submit(sync->net->self, &request);
    if (!bkey_is_ok(err))
        return err;
    question->sent_ns = bkey_sync_fetch_now(f);
    question->token = sync->token_number;
    question->way = together ? BKEY_SYNC_FETCH_TOGETHER : BKEY_SYNC_FETCH_ALONE;
    question->count = count;
    question->good = 0;
    question->odd = 0;
    question->is_bad = false;
    for (uint32_t i = 0; i < count; i++)
        question->keys[i] = keys[i];
    f->idle_count--;
    f->in_flight++;
    f->load += bkey_sync_fetch_weight(f, question->way);
    bkey_pace_sent(&f->pace, question->sent_ns, count);
    return bkey_ok();
}
