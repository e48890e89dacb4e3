/* SPDX-License-Identifier: Apache-2.0
 *
 * Ways to ask for secrets. Must not know which key is next nor what becomes of an answer. */
#include <string.h>

#include "graph/endpoints.h"
#include "usecase/sync_fetch.h"

#define REPLY_MAX 8192u

/* The request's tag carries what its answer needs, so that no table of requests is kept. */
static uint64_t make_tag(uint32_t key, uint32_t attempt, uint32_t token)
{
    return ((uint64_t)key << 32) | ((uint64_t)(attempt & 0xffffu) << 16) | (token & 0xffffu);
}

bkey_err bkey_sync_fetch_send_one(bkey_sync_fetch *f, uint32_t index, uint32_t attempt)
{
    bkey_sync *sync = f->sync;
    bkey_net_request request = {
        .bearer = sync->access_token, .flags = BKEY_NET_SECRET_REPLY, .max_reply = REPLY_MAX};
    sup_buffer_reset(&f->url);
    if (!bkey_endpoints_key(sync->connection.graph_url, &bkey_sync_fetch_key_at(f, index)->id,
                            &f->url))
        return bkey_fail(BKEY_E_URL);
    request.tag = make_tag(index, attempt, sync->token_number);
    request.url = sup_buffer_text(&f->url);
    bkey_err err = sync->net->submit(sync->net->self, &request);
    if (bkey_is_ok(err))
        f->in_flight++;
    return err;
}
