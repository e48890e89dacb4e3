/* SPDX-License-Identifier: Apache-2.0
 *
 * See signin.h. Content: version, way, state, begun, ends, next poll, interval, reason, user code,
 * address, message, the app's secret, end of its certificate, code, verifier, state, and as a field
 * the content of the connection. */
#include "state/signin.h"

#include <stdlib.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define CONNECTION_MAX (sizeof(bkey_connection) + 1024u)

bool bkey_signin_is_open(const bkey_signin *signin)
{
    return signin->state == BKEY_SIGNIN_BEGUN || signin->state == BKEY_SIGNIN_WAITING ||
           signin->state == BKEY_SIGNIN_ANSWERED;
}

static void drop_secrets(bkey_signin *signin)
{
    bkey_secret_free(&signin->app);
    bkey_secret_free(&signin->code);
    bkey_secret_free(&signin->verifier);
    bkey_secret_free(&signin->state_text);
}

void bkey_signin_end(bkey_signin *signin, bkey_signin_state state, uint32_t reason,
                     const char *message)
{
    const char *text = message != NULL ? message : "";
    size_t len = strlen(text);
    drop_secrets(signin);
    signin->state = state;
    signin->reason = reason;
    signin->cert_ends_ms = 0;
    signin->user_code[0] = '\0';
    signin->address[0] = '\0';
    len = len < sizeof signin->message ? len : sizeof signin->message - 1;
    memcpy(signin->message, text, len);
    signin->message[len] = '\0';
}

void bkey_signin_done(bkey_signin *signin)
{
    if (signin == NULL)
        return;
    drop_secrets(signin);
    memset(signin, 0, sizeof *signin);
}

static bkey_bytes id_of(const sup_guid *tenant)
{
    return (bkey_bytes){tenant->bytes, sizeof tenant->bytes};
}

