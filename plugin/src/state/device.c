/* SPDX-License-Identifier: Apache-2.0
 *
 * See device.h. Content: version, form, then what the form has. */
#include "state/device.h"

#include <stdlib.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define FORM_DEVICE 1u
#define FORM_SOURCES 2u
#define CONTENT_MAX 1024u
#define SOURCES_MAX (BKEY_DEVICE_LINK_SIZE + 64u)

static const bkey_bytes sources_id = {(const uint8_t *)"sources", 7};

void bkey_device_cut(const char *text, char *out, size_t size)
{
    size_t len = strlen(text);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0u) == 0x80u)
            len--;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

static void put_cut(bkey_codec_writer *writer, const char *text)
{
    char cut[BKEY_DEVICE_NAME_SIZE];
    bkey_device_cut(text, cut, sizeof cut);
    bkey_codec_put_text(writer, cut);
}

bkey_err bkey_device_seal(const bkey_place *place, const bkey_tracked *device,
                          bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_writer *writer = &content.writer;
    const uint8_t small[] = {FORM_DEVICE,     device->presence,   device->join,
                             device->sources, device->encryption, device->backup,
                             device->status,  device->why,        device->is_stale};
    const int64_t times[] = {device->presence_since_ms, device->status_since_ms,
                             device->waiting_since_ms, device->unknown_since_ms,
                             device->owner_changed_ms};
    bkey_codec_put_raw(writer, small, sizeof small);
    bkey_codec_put_guid(writer, &device->id);
    bkey_codec_put_guid(writer, &device->object_id);
    bkey_codec_put_guid(writer, &device->successor);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        bkey_codec_put_i64(writer, times[i]);
    bkey_codec_put_u64(writer, device->owner);
    bkey_codec_put_u32(writer, device->unheld);
    put_cut(writer, device->name);
    put_cut(writer, device->serial);
    put_cut(writer, device->organization_id);
    bkey_ref ref = {.kind = BKEY_KIND_DEVICE,
                    .id = {device->id.bytes, sizeof device->id.bytes},
                    .revision = device->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

bkey_err bkey_device_sources_seal(const bkey_place *place, const bkey_sources *sources,
                                  bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, SOURCES_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_u8(&content.writer, FORM_SOURCES);
    bkey_codec_put_i64(&content.writer, sources->intune_unknown_since_ms);
    bkey_codec_put_i64(&content.writer, sources->entra_unknown_since_ms);
    bkey_codec_put_i64(&content.writer, sources->report_unknown_since_ms);
    bkey_codec_put_i64(&content.writer, sources->link_ms);
    bkey_codec_put_text(&content.writer, sources->link);
    bkey_ref ref = {.kind = BKEY_KIND_DEVICE, .id = sources_id, .revision = sources->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static bkey_err decode_sources(const uint8_t *plain, size_t len, bkey_sources *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    const uint8_t form = bkey_codec_get_u8(&reader);
    out->intune_unknown_since_ms = bkey_codec_get_i64(&reader);
    out->entra_unknown_since_ms = bkey_codec_get_i64(&reader);
    out->report_unknown_since_ms = bkey_codec_get_i64(&reader);
    out->link_ms = bkey_codec_get_i64(&reader);
    bkey_codec_get_text(&reader, out->link, sizeof out->link);
    return reader.failed || form != FORM_SOURCES ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

bkey_err bkey_device_sources_get(const bkey_place *place, bkey_sources *out)
{
    bkey_secret *plain = NULL;
    uint64_t revision = 0;
    memset(out, 0, sizeof *out);
    bkey_err err = bkey_open_row(place, BKEY_KIND_DEVICE, sources_id, &plain, &revision);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (!bkey_is_ok(err))
        return err;
    err = decode_sources(bkey_secret_borrow(plain), bkey_secret_len(plain), out);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    out->revision = revision;
    return err;
}

typedef struct walk {
    bkey_tracked_sink sink;
    void *context;
    char name[BKEY_DEVICE_NAME_SIZE];
    char serial[BKEY_DEVICE_NAME_SIZE];
    char organization[BKEY_DEVICE_NAME_SIZE];
} walk;

static void read_times(bkey_codec_reader *reader, bkey_tracked *out)
{
    out->presence_since_ms = bkey_codec_get_i64(reader);
    out->status_since_ms = bkey_codec_get_i64(reader);
    out->waiting_since_ms = bkey_codec_get_i64(reader);
    out->unknown_since_ms = bkey_codec_get_i64(reader);
    out->owner_changed_ms = bkey_codec_get_i64(reader);
}

/* A word of a later version reads as the plainest one that we know. */
static void read_small(bkey_codec_reader *reader, bkey_tracked *out)
{
    out->presence = bkey_codec_get_u8(reader);
    out->join = bkey_codec_get_u8(reader);
    out->sources = bkey_codec_get_u8(reader);
    out->encryption = bkey_codec_get_u8(reader);
    out->backup = bkey_codec_get_u8(reader);
    out->status = bkey_codec_get_u8(reader);
    out->why = bkey_codec_get_u8(reader);
    out->is_stale = bkey_codec_get_u8(reader) != 0;
    if (out->presence == 0 || out->presence >= BKEY_PRESENCE_COUNT)
        out->presence = BKEY_PRESENCE_MISSING;
    if (out->join >= BKEY_JOIN_COUNT)
        out->join = BKEY_JOIN_UNKNOWN;
    if (out->encryption >= BKEY_ENCRYPTION_COUNT)
        out->encryption = BKEY_ENCRYPTION_UNKNOWN;
}

static bkey_err give(void *context, const bkey_opened *row)
{
    walk *walking = context;
    bkey_codec_reader reader;
    bkey_tracked found = {.name = walking->name,
                          .serial = walking->serial,
                          .organization_id = walking->organization,
                          .revision = row->revision};
    bkey_err err = bkey_content_read(row->plain, row->plain_len, &reader);
    if (!bkey_is_ok(err))
        return err;
    if (bkey_codec_get_u8(&reader) != FORM_DEVICE)
        return bkey_ok();
    read_small(&reader, &found);
    bkey_codec_get_guid(&reader, &found.id);
    bkey_codec_get_guid(&reader, &found.object_id);
    bkey_codec_get_guid(&reader, &found.successor);
    read_times(&reader, &found);
    found.owner = bkey_codec_get_u64(&reader);
    found.unheld = bkey_codec_get_u32(&reader);
    bkey_codec_get_text(&reader, walking->name, sizeof walking->name);
    bkey_codec_get_text(&reader, walking->serial, sizeof walking->serial);
    bkey_codec_get_text(&reader, walking->organization, sizeof walking->organization);
    return reader.failed ? bkey_fail(BKEY_E_FORMAT) : walking->sink(walking->context, &found);
}

bkey_err bkey_device_scan(const bkey_place *place, bkey_tracked_sink sink, void *context)
{
    walk walking = {.sink = sink, .context = context};
    return bkey_seal_scan(place, BKEY_KIND_DEVICE, give, &walking);
}
