/* SPDX-License-Identifier: Apache-2.0
 *
 * See connection.h. Content: version, tenant, grant, created, client id, login and Graph address,
 * number of organizations, their ids,
 * the partner's tenant. */
#include "state/connection.h"

#include <stdlib.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u

bkey_place bkey_connection_place(bkey_vault *vault, const bkey_call *call)
{
    bkey_place place = {.vault = vault, .call = call, .organization_id = ""};
    return place;
}

static bkey_bytes id_of(const sup_guid *tenant)
{
    bkey_bytes id = {tenant->bytes, sizeof tenant->bytes};
    return id;
}

bool bkey_connection_is_application(const bkey_connection *connection)
{
    return connection->grant == BKEY_GRANT_SECRET || connection->grant == BKEY_GRANT_CERT;
}

bool bkey_connection_is_customer(const bkey_connection *connection)
{
    return !sup_guid_is_zero(&connection->partner) &&
           !sup_guid_equal(&connection->partner, &connection->tenant);
}

bool bkey_connection_has(const bkey_connection *connection, const char *organization_id)
{
    for (uint32_t i = 0; i < connection->organization_count; i++) {
        if (strcmp(connection->organization_ids[i], organization_id) == 0)
            return true;
    }
    return false;
}

void bkey_connection_put(bkey_codec_writer *writer, const bkey_connection *connection)
{
    bkey_codec_put_guid(writer, &connection->tenant);
    bkey_codec_put_u8(writer, (uint8_t)connection->grant);
    bkey_codec_put_i64(writer, connection->created_ms);
    bkey_codec_put_text(writer, connection->client_id);
    bkey_codec_put_text(writer, connection->login_url);
    bkey_codec_put_text(writer, connection->graph_url);
    bkey_codec_put_u32(writer, connection->organization_count);
    for (uint32_t i = 0; i < connection->organization_count; i++)
        bkey_codec_put_text(writer, connection->organization_ids[i]);
    bkey_codec_put_guid(writer, &connection->partner);
}

bkey_err bkey_connection_seal(const bkey_place *place, const bkey_connection *connection,
                              bkey_sealed *out_sealed)
{
    bkey_content content;
    if (connection->organization_count > BKEY_CONNECTION_ORGANIZATIONS_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_content_begin(place, sizeof *connection + 1024, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_connection_put(&content.writer, connection);
    bkey_ref ref = {.kind = BKEY_KIND_CONNECTION,
                    .id = id_of(&connection->tenant),
                    .revision = connection->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

bkey_err bkey_connection_take(bkey_codec_reader *reader, bkey_connection *out)
{
    bkey_codec_get_guid(reader, &out->tenant);
    uint8_t grant = bkey_codec_get_u8(reader);
    out->created_ms = bkey_codec_get_i64(reader);
    bkey_codec_get_text(reader, out->client_id, sizeof out->client_id);
    bkey_codec_get_text(reader, out->login_url, sizeof out->login_url);
    bkey_codec_get_text(reader, out->graph_url, sizeof out->graph_url);
    uint32_t count = bkey_codec_get_u32(reader);
    if (count > BKEY_CONNECTION_ORGANIZATIONS_MAX || grant == 0)
        return bkey_fail(BKEY_E_FORMAT);
    out->organization_count = count;
    for (uint32_t i = 0; i < count; i++)
        bkey_codec_get_text(reader, out->organization_ids[i], BKEY_ID_SIZE);
    /* A grant of a later version is no damage, but nothing that we could use. */
    if (grant >= BKEY_GRANT_COUNT)
        return bkey_fail(BKEY_E_NEWER_FORMAT);
    out->grant = (bkey_grant)grant;
    if (reader->failed)
        return bkey_fail(BKEY_E_FORMAT);
    /* Rows of the first version end here. */
    if (reader->at < reader->len)
        bkey_codec_get_guid(reader, &out->partner);
    return reader->failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

static bkey_err decode(const uint8_t *plain, size_t len, bkey_connection *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    return bkey_is_ok(err) ? bkey_connection_take(&reader, out) : err;
}

bkey_err bkey_connection_get(const bkey_place *place, const sup_guid *tenant,
                             bkey_connection *out_connection)
{
    bkey_secret *plain = NULL;
    uint64_t revision = 0;
    bkey_err err = bkey_open_row(place, BKEY_KIND_CONNECTION, id_of(tenant), &plain, &revision);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_fail(BKEY_E_NOT_CONNECTED);
    if (!bkey_is_ok(err))
        return err;
    bkey_connection *found = calloc(1, sizeof *found);
    err = found != NULL ? decode(bkey_secret_borrow(plain), bkey_secret_len(plain), found)
                        : bkey_fail(BKEY_E_NOMEM);
    if (found != NULL)
        bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err)) {
        found->revision = revision;
        *out_connection = *found;
    }
    free(found);
    return err;
}

typedef struct walk {
    bkey_connection_sink sink;
    void *context;
    bkey_connection found;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    walk *walking = context;
    walking->found = (bkey_connection){.revision = row->revision};
    bkey_err err = decode(row->plain, row->plain_len, &walking->found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &walking->found) : err;
}

bkey_err bkey_connection_scan(const bkey_place *place, bkey_connection_sink sink, void *context)
{
    walk *walking = calloc(1, sizeof *walking);
    if (walking == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    walking->sink = sink;
    walking->context = context;
    bkey_err err = bkey_seal_scan(place, BKEY_KIND_CONNECTION, give, walking);
    free(walking);
    return err;
}
