/* SPDX-License-Identifier: Apache-2.0
 *
 * See signin_job.h. */
#include "usecase/signin_job.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "graph/endpoints.h"
#include "usecase/batch.h"
#include "usecase/units.h"
#include "usecase/vec.h"

#define PROOF_BYTES 32u
#define PROOF_TEXT 44u /* base64url of them, and a zero byte */
#define CODE_LIFE_MS (INT64_C(900) * 1000)
#define BEGIN_LIFE_MS (INT64_C(900) * 1000) /* for a device code to be asked for */

static int64_t now_ms(const bkey_signin_job *job)
{
    return job->ports->wall_ms(job->ports->self);
}

static bkey_err make_proof(const bkey_signin_job *job, bkey_secret **out)
{
    uint8_t bytes[PROOF_BYTES];
    char text[PROOF_TEXT];
    job->ports->random(job->ports->self, bytes, sizeof bytes);
    (void)sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    bkey_err err = bkey_secret_dup(bkey_vault_slab(job->vault), text, sizeof text - 1, out);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
    return err;
}

bkey_err bkey_signin_job_begin(const bkey_signin_job *job, bkey_signin_way way,
                               const char *redirect, bkey_signin *signin)
{
    signin->way = way;
    signin->begun_ms = now_ms(job);
    signin->state = BKEY_SIGNIN_BEGUN;
    signin->ends_ms = signin->begun_ms + BEGIN_LIFE_MS;
    if (way == BKEY_SIGNIN_DEVICE)
        return bkey_ok();
    const size_t len = strlen(redirect);
    if (len >= sizeof signin->address)
        return bkey_fail(BKEY_E_LIMIT);
    memcpy(signin->address, redirect, len + 1);
    signin->state = BKEY_SIGNIN_WAITING;
    signin->ends_ms = signin->begun_ms + CODE_LIFE_MS;
    bkey_err err = make_proof(job, &signin->verifier);
    return bkey_is_ok(err) ? make_proof(job, &signin->state_text) : err;
}

/* ---- looking at it ---- */

static const char *name_state(const bkey_signin *signin)
{
    static const char *const names[BKEY_SIGNIN_STATE_COUNT] = {
        [BKEY_SIGNIN_BEGUN] = "begun",       [BKEY_SIGNIN_WAITING] = "waiting",
        [BKEY_SIGNIN_ANSWERED] = "answered", [BKEY_SIGNIN_DONE] = "done",
        [BKEY_SIGNIN_FAILED] = "failed",     [BKEY_SIGNIN_CANCELLED] = "cancelled"};
    return signin->state != 0 ? names[signin->state] : "none";
}

/* The address holds the state, which the person's browser must know anyway, and of the verifier
 * only its hash. */
static bool write_page(const bkey_signin *signin, sup_buffer *out)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char challenge[PROOF_TEXT];
    (void)crypto_hash_sha256(hash, bkey_secret_borrow(signin->verifier),
                             bkey_secret_len(signin->verifier));
    bkey_secret_return(signin->verifier);
    (void)sodium_bin2base64(challenge, sizeof challenge, hash, sizeof hash,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    const bkey_endpoints_page page = {
        .login_url = signin->target.login_url,
        .graph_url = signin->target.graph_url,
        .client_id = signin->target.client_id,
        .redirect = signin->address,
        .state = (const char *)bkey_secret_borrow(signin->state_text),
        .challenge = challenge,
        .tenant = &signin->target.tenant,
    };
    const bool ok = bkey_endpoints_authorize(&page, out);
    bkey_secret_return(signin->state_text);
    return ok;
}

static void put_waiting(bkey_json_builder *builder, const bkey_signin *signin, int64_t now)
{
    sup_buffer page;
    sup_buffer_init(&page, 8192);
    const bool by_code = signin->way == BKEY_SIGNIN_CODE;
    const int64_t left = signin->ends_ms > now ? (signin->ends_ms - now) / 1000 : 0;
    const int64_t poll = signin->next_poll_ms > now ? signin->next_poll_ms - now : 0;
    bkey_json_put_text(builder, builder->root, "user_code", signin->user_code);
    bkey_json_put_text(builder, builder->root, "verification_uri", by_code ? "" : signin->address);
    bkey_json_put_text(builder, builder->root, "message", signin->message);
    if (by_code && signin->state == BKEY_SIGNIN_WAITING && write_page(signin, &page))
        bkey_json_put_text(builder, builder->root, "authorize_url", sup_buffer_text(&page));
    bkey_json_put_int(builder, builder->root, "expires_s", left);
    bkey_json_put_int(builder, builder->root, "poll_ms", poll);
    sup_buffer_done(&page);
}

static bkey_err write_status(const bkey_signin_job *job, const bkey_signin *signin,
                             const sup_guid *tenant, sup_buffer *out_json)
{
    const bkey_place root = bkey_connection_place(job->vault, job->call);
    char text[SUP_GUID_TEXT_LEN + 1];
    bkey_json_builder builder;
    const bool failed = signin->state == BKEY_SIGNIN_FAILED;
    sup_guid_format(tenant, text);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "tenant", text);
    bkey_json_put_text(&builder, builder.root, "state", name_state(signin));
    bkey_json_put_text(&builder, builder.root, "way",
                       signin->way == BKEY_SIGNIN_CODE ? "code" : "device");
    if (bkey_signin_is_open(signin))
        put_waiting(&builder, signin, now_ms(job));
    bkey_json_put_text(&builder, builder.root, "error", failed ? signin->message : "");
    bkey_err err = bkey_ok();
    if (signin->state == BKEY_SIGNIN_DONE &&
        sup_guid_equal(&signin->target.partner, &signin->target.tenant))
        err = bkey_units_put_customers(&root, tenant, &builder);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&builder, out_json);
    bkey_json_builder_done(&builder);
    return err;
}

