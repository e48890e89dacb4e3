/* SPDX-License-Identifier: Apache-2.0
 *
 * See evidence.h. Content: version, device id, outcome, flags, addresses, name, serial number,
 * manufacturer, model, number of candidates, each with organization and configuration. */
#include "state/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define CONTENT_MAX (2048u + BKEY_MATCH_CANDIDATES * 2u * (BKEY_ID_SIZE + 4u))

#define FLAG_ASKED 1u
#define FLAG_BY_NAME 2u
#define FLAG_LISTED 4u

static bkey_bytes id_of(const sup_guid *device_id)
{
    bkey_bytes id = {device_id->bytes, sizeof device_id->bytes};
    return id;
}

static void encode(bkey_codec_writer *writer, const bkey_evidence_row *row)
{
    bkey_codec_put_guid(writer, &row->facts.device_id);
    bkey_codec_put_u8(writer, (uint8_t)row->outcome);
    bkey_codec_put_u8(writer, (uint8_t)((row->facts.asked ? FLAG_ASKED : 0u) |
                                        (row->by_name ? FLAG_BY_NAME : 0u) |
                                        (row->facts.in_inventory ? FLAG_LISTED : 0u)));
    for (size_t i = 0; i < BKEY_MACS; i++)
        bkey_codec_put_u64(writer, row->facts.macs[i]);
    bkey_codec_put_text(writer, row->name);
    bkey_codec_put_text(writer, row->serial);
    bkey_codec_put_text(writer, row->manufacturer);
    bkey_codec_put_text(writer, row->model);
    bkey_codec_put_u32(writer, row->candidate_count);
    for (uint32_t i = 0; i < row->candidate_count; i++) {
        bkey_codec_put_text(writer, row->candidates[i].organization_id);
        bkey_codec_put_text(writer, row->candidates[i].configuration_id);
    }
}

uint64_t bkey_evidence_hash(const bkey_evidence_row *row)
{
    uint8_t bytes[CONTENT_MAX] = {0};
    bkey_codec_writer writer = {.ptr = bytes, .cap = sizeof bytes};
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    encode(&writer, row);
    for (size_t i = 0; i < writer.len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    return hash;
}

bkey_err bkey_evidence_seal(const bkey_place *place, const bkey_evidence_row *row,
                            bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    encode(&content.writer, row);
    const bkey_ref ref = {.kind = BKEY_KIND_EVIDENCE,
                          .id = id_of(&row->facts.device_id),
                          .revision = row->facts.revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static void decode_candidates(bkey_codec_reader *reader, bkey_evidence_row *out)
{
    uint32_t count = bkey_codec_get_u32(reader);
    out->candidate_count = count < BKEY_MATCH_CANDIDATES ? count : BKEY_MATCH_CANDIDATES;
    for (uint32_t i = 0; i < out->candidate_count; i++) {
        bkey_evidence_candidate *to = &out->candidates[i];
        bkey_codec_get_text(reader, to->organization_id, sizeof to->organization_id);
        bkey_codec_get_text(reader, to->configuration_id, sizeof to->configuration_id);
    }
}

static bkey_err decode(const uint8_t *plain, size_t len, bkey_evidence_row *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_guid(&reader, &out->facts.device_id);
    uint8_t outcome = bkey_codec_get_u8(&reader);
    uint8_t flags = bkey_codec_get_u8(&reader);
    out->facts.asked = (flags & FLAG_ASKED) != 0;
    out->by_name = (flags & FLAG_BY_NAME) != 0;
    out->facts.in_inventory = (flags & FLAG_LISTED) != 0;
    for (size_t i = 0; i < BKEY_MACS; i++)
        out->facts.macs[i] = bkey_codec_get_u64(&reader);
    bkey_codec_get_text(&reader, out->name, sizeof out->name);
    bkey_codec_get_text(&reader, out->serial, sizeof out->serial);
    bkey_codec_get_text(&reader, out->manufacturer, sizeof out->manufacturer);
    bkey_codec_get_text(&reader, out->model, sizeof out->model);
    decode_candidates(&reader, out);
    /* An outcome of a later version: it places nothing here either. */
    out->outcome = outcome > 0 && outcome < BKEY_MATCH_OUTCOME_COUNT ? (bkey_match_outcome)outcome
                                                                     : BKEY_UNMATCHED_NOWHERE;
    out->facts.outcome = (uint8_t)out->outcome;
    out->facts.content_hash = bkey_evidence_hash(out);
    return reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

bkey_err bkey_evidence_get(const bkey_place *place, const sup_guid *device_id,
                           bkey_evidence_row *out_row)
{
    bkey_secret *plain = NULL;
    uint64_t revision = 0;
    bkey_err err = bkey_open_row(place, BKEY_KIND_EVIDENCE, id_of(device_id), &plain, &revision);
    if (!bkey_is_ok(err))
        return err;
    memset(out_row, 0, sizeof *out_row);
    err = decode(bkey_secret_borrow(plain), bkey_secret_len(plain), out_row);
    out_row->facts.revision = revision;
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    return err;
}

typedef struct walk {
    bkey_evidence_sink sink;
    void *context;
    bkey_evidence_row found;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    walk *walking = context;
    memset(&walking->found, 0, sizeof walking->found);
    walking->found.facts.revision = row->revision;
    bkey_err err = decode(row->plain, row->plain_len, &walking->found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &walking->found) : err;
}

bkey_err bkey_evidence_scan(const bkey_place *place, bkey_evidence_sink sink, void *context)
{
    walk *walking = calloc(1, sizeof *walking);
    if (walking == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    walking->sink = sink;
    walking->context = context;
    bkey_err err = bkey_seal_scan(place, BKEY_KIND_EVIDENCE, give, walking);
    free(walking);
    return err;
}

bkey_err bkey_evidence_revision(const bkey_place *place, const sup_guid *device_id,
                                uint64_t *out_revision)
{
    return bkey_seal_revision(place, BKEY_KIND_EVIDENCE, id_of(device_id), out_revision);
}

void bkey_evidence_row_key(const bkey_place *place, const sup_guid *device_id,
                           uint8_t out[BKEY_STATE_KEY_LEN])
{
    bkey_vault_row_key(place, BKEY_KIND_EVIDENCE, id_of(device_id), out);
}
