/* SPDX-License-Identifier: Apache-2.0
 *
 * One request at a time, with the retries that the protocol asks for. Must not know what is asked.
 */
#include "usecase/sync.h"

#include <string.h>

#include "domain/backoff.h"

#define SLICE_MS 100u /* so soon a cancelled tick is noticed */
#define REPLY_MAX (32u * 1024u * 1024u)
#define TOKEN_REPLY_MAX 65536u

bkey_err bkey_sync_request_open(bkey_sync *sync)
{
    if (sync->net != NULL)
        return bkey_ok();
    return sync->ports->net_new(sync->ports->self, sync->call, sync->settings.parallel_reads,
                                &sync->net);
}

/* Sends one request and waits for its answer; nothing else is under way meanwhile. */
static bkey_err exchange(bkey_sync *sync, const bkey_net_request *request,
                         bkey_net_reply *out_reply)
{
    bkey_net *net = sync->net;
    bool got = false;
    bkey_err err = net->submit(net->self, request);
    while (bkey_is_ok(err) && !got) {
        err = net->next(net->self, SLICE_MS, out_reply, &got);
        if (bkey_is_ok(err) && !got)
            err = sync->ports->still_wanted(sync->ports->self, sync->call);
    }
    if (!bkey_is_ok(err))
        net->cancel_all(net->self);
    return err;
}

bool bkey_sync_request_retry(bkey_sync *sync, const bkey_net_reply *reply, uint32_t attempt,
                             uint64_t *out_delay_ms)
{
    const bkey_backoff_rules rules = bkey_backoff_usual();
    bkey_backoff_failure failure = {attempt, -1, UINT64_MAX, 0};
    if (sync->is_check)
        return false;
    if (bkey_is_ok(reply->error)) {
        if (!bkey_backoff_is_passing(reply->status))
            return false;
        failure.retry_after_ms = reply->retry_after_ms;
    } else if (!bkey_is(reply->error, BKEY_E_NETWORK) && !bkey_is(reply->error, BKEY_E_PROXY)) {
        return false;
    }
    sync->ports->random(sync->ports->self, &failure.chance, sizeof failure.chance);
    return bkey_backoff_next(&rules, &failure, out_delay_ms);
}

/* With a token that has not ended. */
static bkey_err exchange_authorized(bkey_sync *sync, bkey_net_request *request,
                                    bkey_net_reply *out_reply)
{
    bkey_err err = bkey_sync_token_keep(sync);
    request->bearer = sync->access_token;
    return bkey_is_ok(err) ? exchange(sync, request, out_reply) : err;
}

static bkey_err renew(bkey_sync *sync, bkey_net_reply *refusal)
{
    (void)bkey_sync_token_challenged(sync, refusal);
    sync->net->release(sync->net->self, refusal);
    return bkey_sync_token_obtain(sync);
}

/* The answer that counts, or why there is none. */
static bkey_err settle(bkey_sync *sync, bkey_net_reply *reply, bkey_net_reply *out_reply)
{
    const bkey_err err = reply->error;
    if (bkey_is_ok(err))
        *out_reply = *reply;
    else
        sync->net->release(sync->net->self, reply);
    return err;
}

static bkey_err with_retries(bkey_sync *sync, bkey_net_request *request, bkey_net_reply *out_reply)
{
    const bkey_ports *ports = sync->ports;
    const bool authorized = request->bearer != NULL;
    uint32_t renewals = 0;
    uint64_t delay_ms = 0;
    for (uint32_t attempt = 1;; attempt++) {
        bkey_net_reply reply;
        memset(&reply, 0, sizeof reply);
        bkey_err err = authorized ? exchange_authorized(sync, request, &reply)
                                  : exchange(sync, request, &reply);
        if (!bkey_is_ok(err))
            return err;
        if (authorized && bkey_is_ok(reply.error) && reply.status == 401 && renewals++ == 0) {
            err = renew(sync, &reply);
            if (!bkey_is_ok(err))
                return err;
            continue;
        }
        if (!bkey_sync_request_retry(sync, &reply, attempt, &delay_ms))
            return settle(sync, &reply, out_reply);
        sync->net->release(sync->net->self, &reply);
        err = ports->wait_ms(ports->self, sync->call, delay_ms);
        if (!bkey_is_ok(err))
            return err;
    }
}

bkey_err bkey_sync_request_get(bkey_sync *sync, const char *url, bkey_net_reply *out_reply)
{
    bkey_net_request request = {.tag = UINT64_MAX, .url = url, .max_reply = REPLY_MAX};
    request.bearer = sync->access_token;
    return with_retries(sync, &request, out_reply);
}

bkey_err bkey_sync_request_post(bkey_sync *sync, const char *url, bkey_secret *form,
                                bkey_net_reply *out_reply)
{
    bkey_net_request request = {.tag = UINT64_MAX,
                                .url = url,
                                .body = form,
                                .flags = BKEY_NET_SECRET_REPLY | BKEY_NET_FORM,
                                .max_reply = TOKEN_REPLY_MAX};
    return with_retries(sync, &request, out_reply);
}
