/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection leaves in the state: itself and its credential at once, or, when a person has
 * to sign in first, all of that as a sign-in while the present connection goes on. Must not know
 * what is allowed. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "state/credential.h"
#include "usecase/batch.h"
#include "usecase/connect_parts.h"
#include "usecase/signin_job.h"
#include "usecase/units.h"

typedef struct writing {
    bkey_connecting *c;
    bkey_place root;
    bkey_place own; /* of the tenant's credential */
    bkey_batch batch;
    bkey_signin *signin; /* the tenant's, an earlier one or empty */
    bkey_sealed sealed[2];
} writing;

static bkey_err seal_credential(writing *w)
{
    const bkey_connecting *c = w->c;
    bkey_credential credential = {.token = c->request->secret,
                                  .app = c->request->app,
                                  .grant = c->connection.grant,
                                  .cert_ends_ms = c->cert_ends_ms};
    bkey_err err = bkey_vault_ensure(&w->own);
    if (bkey_is_ok(err))
        err = bkey_credential_revision(&w->own, &credential.revision);
    if (bkey_is_ok(err))
        err = bkey_credential_seal(&w->own, &credential, &w->sealed[1]);
    if (bkey_is_ok(err))
        bkey_batch_put(&w->batch, &w->sealed[1]);
    return err;
}

/* A customer has no credential of its own: one that is left would be one nobody watches. */
static bkey_err drop_credential(writing *w)
{
    uint8_t key[BKEY_STATE_KEY_LEN];
    bkey_credential old;
    bkey_err err = bkey_credential_get(&w->own, &old);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (!bkey_is_ok(err))
        return err;
    bkey_credential_key(&w->own, key);
    bkey_batch_remove(&w->batch, key, old.revision);
    bkey_credential_done(&old);
    return bkey_ok();
}

static bkey_err put_connection(writing *w)
{
    bkey_err err = bkey_connection_seal(&w->root, &w->c->connection, &w->sealed[0]);
    if (!bkey_is_ok(err))
        return err;
    bkey_batch_put(&w->batch, &w->sealed[0]);
    return bkey_connection_is_customer(&w->c->connection) ? drop_credential(w) : seal_credential(w);
}

/* Whoever connects takes back a sign-in that was begun before. */
static bkey_err end_signin(writing *w)
{
    bkey_sealed sealed;
    if (!bkey_signin_is_open(w->signin))
        return bkey_ok();
    memset(&sealed, 0, sizeof sealed);
    bkey_signin_end(w->signin, BKEY_SIGNIN_CANCELLED, 0, NULL);
    bkey_err err = bkey_signin_seal(&w->root, w->signin, &sealed);
    if (bkey_is_ok(err))
        bkey_batch_put(&w->batch, &sealed);
    bkey_sealed_done(&sealed);
    return err;
}

static bkey_err put_signin(writing *w)
{
    const bkey_connecting *c = w->c;
    const bkey_connect_request *request = c->request;
    const bkey_signin_job job = {request->ports, request->call, request->vault};
    bkey_secret *app = request->secret;
    const uint64_t revision = w->signin->revision;
    bkey_signin_done(w->signin);
    w->signin->revision = revision;
    w->signin->target = c->connection;
    w->signin->cert_ends_ms = c->cert_ends_ms;
    bkey_err err = bkey_signin_job_begin(&job, c->way, request->redirect, w->signin);
    if (bkey_is_ok(err) && app != NULL && bkey_secret_len(app) > 0) {
        err = bkey_secret_dup(bkey_vault_slab(request->vault), bkey_secret_borrow(app),
                              bkey_secret_len(app), &w->signin->app);
        bkey_secret_return(app);
    }
    if (bkey_is_ok(err))
        err = bkey_signin_seal(&w->root, w->signin, &w->sealed[0]);
    if (bkey_is_ok(err))
        bkey_batch_put(&w->batch, &w->sealed[0]);
    return err;
}

static bkey_err write_all(writing *w)
{
    bkey_err err = bkey_vault_ensure(&w->root);
    if (bkey_is_ok(err))
        err = bkey_signin_get(&w->root, &w->c->connection.tenant, w->signin);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_ok();
    if (bkey_is_ok(err) && w->c->way != 0) {
        err = put_signin(w);
    } else if (bkey_is_ok(err)) {
        err = put_connection(w);
        if (bkey_is_ok(err))
            err = end_signin(w);
    }
    return bkey_is_ok(err) ? bkey_batch_apply(&w->batch) : err;
}

bkey_err bkey_connect_write(bkey_connecting *c)
{
    const bkey_connect_request *request = c->request;
    writing w = {.c = c,
                 .root = bkey_connection_place(request->vault, request->call),
                 .own = {request->vault, request->call, c->connection.tenant, ""}};
    w.signin = calloc(1, sizeof *w.signin);
    if (w.signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_batch_init(&w.batch, request->ports, request->call, false);
    if (bkey_is_ok(err))
        err = write_all(&w);
    bkey_sealed_done(&w.sealed[1]);
    bkey_sealed_done(&w.sealed[0]);
    bkey_batch_done(&w.batch);
    bkey_signin_done(w.signin);
    free(w.signin);
    return err;
}

static const char *name_grant(const bkey_connecting *c)
{
    static const char *const names[BKEY_GRANT_COUNT] = {[BKEY_GRANT_REFRESH] = "refresh",
                                                        [BKEY_GRANT_SECRET] = "secret",
                                                        [BKEY_GRANT_CERT] = "cert"};
    if (bkey_connection_is_customer(&c->connection))
        return "partner";
    if (c->way != 0)
        return c->way == BKEY_SIGNIN_CODE ? "code" : "device";
    return names[c->connection.grant];
}

bkey_err bkey_connect_result(const bkey_connecting *c, sup_buffer *out_json)
{
    const bkey_place root = bkey_connection_place(c->request->vault, c->request->call);
    char tenant[SUP_GUID_TEXT_LEN + 1];
    bkey_json_builder builder;
    sup_guid_format(&c->connection.tenant, tenant);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "tenant", tenant);
    bkey_json *list = bkey_json_put_array(&builder, builder.root, "organizations");
    for (uint32_t i = 0; i < c->connection.organization_count; i++)
        bkey_json_add_text(&builder, list, c->names[i]);
    bkey_json_put_text(&builder, builder.root, "grant", name_grant(c));
    bkey_json_put_bool(&builder, builder.root, "replaced", c->replaced);
    bkey_err err = bkey_ok();
    if (c->way != 0)
        bkey_json_put_bool(&builder, builder.root, "pending", true);
    else if (sup_guid_equal(&c->connection.partner, &c->connection.tenant))
        err = bkey_units_put_customers(&root, &c->connection.tenant, &builder);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&builder, out_json);
    bkey_json_builder_done(&builder);
    return err;
}
