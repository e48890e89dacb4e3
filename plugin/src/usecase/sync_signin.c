/* SPDX-License-Identifier: Apache-2.0
 *
 * One step of a sign-in that a person began: ask for a device code, ask whether somebody used it,
 * or exchange an authorization code. Connection, credential and the end of the sign-in are written
 * by one batch, so that a crash leaves all of it or nothing. Must not know how it was begun. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/device_code.h"
#include "graph/endpoints.h"
#include "state/credential.h"
#include "state/held.h"
#include "state/signin.h"
#include "usecase/findings_view.h"
#include "usecase/sync.h"

#define URL_MAX 1024u
#define SLOWER_S 5u /* what "slow down" adds, for good */

typedef struct stepping {
    bkey_sync *sync;
    bkey_place root;
    bkey_signin *signin;
} stepping;

static int64_t now_ms(const stepping *s)
{
    return s->sync->ports->wall_ms(s->sync->ports->self);
}

/* ---- writing ---- */

/* `more` are sealed rows that land with the sign-in's own, or not at all. */
static bkey_err store(stepping *s, const bkey_sealed *more, size_t count)
{
    bkey_sealed sealed;
    bkey_batch batch;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_init(&batch, s->sync->ports, s->sync->call, true);
    if (bkey_is_ok(err))
        err = bkey_signin_seal(&s->root, s->signin, &sealed);
    if (bkey_is_ok(err)) {
        for (size_t i = 0; i < count; i++)
            bkey_batch_put(&batch, &more[i]);
        bkey_batch_put(&batch, &sealed);
        err = bkey_batch_apply(&batch);
    }
    bkey_sealed_done(&sealed);
    bkey_batch_done(&batch);
    return err;
}

static bkey_err fail_with(stepping *s, uint32_t reason, const char *text)
{
    bkey_signin_end(s->signin, BKEY_SIGNIN_FAILED, reason, text);
    return store(s, NULL, 0);
}

/* What passes is tried again; what does not ends the sign-in with its sentence. */
static bkey_err take_failure(stepping *s, bkey_err err)
{
    const bkey_category category = bkey_err_category(err);
    const char *text = s->sync->detail[0] != '\0' ? s->sync->detail : bkey_err_text(err);
    if (category == BKEY_CAT_RETRY || category == BKEY_CAT_OVER || category == BKEY_CAT_LOCAL ||
        category == BKEY_CAT_CORRUPT || category == BKEY_CAT_BUG)
        return err;
    if (bkey_is(err, BKEY_E_POLICY) && s->signin->way == BKEY_SIGNIN_DEVICE)
        text = "A conditional access policy of the tenant blocks signing in with a device code: "
               "sign in with --grant code instead, or a Microsoft administrator of the tenant "
               "must allow it.";
    if (text != s->sync->detail && bkey_findings_view_at(s->signin->target.login_url, err,
                                                         s->sync->detail, sizeof s->sync->detail))
        text = s->sync->detail;
    err = fail_with(s, err.reason, text);
    s->sync->detail[0] = '\0';
    return err;
}

/* ---- success ---- */

static bkey_err count_held(void *context, const bkey_held_key *key)
{
    size_t *count = context;
    (void)key;
    (*count)++;
    return bkey_ok();
}

/* Keys may have come since the person chose: an organization that holds some stays named. */
static bkey_err keep_organizations(stepping *s, const bkey_connection *present)
{
    bkey_connection *target = &s->signin->target;
    for (uint32_t i = 0; i < present->organization_count; i++) {
        const bkey_place place = {s->sync->vault, s->sync->call, target->tenant,
                                  present->organization_ids[i]};
        size_t held = 0;
        if (bkey_connection_has(target, place.organization_id))
            continue;
        bkey_err err = bkey_held_scan(&place, count_held, &held);
        if (!bkey_is_ok(err))
            return err;
        if (held == 0)
            continue;
        if (target->organization_count == BKEY_CONNECTION_ORGANIZATIONS_MAX)
            return bkey_fail(BKEY_E_LIMIT);
        memcpy(target->organization_ids[target->organization_count++], place.organization_id,
               strlen(place.organization_id) + 1);
    }
    return bkey_ok();
}

