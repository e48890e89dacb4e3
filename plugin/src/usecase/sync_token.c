/* SPDX-License-Identifier: Apache-2.0
 *
 * The access token of a tick. A renewed refresh token is durable before the access token that came
 * with it is used: a crash in between must not lose the sign-in. Must not know what is asked with
 * it. */
#include "usecase/sync.h"

#include <stdio.h>
#include <string.h>

#include "state/credential.h"

/* A token is renewed so long before it ends; a short one at half of its life. */
#define SLACK_S 300
#define CREDENTIAL_WAIT_MS 50u

static bkey_place credential_place(const bkey_sync *sync)
{
    bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    if (bkey_connection_is_customer(&sync->connection))
        place.tenant = sync->connection.partner;
    return place;
}

static bkey_err ask(bkey_sync *sync, const bkey_credential *credential,
                    bkey_token_answer *out_answer)
{
    const bool application = credential->grant != BKEY_GRANT_REFRESH;
    const bkey_sync_grant grant = {
        .app = &sync->connection,
        .tenant = &sync->tenant,
        .kind = application ? BKEY_TOKEN_CLIENT : BKEY_TOKEN_REFRESH,
        .credential = application ? NULL : credential->token,
        .secret = application ? credential->token : credential->app,
        .is_pem = credential->cert_ends_ms != 0,
    };
    bkey_net_reply reply;
    bkey_err err = bkey_sync_grant_ask(sync, &grant, &reply);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_token_read(sync->slab, reply.status, reply.body, out_answer);
    sync->aadsts = bkey_is_ok(err) ? 0 : bkey_token_aadsts(reply.body);
    bkey_sync_check_reply(sync, &reply);
    sync->net->release(sync->net->self, &reply);
    return err;
}

/* Apart from the tick's own batch: a renewed credential is no change of what is documented. */
static bkey_err store_renewed(bkey_sync *sync, const bkey_credential *old, bkey_secret *renewed)
{
    bkey_place place = credential_place(sync);
    bkey_credential next = *old;
    bkey_sealed sealed;
    bkey_batch batch;
    memset(&sealed, 0, sizeof sealed);
    next.token = renewed;
    bkey_err err = bkey_batch_init(&batch, sync->ports, sync->call, true);
    if (bkey_is_ok(err))
        err = bkey_credential_seal(&place, &next, &sealed);
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

/* Told whether it still works or not: Microsoft's refusal does not always say why. */
static void judge_certificate(bkey_sync *sync, const bkey_credential *credential)
{
    if (sync->is_check && credential->cert_ends_ms != 0)
        bkey_preflight_certificate(&sync->preflight, sync->ports->wall_ms(sync->ports->self),
                                   credential->cert_ends_ms);
}

/* Somebody else's exchange takes as long as a request does, and no longer. */
static bkey_err take_credential(bkey_sync *sync, const sup_guid *owner)
{
    bkey_err err = bkey_busy_credential_begin(sync->busy, owner);
    while (bkey_is(err, BKEY_E_UNIT_BUSY)) {
        err = sync->ports->wait_ms(sync->ports->self, sync->call, CREDENTIAL_WAIT_MS);
        if (bkey_is_ok(err))
            err = bkey_busy_credential_begin(sync->busy, owner);
    }
    return err;
}

/* With the credential for ourselves: what is read here is the newest, and what comes is durable
 * before anybody else reads it. */
static bkey_err exchange_token(bkey_sync *sync, bkey_token_answer *answer)
{
    const bkey_place place = credential_place(sync);
    bkey_credential credential;
    memset(&credential, 0, sizeof credential);
    bkey_err err = bkey_credential_get(&place, &credential);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_fail(BKEY_E_SIGN_IN);
    if (bkey_is_ok(err)) {
        judge_certificate(sync, &credential);
        err = ask(sync, &credential, answer);
    }
    if (bkey_is_ok(err) && answer->refresh != NULL && credential.grant == BKEY_GRANT_REFRESH &&
        !bkey_secret_same(answer->refresh, credential.token))
        err = store_renewed(sync, &credential, answer->refresh);
    if (bkey_is_ok(err))
        judge_times(sync, &credential, answer);
    bkey_credential_done(&credential);
    return err;
}

static void keep_token(bkey_sync *sync, bkey_token_answer *answer)
{
    const int64_t life = answer->expires_in_s;
    const int64_t left = life > 2 * SLACK_S ? life - SLACK_S : life / 2;
    sync->renew_ns = sync->ports->mono_ns(sync->ports->self) + (uint64_t)left * 1000000000u;
    sync->access_token = answer->access;
    sync->token_number++;
    answer->access = NULL;
}

bkey_err bkey_sync_token_obtain(bkey_sync *sync)
{
    const sup_guid owner = credential_place(sync).tenant;
    bkey_token_answer answer;
    memset(&answer, 0, sizeof answer);
    bkey_secret_free(&sync->access_token);
    sync->aadsts = 0;
    bkey_err err = bkey_sync_request_open(sync);
    if (bkey_is_ok(err))
        err = take_credential(sync, &owner);
    if (bkey_is_ok(err)) {
        err = exchange_token(sync, &answer);
        bkey_busy_credential_end(sync->busy, &owner);
    }
    if (bkey_is_ok(err))
        err = check_claims(sync, answer.access);
    if (bkey_is_ok(err))
        keep_token(sync, &answer);
    bkey_token_answer_done(&answer);
    return bkey_sync_preflight_verdict(sync, err);
}

bkey_err bkey_sync_token_keep(bkey_sync *sync)
{
    if (sync->access_token != NULL && sync->ports->mono_ns(sync->ports->self) < sync->renew_ns)
        return bkey_ok();
    return bkey_sync_token_obtain(sync);
}

bool bkey_sync_token_challenged(bkey_sync *sync, const bkey_net_reply *reply)
{
    if (reply->challenge == NULL || strcmp(reply->challenge, sync->challenge) == 0)
        return false;
    (void)snprintf(sync->challenge, sizeof sync->challenge, "%s", reply->challenge);
    return true;
}
