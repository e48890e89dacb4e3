/* SPDX-License-Identifier: Apache-2.0
 *
 * See credential.h. Content: version, grant, time, token, the app's own
 * secret or PEM, end of the certificate. */
#include "state/credential.h"

#include "state/content.h"

#define VERSION 1u

/* Room for another credential of the same tenant under another id. */
static const bkey_bytes sync_id = {(const uint8_t *)"sync", 4};

static size_t len_of(bkey_secret *secret)
{
    return secret != NULL ? bkey_secret_len(secret) : 0;
}

bkey_err bkey_credential_seal(const bkey_place *place, const bkey_credential *credential,
                              bkey_sealed *out_sealed)
{
    const bkey_ports *ports = bkey_vault_ports(place->vault);
    bkey_content content;
    const size_t len = len_of(credential->token) + len_of(credential->app);
    if (len_of(credential->token) == 0 || len > BKEY_CREDENTIAL_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_content_begin(place, len + 64, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_u8(&content.writer, (uint8_t)credential->grant);
    bkey_codec_put_i64(&content.writer, ports->wall_ms(ports->self));
    bkey_content_put_secret(&content.writer, credential->token);
    bkey_content_put_secret(&content.writer, credential->app);
    bkey_codec_put_i64(&content.writer, credential->cert_ends_ms);
    bkey_ref ref = {.kind = BKEY_KIND_CREDENTIAL, .id = sync_id, .revision = credential->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

bkey_err bkey_credential_revision(const bkey_place *place, uint64_t *out_revision)
{
    return bkey_seal_revision(place, BKEY_KIND_CREDENTIAL, sync_id, out_revision);
}

void bkey_credential_key(const bkey_place *place, uint8_t out[BKEY_STATE_KEY_LEN])
{
    bkey_vault_row_key(place, BKEY_KIND_CREDENTIAL, sync_id, out);
}

static bkey_err decode(bkey_slab *slab, const uint8_t *plain, size_t len, bkey_credential *out)
{
    bkey_codec_reader reader;
    bkey_bytes app = {NULL, 0};
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    uint8_t grant = bkey_codec_get_u8(&reader);
    out->sealed_ms = bkey_codec_get_i64(&reader);
    bkey_bytes token = bkey_codec_get_field(&reader);
    if (reader.failed || token.len == 0 || grant == 0)
        return bkey_fail(BKEY_E_FORMAT);
    if (grant >= BKEY_GRANT_COUNT)
        return bkey_fail(BKEY_E_NEWER_FORMAT);
    /* Rows of the first version end here. */
    if (reader.at < reader.len) {
        app = bkey_codec_get_field(&reader);
        out->cert_ends_ms = bkey_codec_get_i64(&reader);
    }
    if (reader.failed)
        return bkey_fail(BKEY_E_FORMAT);
    out->grant = (bkey_grant)grant;
    err = bkey_secret_dup(slab, token.ptr, token.len, &out->token);
    if (bkey_is_ok(err) && app.len > 0)
        err = bkey_secret_dup(slab, app.ptr, app.len, &out->app);
    if (!bkey_is_ok(err))
        bkey_secret_free(&out->token);
    return err;
}

bkey_err bkey_credential_get(const bkey_place *place, bkey_credential *out_credential)
{
    bkey_secret *plain = NULL;
    bkey_credential found = {.token = NULL};
    bkey_err err = bkey_open_row(place, BKEY_KIND_CREDENTIAL, sync_id, &plain, &found.revision);
    if (!bkey_is_ok(err))
        return err;
    err = decode(bkey_vault_slab(place->vault), bkey_secret_borrow(plain), bkey_secret_len(plain),
                 &found);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        *out_credential = found;
    return err;
}

void bkey_credential_done(bkey_credential *credential)
{
    if (credential == NULL)
        return;
    bkey_secret_free(&credential->app);
    bkey_secret_free(&credential->token);
    *credential = (bkey_credential){.token = NULL};
}
