/* SPDX-License-Identifier: Apache-2.0
 *
 * See places.h. Id: tenant, then the organization's id. Content: version, tenant, organization. */
#include "state/places.h"

#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define ID_MAX (16u + BKEY_ORGANIZATION_MAX)
#define CONTENT_MAX (1u + 16u + 4u + BKEY_ORGANIZATION_MAX)

static bkey_place root_of(const bkey_place *place)
{
    const bkey_place root = {.vault = place->vault, .call = place->call, .organization_id = ""};
    return root;
}

bool bkey_places_is_root(const bkey_place *place)
{
    static const sup_guid none;
    return place->organization_id[0] == '\0' && sup_guid_equal(&place->tenant, &none);
}

static bool write_id(const bkey_place *place, uint8_t out[ID_MAX], bkey_bytes *out_id)
{
    size_t len = strlen(place->organization_id);
    if (len > BKEY_ORGANIZATION_MAX)
        return false;
    memcpy(out, place->tenant.bytes, 16);
    memcpy(out + 16, place->organization_id, len);
    *out_id = (bkey_bytes){out, 16 + len};
    return true;
}

bkey_err bkey_places_seal(const bkey_place *place, bkey_sealed *out_sealed)
{
    const bkey_place root = root_of(place);
    bkey_content content;
    uint8_t id[ID_MAX];
    bkey_ref ref = {.kind = BKEY_KIND_PLACE};
    if (!write_id(place, id, &ref.id))
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_seal_revision(&root, ref.kind, ref.id, &ref.revision);
    if (bkey_is_ok(err))
        err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_guid(&content.writer, &place->tenant);
    bkey_codec_put_text(&content.writer, place->organization_id);
    return bkey_content_seal(&content, &root, &ref, out_sealed);
}

bkey_err bkey_places_find(const bkey_place *place)
{
    const bkey_place root = root_of(place);
    bkey_secret *plain = NULL;
    uint8_t id[ID_MAX];
    bkey_bytes bytes;
    if (!write_id(place, id, &bytes))
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_open_row(&root, BKEY_KIND_PLACE, bytes, &plain, NULL);
    bkey_secret_free(&plain);
    return err;
}

typedef struct walk {
    bkey_place place;
    bkey_places_sink sink;
    void *context;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    walk *walking = context;
    bkey_codec_reader reader;
    char organization[BKEY_ORGANIZATION_MAX + 1];
    bkey_err err = bkey_content_read(row->plain, row->plain_len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_guid(&reader, &walking->place.tenant);
    bkey_codec_get_text(&reader, organization, sizeof organization);
    if (reader.failed)
        return bkey_fail(BKEY_E_FORMAT);
    walking->place.organization_id = organization;
    return walking->sink(walking->context, &walking->place);
}

bkey_err bkey_places_scan(bkey_vault *vault, const bkey_call *call, bkey_places_sink sink,
                          void *context)
{
    walk walking = {.place = {.vault = vault, .call = call}, .sink = sink, .context = context};
    const bkey_place root = {.vault = vault, .call = call, .organization_id = ""};
    return bkey_seal_scan(&root, BKEY_KIND_PLACE, give, &walking);
}