bkey_err bkey_signin_job_status(const bkey_signin_job *job, const sup_guid *tenant,
                                sup_buffer *out_json)
{
    const bkey_place root = bkey_connection_place(job->vault, job->call);
    bkey_signin *signin = calloc(1, sizeof *signin);
    if (signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_signin_get(&root, tenant, signin);
    if (bkey_is_ok(err) || bkey_is(err, BKEY_E_NO_STATE))
        err = write_status(job, signin, tenant, out_json);
    bkey_signin_done(signin);
    free(signin);
    return err;
}

/* ---- changing it ---- */

static bkey_err store(const bkey_signin_job *job, const bkey_place *root, const bkey_signin *signin)
{
    bkey_sealed sealed;
    bkey_batch batch;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_init(&batch, job->ports, job->call, false);
    if (bkey_is_ok(err))
        err = bkey_signin_seal(root, signin, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&batch, &sealed);
        err = bkey_batch_apply(&batch);
    }
    bkey_sealed_done(&sealed);
    bkey_batch_done(&batch);
    return err;
}

bkey_err bkey_signin_job_cancel(const bkey_signin_job *job, const sup_guid *tenant)
{
    const bkey_place root = bkey_connection_place(job->vault, job->call);
    bkey_signin *signin = calloc(1, sizeof *signin);
    if (signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_signin_get(&root, tenant, signin);
    if (bkey_is_ok(err) && bkey_signin_is_open(signin)) {
        bkey_signin_end(signin, BKEY_SIGNIN_CANCELLED, 0, NULL);
        err = store(job, &root, signin);
    }
    bkey_signin_done(signin);
    free(signin);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static bkey_err keep_waiting(void *context, const bkey_signin *signin)
{
    if (signin->way != BKEY_SIGNIN_CODE || signin->state != BKEY_SIGNIN_WAITING)
        return bkey_ok();
    sup_guid *tenant = bkey_vec_add(context);
    if (tenant == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *tenant = signin->target.tenant;
    return bkey_ok();
}

static bkey_err take_answer(const bkey_signin_job *job, const bkey_signin_answer *answer,
                            bkey_signin *signin)
{
    bkey_secret_free(&signin->state_text);
    if (answer->code == NULL) {
        bkey_signin_end(signin, BKEY_SIGNIN_FAILED, BKEY_E_SIGN_IN,
                        "The sign-in was refused at Microsoft's page, so nothing was changed. "
                        "Begin again, and sign in with an account that may consent to the app.");
        return bkey_ok();
    }
    signin->state = BKEY_SIGNIN_ANSWERED;
    bkey_err err = bkey_secret_dup(bkey_vault_slab(job->vault), bkey_secret_borrow(answer->code),
                                   bkey_secret_len(answer->code), &signin->code);
    bkey_secret_return(answer->code);
    return err;
}

/* OK with *out_taken when it is this sign-in that the answer belongs to. */
static bkey_err offer(const bkey_signin_job *job, const bkey_signin_answer *answer,
                      const sup_guid *tenant, bool *out_taken)
{
    const bkey_place root = bkey_connection_place(job->vault, job->call);
    bkey_signin *signin = calloc(1, sizeof *signin);
    if (signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_signin_get(&root, tenant, signin);
    const bool fits = bkey_is_ok(err) && signin->state == BKEY_SIGNIN_WAITING &&
                      now_ms(job) < signin->ends_ms &&
                      bkey_secret_same(signin->state_text, answer->state);
    if (fits)
        err = take_answer(job, answer, signin);
    if (fits && bkey_is_ok(err))
        err = store(job, &root, signin);
    *out_taken = fits && bkey_is_ok(err);
    bkey_signin_done(signin);
    free(signin);
    /* Two at once with the same state: the second is not waited for any more. */
    return bkey_is(err, BKEY_E_NO_STATE) || bkey_is(err, BKEY_E_CONFLICT) ? bkey_ok() : err;
}

bkey_err bkey_signin_job_answer(const bkey_signin_job *job, const bkey_signin_answer *answer,
                                sup_guid *out_tenant)
{
    const bkey_place root = bkey_connection_place(job->vault, job->call);
    bkey_vec waiting;
    bool taken = false;
    bkey_vec_init(&waiting, sizeof(sup_guid));
    bkey_err err = bkey_signin_scan(&root, keep_waiting, &waiting);
    const sup_guid *tenants = waiting.items;
    for (size_t i = 0; bkey_is_ok(err) && !taken && i < waiting.count; i++) {
        err = offer(job, answer, &tenants[i], &taken);
        if (taken)
            *out_tenant = tenants[i];
    }
    bkey_vec_done(&waiting);
    return bkey_is_ok(err) && !taken ? bkey_fail(BKEY_E_PARAMETER) : err;
}
