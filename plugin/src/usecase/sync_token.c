/* SPDX-License-Identifier: Apache-2.0
 *
 * The access token of a tick. A renewed refresh token is durable before the access token that came
 * with it is used: a crash in between must not lose the sign-in. Must not know what is asked with
 * it. */
#include "usecase/sync.h"

#include <sodium.h>
#include <string.h>

#include "graph/endpoints.h"
#include "graph/token.h"
#include "state/credential.h"

#define URL_MAX 1024u

static bkey_place credential_place(const bkey_sync *sync)
{
    return bkey_sync_state_place(sync, BKEY_NONE);
}

static bkey_err ask(bkey_sync *sync, bkey_secret *credential, bkey_token_answer *out_answer)
{
    const bkey_token_request request = {sync->slab, sync->connection.client_id,
                                        sync->connection.graph_url, credential,
                                        sync->connection.grant == BKEY_GRANT_REFRESH};
    bkey_secret *body = NULL;
    bkey_net_reply reply;
    sup_buffer url;
    sup_buffer_init(&url, URL_MAX);
    bkey_err err = bkey_endpoints_token(sync->connection.login_url, &sync->tenant, &url)
                       ? bkey_token_body(&request, &body)
                       : bkey_fail(BKEY_E_URL);
    if (bkey_is_ok(err))
        err = bkey_sync_request_post(sync, sup_buffer_text(&url), body, &reply);
    if (bkey_is_ok(err)) {
        err = bkey_token_read(sync->slab, reply.status, reply.body, out_answer);
        sync->aadsts = bkey_is_ok(err) ? 0 : bkey_token_aadsts(reply.body);
        bkey_sync_check_reply(sync, &reply);
        sync->net->release(sync->net->self, &reply);
    }
    bkey_secret_free(&body);
    sup_buffer_done(&url);
    return err;
}

static bool is_same(bkey_secret *a, bkey_secret *b)
{
    if (bkey_secret_len(a) != bkey_secret_len(b))
        return false;
    const uint8_t *left = bkey_secret_borrow(a);
    const uint8_t *right = bkey_secret_borrow(b);
    bool same = sodium_memcmp(left, right, bkey_secret_len(a)) == 0;
    bkey_secret_return(b);
    bkey_secret_return(a);
    return same;
}

/* Apart from the tick's own batch: a renewed credential is no change of what is documented. */
static bkey_err store_renewed(bkey_sync *sync, const bkey_credential *old, bkey_secret *renewed)
{
    bkey_place place = credential_place(sync);
    bkey_sealed sealed;
    bkey_batch batch;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_init(&batch, sync->ports, sync->call, true);
    if (bkey_is_ok(err))
        err = bkey_credential_seal(&place, BKEY_GRANT_REFRESH, renewed, old->revision, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&batch, &sealed);
        err = bkey_batch_apply(&batch);
    }
    bkey_sealed_done(&sealed);
    bkey_batch_done(&batch);
    return err;
}

static bkey_err check_claims(bkey_sync *sync, bkey_secret *access)
{
    bkey_token_claims claims;
    bkey_err err = bkey_token_claims_read(sync->slab, access, &claims);
    if (!bkey_is_ok(err))
        return err;
    if (claims.readable && claims.has_tenant && !sup_guid_equal(&claims.tenant, &sync->tenant))
        return bkey_fail(BKEY_E_WRONG_TENANT);
    bkey_sync_preflight_claims(sync, &claims);
    return bkey_ok();
}

/* How old the sign-in is, and how long its tokens live. */
static void judge_times(bkey_sync *sync, const bkey_credential *credential,
                        const bkey_token_answer *answer)
{
    if (!sync->is_check)
        return;
    bkey_preflight_lifetime(&sync->preflight, answer->expires_in_s);
    if (credential->grant == BKEY_GRANT_REFRESH && answer->refresh == NULL)
        bkey_preflight_age(&sync->preflight, sync->ports->wall_ms(sync->ports->self),
                           credential->sealed_ms);
}

bkey_err bkey_sync_token_obtain(bkey_sync *sync)
{
    bkey_place place = credential_place(sync);
    bkey_credential credential;
    bkey_token_answer answer;
    memset(&credential, 0, sizeof credential);
    memset(&answer, 0, sizeof answer);
    bkey_secret_free(&sync->access_token);
    sync->aadsts = 0;
    bkey_err err = bkey_sync_request_open(sync);
    if (bkey_is_ok(err))
        err = bkey_credential_get(&place, &credential);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_fail(BKEY_E_SIGN_IN);
    if (bkey_is_ok(err))
        err = ask(sync, credential.token, &answer);
    if (bkey_is_ok(err) && answer.refresh != NULL && credential.grant == BKEY_GRANT_REFRESH &&
        !is_same(answer.refresh, credential.token))
        err = store_renewed(sync, &credential, answer.refresh);
    if (bkey_is_ok(err))
        err = check_claims(sync, answer.access);
    if (bkey_is_ok(err)) {
        judge_times(sync, &credential, &answer);
        sync->access_token = answer.access;
        sync->token_number++;
        answer.access = NULL;
    }
    bkey_token_answer_done(&answer);
    bkey_credential_done(&credential);
    return bkey_sync_preflight_verdict(sync, err);
}