static bkey_err follow_present(stepping *s)
{
    bkey_connection *present = calloc(1, sizeof *present);
    if (present == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_connection *target = &s->signin->target;
    bkey_err err = bkey_connection_get(&s->root, &target->tenant, present);
    target->revision = bkey_is_ok(err) ? present->revision : 0;
    if (bkey_is_ok(err))
        err = keep_organizations(s, present);
    else if (bkey_is(err, BKEY_E_NOT_CONNECTED))
        err = bkey_ok();
    free(present);
    return err;
}

static bkey_err seal_token(stepping *s, bkey_secret *token, bkey_sealed *out_sealed)
{
    const bkey_place place = {s->sync->vault, s->sync->call, s->signin->target.tenant, ""};
    bkey_credential credential = {.token = token,
                                  .app = s->signin->app,
                                  .grant = BKEY_GRANT_REFRESH,
                                  .cert_ends_ms = s->signin->cert_ends_ms};
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_credential_revision(&place, &credential.revision);
    return bkey_is_ok(err) ? bkey_credential_seal(&place, &credential, out_sealed) : err;
}

/* The old credential is in use until this lands, and gone for good with it. */
static bkey_err store_all(stepping *s, bkey_secret *token)
{
    bkey_sealed sealed[2];
    memset(sealed, 0, sizeof sealed);
    bkey_err err = follow_present(s);
    if (bkey_is_ok(err))
        err = seal_token(s, token, &sealed[0]);
    if (bkey_is_ok(err))
        err = bkey_connection_seal(&s->root, &s->signin->target, &sealed[1]);
    if (bkey_is_ok(err)) {
        bkey_signin_end(s->signin, BKEY_SIGNIN_DONE, 0, NULL);
        err = store(s, sealed, 2);
    }
    bkey_sealed_done(&sealed[1]);
    bkey_sealed_done(&sealed[0]);
    return err;
}

static bkey_err take_answer(stepping *s, bkey_token_answer *answer)
{
    bkey_token_claims claims;
    bkey_err err = bkey_token_claims_read(s->sync->slab, answer->access, &claims);
    if (!bkey_is_ok(err))
        return err;
    if (claims.readable && claims.has_tenant &&
        !sup_guid_equal(&claims.tenant, &s->signin->target.tenant))
        return fail_with(s, BKEY_E_WRONG_TENANT, bkey_err_text(bkey_fail(BKEY_E_WRONG_TENANT)));
    if (answer->refresh == NULL)
        return fail_with(s, BKEY_E_CONSENT,
                         "Microsoft gave no refresh token, so the sign-in would end within the "
                         "hour and was not kept: a Microsoft administrator must allow the app "
                         "offline access.");
    return store_all(s, answer->refresh);
}

/* ---- asking ---- */

static bkey_err ask_token(stepping *s, bkey_net_reply *out_reply)
{
    const bkey_signin *signin = s->signin;
    const bool by_code = signin->way == BKEY_SIGNIN_CODE;
    const bkey_sync_grant grant = {
        .app = &signin->target,
        .tenant = &signin->target.tenant,
        .kind = by_code ? BKEY_TOKEN_CODE : BKEY_TOKEN_DEVICE,
        .credential = signin->code,
        .secret = signin->app,
        .is_pem = signin->cert_ends_ms != 0,
        .verifier = by_code ? signin->verifier : NULL,
        .redirect = by_code ? signin->address : NULL,
    };
    return bkey_sync_grant_ask(s->sync, &grant, out_reply);
}

static bkey_err read_token(stepping *s, const bkey_net_reply *reply)
{
    bkey_token_answer answer;
    memset(&answer, 0, sizeof answer);
    bkey_err err = bkey_sync_grant_read(s->sync, reply, &answer);
    err = bkey_is_ok(err) ? take_answer(s, &answer) : take_failure(s, err);
    bkey_token_answer_done(&answer);
    return err;
}

static bkey_err exchange_code(stepping *s)
{
    bkey_net_reply reply;
    bkey_err err = ask_token(s, &reply);
    if (!bkey_is_ok(err))
        return take_failure(s, err);
    err = read_token(s, &reply);
    s->sync->net->release(s->sync->net->self, &reply);
    return err;
}

static bkey_err wait_on(stepping *s, uint32_t more_s)
{
    bkey_signin *signin = s->signin;
    signin->interval_s += more_s;
    signin->next_poll_ms = now_ms(s) + (int64_t)signin->interval_s * 1000;
    return store(s, NULL, 0);
}

static bkey_err take_poll(stepping *s, const bkey_net_reply *reply)
{
    switch (bkey_device_code_poll(reply)) {
    case BKEY_DEVICE_POLL_PENDING:
        return wait_on(s, 0);
    case BKEY_DEVICE_POLL_SLOW_DOWN:
        return wait_on(s, SLOWER_S);
    case BKEY_DEVICE_POLL_DECLINED:
        return fail_with(s, BKEY_E_SIGN_IN,
                         "The sign-in was declined at Microsoft's page, so nothing was changed. "
                         "Begin again when the person there agrees.");
    case BKEY_DEVICE_POLL_EXPIRED:
        return fail_with(s, BKEY_E_SIGN_IN,
                         "Nobody completed the sign-in in time, so nothing was changed. Begin it "
                         "again.");
    case BKEY_DEVICE_POLL_ANSWERED:
        break;
    }
    return read_token(s, reply);
}

static bkey_err poll_device(stepping *s)
{
    bkey_net_reply reply;
    if (now_ms(s) < s->signin->next_poll_ms)
        return bkey_ok();
    bkey_err err = ask_token(s, &reply);
    if (!bkey_is_ok(err))
        return take_failure(s, err);
    err = take_poll(s, &reply);
    s->sync->net->release(s->sync->net->self, &reply);
    return err;
}

static bkey_err keep_device_code(stepping *s, bkey_device_code *given)
{
    bkey_signin *signin = s->signin;
    signin->state = BKEY_SIGNIN_WAITING;
    signin->interval_s = given->interval_s;
    signin->ends_ms = now_ms(s) + given->expires_in_s * 1000;
    memcpy(signin->user_code, given->user_code, sizeof signin->user_code);
    memcpy(signin->address, given->address, sizeof signin->address);
    memcpy(signin->message, given->message, sizeof signin->message);
    bkey_secret_free(&signin->code);
    signin->code = given->code;
    given->code = NULL;
    return wait_on(s, 0);
}

static bkey_err begin_device(stepping *s)
{
    bkey_sync *sync = s->sync;
    const bkey_connection *target = &s->signin->target;
    bkey_device_code given = {.code = NULL};
    bkey_secret *body = NULL;
    bkey_net_reply reply;
    sup_buffer url;
    sup_buffer_init(&url, URL_MAX);
    bkey_err err =
        bkey_endpoints_device_code(target->login_url, &target->tenant, &url)
            ? bkey_device_code_body(sync->slab, target->client_id, target->graph_url, &body)
            : bkey_fail(BKEY_E_URL);
    if (bkey_is_ok(err))
        err = bkey_sync_request_post(sync, sup_buffer_text(&url), body, &reply);
    if (bkey_is_ok(err)) {
        err = bkey_device_code_read(sync->slab, &reply, &given);
        if (!bkey_is_ok(err))
            bkey_sync_grant_explain(sync, &reply, err);
        sync->net->release(sync->net->self, &reply);
    }
    err = bkey_is_ok(err) ? keep_device_code(s, &given) : take_failure(s, err);
    bkey_secret_free(&given.code);
    bkey_secret_free(&body);
    sup_buffer_done(&url);
    return err;
}

static bkey_err step_open(stepping *s)
{
    const bkey_signin *signin = s->signin;
    /* Without the add-on not one request goes to Microsoft (S1.5). */
    if (!s->sync->ports->entitled(s->sync->ports->self))
        return bkey_fail(BKEY_E_ENTITLEMENT);
    if (signin->ends_ms != 0 && now_ms(s) >= signin->ends_ms)
        return fail_with(s, BKEY_E_SIGN_IN,
                         "Nobody completed the sign-in in time, so nothing was changed. Begin it "
                         "again.");
    if (signin->state == BKEY_SIGNIN_WAITING && signin->way == BKEY_SIGNIN_CODE)
        return bkey_ok();
    bkey_err err = bkey_sync_request_open(s->sync);
    if (!bkey_is_ok(err))
        return err;
    if (signin->state == BKEY_SIGNIN_ANSWERED)
        return exchange_code(s);
    return signin->state == BKEY_SIGNIN_BEGUN ? begin_device(s) : poll_device(s);
}

bkey_err bkey_sync_signin_step(bkey_sync *sync)
{
    stepping s = {.sync = sync, .root = bkey_connection_place(sync->vault, sync->call)};
    s.signin = calloc(1, sizeof *s.signin);
    if (s.signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_signin_get(&s.root, &sync->tenant, s.signin);
    if (bkey_is_ok(err) && bkey_signin_is_open(s.signin)) {
        err = step_open(&s);
        sync->signin_landed = bkey_is_ok(err) && s.signin->state == BKEY_SIGNIN_DONE;
    }
    /* Somebody began anew or took it back meanwhile: that is what counts. */
    if (bkey_is(err, BKEY_E_NO_STATE) || bkey_is(err, BKEY_E_CONFLICT))
        err = bkey_ok();
    sync->signin_waits = bkey_signin_is_open(s.signin);
    bkey_signin_done(s.signin);
    free(s.signin);
    return err;
}

bool bkey_sync_signin_is_open(const bkey_sync *sync)
{
    const bkey_place root = bkey_connection_place(sync->vault, sync->call);
    bkey_signin *signin = calloc(1, sizeof *signin);
    if (signin == NULL)
        return false;
    const bool is_open =
        bkey_is_ok(bkey_signin_get(&root, &sync->tenant, signin)) && bkey_signin_is_open(signin);
    bkey_signin_done(signin);
    free(signin);
    return is_open;
}