static bkey_err put_connection(bkey_codec_writer *writer, const bkey_connection *connection)
{
    uint8_t *bytes = malloc(CONNECTION_MAX);
    if (bytes == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_codec_writer inner = {.ptr = bytes, .cap = CONNECTION_MAX};
    bkey_connection_put(&inner, connection);
    bkey_codec_put_field(writer, bytes, inner.len);
    free(bytes);
    return inner.failed ? bkey_fail(BKEY_E_LIMIT) : bkey_ok();
}

bkey_err bkey_signin_seal(const bkey_place *place, const bkey_signin *signin,
                          bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, BKEY_SEAL_PLAIN_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_writer *writer = &content.writer;
    bkey_codec_put_u8(writer, (uint8_t)signin->way);
    bkey_codec_put_u8(writer, (uint8_t)signin->state);
    bkey_codec_put_i64(writer, signin->begun_ms);
    bkey_codec_put_i64(writer, signin->ends_ms);
    bkey_codec_put_i64(writer, signin->next_poll_ms);
    bkey_codec_put_u32(writer, signin->interval_s);
    bkey_codec_put_u32(writer, signin->reason);
    bkey_codec_put_text(writer, signin->user_code);
    bkey_codec_put_text(writer, signin->address);
    bkey_codec_put_text(writer, signin->message);
    bkey_content_put_secret(writer, signin->app);
    bkey_codec_put_i64(writer, signin->cert_ends_ms);
    bkey_content_put_secret(writer, signin->code);
    bkey_content_put_secret(writer, signin->verifier);
    bkey_content_put_secret(writer, signin->state_text);
    err = put_connection(writer, &signin->target);
    writer->failed = writer->failed || !bkey_is_ok(err);
    const bkey_ref ref = {.kind = BKEY_KIND_SIGNIN,
                          .id = id_of(&signin->target.tenant),
                          .revision = signin->revision};
    bkey_err sealed = bkey_content_seal(&content, place, &ref, out_sealed);
    return bkey_is(err, BKEY_E_NOMEM) ? err : sealed;
}

/* slab NULL: leaves the secret closed. */
static bkey_err take_secret(bkey_slab *slab, bkey_codec_reader *reader, bkey_secret **out)
{
    const bkey_bytes bytes = bkey_codec_get_field(reader);
    if (slab == NULL || reader->failed || bytes.len == 0)
        return bkey_ok();
    return bkey_secret_dup(slab, bytes.ptr, bytes.len, out);
}

static bkey_err take_secrets(bkey_slab *slab, bkey_codec_reader *reader, bkey_signin *out)
{
    bkey_err err = take_secret(slab, reader, &out->app);
    out->cert_ends_ms = bkey_codec_get_i64(reader);
    if (bkey_is_ok(err))
        err = take_secret(slab, reader, &out->code);
    if (bkey_is_ok(err))
        err = take_secret(slab, reader, &out->verifier);
    if (bkey_is_ok(err))
        err = take_secret(slab, reader, &out->state_text);
    return err;
}

static bkey_err decode(bkey_slab *slab, const uint8_t *plain, size_t len, bkey_signin *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    const uint8_t way = bkey_codec_get_u8(&reader);
    const uint8_t state = bkey_codec_get_u8(&reader);
    out->begun_ms = bkey_codec_get_i64(&reader);
    out->ends_ms = bkey_codec_get_i64(&reader);
    out->next_poll_ms = bkey_codec_get_i64(&reader);
    out->interval_s = bkey_codec_get_u32(&reader);
    out->reason = bkey_codec_get_u32(&reader);
    bkey_codec_get_text(&reader, out->user_code, sizeof out->user_code);
    bkey_codec_get_text(&reader, out->address, sizeof out->address);
    bkey_codec_get_text(&reader, out->message, sizeof out->message);
    err = take_secrets(slab, &reader, out);
    const bkey_bytes target = bkey_codec_get_field(&reader);
    if (bkey_is_ok(err) && (reader.failed || way == 0 || state == 0))
        err = bkey_fail(BKEY_E_FORMAT);
    if (bkey_is_ok(err) && (way >= BKEY_SIGNIN_WAY_COUNT || state >= BKEY_SIGNIN_STATE_COUNT))
        err = bkey_fail(BKEY_E_NEWER_FORMAT);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_reader inner = {.ptr = target.ptr, .len = target.len};
    out->way = (bkey_signin_way)way;
    out->state = (bkey_signin_state)state;
    return bkey_connection_take(&inner, &out->target);
}

bkey_err bkey_signin_get(const bkey_place *place, const sup_guid *tenant, bkey_signin *out)
{
    bkey_secret *plain = NULL;
    uint64_t revision = 0;
    memset(out, 0, sizeof *out);
    bkey_err err = bkey_open_row(place, BKEY_KIND_SIGNIN, id_of(tenant), &plain, &revision);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        bkey_err known = bkey_seal_revision(place, BKEY_KIND_SIGNIN, id_of(tenant), &out->revision);
        return bkey_is_ok(known) ? err : known;
    }
    if (!bkey_is_ok(err))
        return err;
    err = decode(bkey_vault_slab(place->vault), bkey_secret_borrow(plain), bkey_secret_len(plain),
                 out);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        out->revision = revision;
    else
        bkey_signin_done(out);
    return err;
}

typedef struct walk {
    bkey_signin_sink sink;
    void *context;
    bkey_signin found;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    walk *walking = context;
    memset(&walking->found, 0, sizeof walking->found);
    walking->found.revision = row->revision;
    bkey_err err = decode(NULL, row->plain, row->plain_len, &walking->found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &walking->found) : err;
}

bkey_err bkey_signin_scan(const bkey_place *place, bkey_signin_sink sink, void *context)
{
    walk *walking = calloc(1, sizeof *walking);
    if (walking == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    walking->sink = sink;
    walking->context = context;
    bkey_err err = bkey_seal_scan(place, BKEY_KIND_SIGNIN, give, walking);
    free(walking);
    return err;
}
