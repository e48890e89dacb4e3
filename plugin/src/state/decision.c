/* SPDX-License-Identifier: Apache-2.0
 *
 * See decision.h. Content: version, device id, organization id, configuration id, reason, since,
 * name of the device, who decided. */
#include "state/decision.h"

#include "state/content.h"

#define VERSION 1u
#define CONTENT_MAX 1024u

bkey_err bkey_decision_seal(const bkey_place *place, const bkey_decision_row *row,
                            bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_guid(&content.writer, &row->device_id);
    bkey_codec_put_text(&content.writer, row->organization_id);
    bkey_codec_put_text(&content.writer, row->configuration_id);
    bkey_codec_put_u8(&content.writer, (uint8_t)row->reason);
    bkey_codec_put_i64(&content.writer, row->since_ms);
    bkey_codec_put_text(&content.writer, row->device_name);
    bkey_codec_put_text(&content.writer, row->who);
    bkey_ref ref = {.kind = BKEY_KIND_DECISION,
                    .id = {row->device_id.bytes, sizeof row->device_id.bytes},
                    .revision = row->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static bkey_err decode(const uint8_t *plain, size_t len, bkey_decision_row *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_guid(&reader, &out->device_id);
    bkey_codec_get_text(&reader, out->organization_id, sizeof out->organization_id);
    bkey_codec_get_text(&reader, out->configuration_id, sizeof out->configuration_id);
    uint8_t reason = bkey_codec_get_u8(&reader);
    out->since_ms = bkey_codec_get_i64(&reader);
    if (reader.at < reader.len) { /* rows of earlier versions end here */
        bkey_codec_get_text(&reader, out->device_name, sizeof out->device_name);
        bkey_codec_get_text(&reader, out->who, sizeof out->who);
    }
    if (reader.failed || reason == 0)
        return bkey_fail(BKEY_E_FORMAT);
    /* A reason of a later version: what it decided still holds, as a person's word would. */
    out->reason = reason < BKEY_MATCH_COUNT ? (bkey_match_reason)reason : BKEY_MATCH_PERSON;
    return bkey_ok();
}

bkey_err bkey_decision_get(const bkey_place *place, const sup_guid *device_id,
                           bkey_decision_row *out_row)
{
    const bkey_bytes id = {device_id->bytes, sizeof device_id->bytes};
    bkey_secret *plain = NULL;
    bkey_decision_row found = {.revision = 0};
    bkey_err err = bkey_open_row(place, BKEY_KIND_DECISION, id, &plain, &found.revision);
    if (!bkey_is_ok(err))
        return err;
    err = decode(bkey_secret_borrow(plain), bkey_secret_len(plain), &found);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err) && !sup_guid_equal(&found.device_id, device_id))
        err = bkey_fail(BKEY_E_FORMAT);
    if (bkey_is_ok(err))
        *out_row = found;
    return err;
}

typedef struct walk {
    bkey_decision_sink sink;
    void *context;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    const walk *walking = context;
    bkey_decision_row found = {.revision = row->revision};
    bkey_err err = decode(row->plain, row->plain_len, &found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &found) : err;
}

bkey_err bkey_decision_scan(const bkey_place *place, bkey_decision_sink sink, void *context)
{
    walk walking = {sink, context};
    return bkey_seal_scan(place, BKEY_KIND_DECISION, give, &walking);
}
