/* SPDX-License-Identifier: Apache-2.0
 *
 * One request for a token, of whatever kind: who the app is, what it shows, and what a refusal
 * says. Must not know what the token is for nor keep any. */
#include "usecase/sync.h"

#include <string.h>

#include "graph/assertion.h"
#include "graph/endpoints.h"
#include "usecase/findings_view.h"

#define URL_MAX 1024u
#define AADSTS_UNKNOWN_KEY 700027u /* the assertion's certificate is not one of the app's */

typedef struct asking {
    bkey_sync *sync;
    const bkey_sync_grant *grant;
    sup_buffer url;
    sup_buffer claims;
    bool older; /* form of the assertion */
} asking;

static bkey_err prove_app(const asking *a, bkey_secret **out_app)
{
    const bkey_ports *ports = a->sync->ports;
    bkey_secret *secret = a->grant->secret;
    bkey_assertion wanted = {.slab = a->sync->slab,
                             .pem = secret,
                             .client_id = a->grant->app->client_id,
                             .audience = sup_buffer_text(&a->url),
                             .now_s = ports->wall_ms(ports->self) / 1000,
                             .older = a->older};
    if (!a->grant->is_pem) {
        bkey_err err = bkey_secret_dup(a->sync->slab, bkey_secret_borrow(secret),
                                       bkey_secret_len(secret), out_app);
        bkey_secret_return(secret);
        return err;
    }
    ports->random(ports->self, wanted.id, sizeof wanted.id);
    return bkey_assertion_make(&wanted, out_app);
}

static bkey_err ask_once(asking *a, bkey_net_reply *out_reply)
{
    const bkey_sync_grant *grant = a->grant;
    bkey_secret *app = NULL;
    bkey_secret *body = NULL;
    bkey_err err = grant->secret != NULL ? prove_app(a, &app) : bkey_ok();
    const bkey_token_request request = {
        .slab = a->sync->slab,
        .client_id = grant->app->client_id,
        .graph_url = grant->app->graph_url,
        .kind = grant->kind,
        .credential = grant->credential,
        .app = app,
        .is_assertion = grant->is_pem,
        .verifier = grant->verifier,
        .redirect = grant->redirect,
        .claims = a->claims.len > 0 ? sup_buffer_text(&a->claims) : NULL,
    };
    if (bkey_is_ok(err))
        err = bkey_token_body(&request, &body);
    bkey_secret_free(&app);
    if (bkey_is_ok(err))
        err = bkey_sync_request_post(a->sync, sup_buffer_text(&a->url), body, out_reply);
    bkey_secret_free(&body);
    return err;
}

bkey_err bkey_sync_grant_ask(bkey_sync *sync, const bkey_sync_grant *grant,
                             bkey_net_reply *out_reply)
{
    asking a = {.sync = sync, .grant = grant};
    sup_buffer_init(&a.url, URL_MAX);
    sup_buffer_init(&a.claims, 2 * BKEY_CHALLENGE_SIZE);
    bkey_err err = bkey_endpoints_token(grant->app->login_url, grant->tenant, &a.url)
                       ? bkey_ok()
                       : bkey_fail(BKEY_E_URL);
    if (sync->challenge[0] != '\0' && !bkey_challenge_claims(sync->challenge, &a.claims))
        sup_buffer_reset(&a.claims);
    if (bkey_is_ok(err))
        err = ask_once(&a, out_reply);
    if (bkey_is_ok(err) && grant->is_pem && out_reply->status != 200 &&
        bkey_token_aadsts(out_reply->body) == AADSTS_UNKNOWN_KEY) {
        sync->net->release(sync->net->self, out_reply);
        a.older = true;
        err = ask_once(&a, out_reply);
    }
    sup_buffer_done(&a.claims);
    sup_buffer_done(&a.url);
    return err;
}

void bkey_sync_grant_explain(bkey_sync *sync, const bkey_net_reply *reply, bkey_err err)
{
    const uint32_t aadsts = bkey_token_aadsts(reply->body);
    if (aadsts != 0)
        bkey_findings_view_refusal(err, aadsts, sync->detail, sizeof sync->detail);
}

bkey_err bkey_sync_grant_read(bkey_sync *sync, const bkey_net_reply *reply,
                              bkey_token_answer *out_answer)
{
    bkey_err err = bkey_token_read(sync->slab, reply->status, reply->body, out_answer);
    if (!bkey_is_ok(err))
        bkey_sync_grant_explain(sync, reply, err);
    return err;
}
