/* SPDX-License-Identifier: Apache-2.0
 *
 * See find.h. */
#include "usecase/find.h"

#include <stdlib.h>
#include <string.h>

#include "state/decision.h"
#include "state/evidence.h"
#include "state/held.h"
#include "state/imported.h"
#include "usecase/vec.h"

_Static_assert(BKEY_IMPORTED_TEXT_SIZE <= BKEY_EVIDENCE_TEXT_SIZE, "a name fits");

typedef struct hit {
    sup_guid tenant;
    sup_guid key_id;
    sup_guid device_id;
} hit;

typedef struct finding {
    const bkey_find_query *query;
    char part[SUP_GUID_TEXT_LEN + 1]; /* lower case */
    sup_guid tenant;                  /* whose keys come */
    bkey_vec connections;             /* bkey_connection */
    bkey_vec hits;
    bkey_json_builder builder;
    bkey_json *rows;
    bkey_evidence_row known;
} finding;

static bool clean_part(const char *part, char out[SUP_GUID_TEXT_LEN + 1])
{
    size_t len = 0;
    for (; *part != '\0'; part++) {
        if (*part == ' ' || *part == '{' || *part == '}')
            continue;
        if (len == SUP_GUID_TEXT_LEN)
            return false;
        out[len++] = *part >= 'A' && *part <= 'Z' ? (char)(*part - 'A' + 'a') : *part;
    }
    out[len] = '\0';
    return len > 0;
}

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    finding *f = context;
    if (!bkey_scope_has_connection(f->query->scope, connection))
        return bkey_ok();
    bkey_connection *kept = bkey_vec_add(&f->connections);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = *connection;
    return bkey_ok();
}

static bkey_err take_key(void *context, const bkey_held_key *key)
{
    finding *f = context;
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&key->id, text);
    if ((key->flags & BKEY_HELD_SECRET) == 0 || strstr(text, f->part) == NULL)
        return bkey_ok();
    if (f->hits.count == BKEY_FIND_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    hit *found = bkey_vec_add(&f->hits);
    if (found == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *found = (hit){f->tenant, key->id, key->device_id};
    return bkey_ok();
}

static bkey_err take_nothing(void *context, const bkey_record_view *row)
{
    (void)context;
    (void)row;
    return bkey_ok();
}

/* What is known of the device; what a person decided after the last sync goes before it. */
static bkey_err read_device(finding *f, const bkey_place *none, const sup_guid *id, bool *out_known)
{
    bkey_decision_row decision = {.reason = 0};
    memset(&f->known, 0, sizeof f->known);
    bkey_err err = bkey_evidence_get(none, id, &f->known);
    *out_known = bkey_is_ok(err);
    if (bkey_is_ok(err) || bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_decision_get(none, id, &decision);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (f->known.name[0] == '\0')
        memcpy(f->known.name, decision.device_name, sizeof decision.device_name);
    if (decision.reason == BKEY_MATCH_IGNORED) {
        f->known.outcome = BKEY_UNMATCHED_IGNORED;
        *out_known = true;
    }
    return err;
}

/* A key without a device has what the import told; else the device says it. */
static bkey_err read_import(finding *f, const bkey_place *none, const sup_guid *key_id)
{
    bkey_imported told;
    bkey_err err = bkey_imported_get(none, key_id, &told);
    if (bkey_is_ok(err) && f->known.name[0] == '\0')
        memcpy(f->known.name, told.name, sizeof told.name);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static const char *state_of(const finding *f, bool known)
{
    const bkey_evidence_row *row = &f->known;
    bkey_match_state state =
        known ? bkey_match_state_of(row->outcome, row->by_name, row->candidate_count)
              : BKEY_MATCH_STATE_UNMATCHED;
    /* A suggestion is no match, and a match that is not carried out yet is none either. */
    if (state == BKEY_MATCH_STATE_SUGGESTED || state == BKEY_MATCH_STATE_MATCHED)
        state = BKEY_MATCH_STATE_UNMATCHED;
    return bkey_match_state_name(state);
}

static bkey_err put_hit(finding *f, const hit *found)
{
    const bkey_find_query *query = f->query;
    const bkey_place none = {query->vault, query->call, found->tenant, ""};
    char external[BKEY_EXTERNAL_ID_SIZE];
    char device[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&found->tenant, external);
    external[SUP_GUID_TEXT_LEN] = ':';
    sup_guid_format(&found->key_id, external + SUP_GUID_TEXT_LEN + 1);
    bkey_err err =
        query->ports->record(query->ports->self, query->call, external, take_nothing, NULL);
    if (!bkey_is(err, BKEY_E_NO_STATE))
        return err; /* the host finds what has a record */
    bool known = false;
    err = read_device(f, &none, &found->device_id, &known);
    if (bkey_is_ok(err))
        err = read_import(f, &none, &found->key_id);
    if (!bkey_is_ok(err))
        return err;
    bkey_json *row = bkey_json_add_object(&f->builder, f->rows);
    bkey_json_put_text(&f->builder, row, "key_id", external + SUP_GUID_TEXT_LEN + 1);
    bkey_json_put_text(&f->builder, row, "external_id", external);
    bkey_json_put_text(&f->builder, row, "device", f->known.name);
    sup_guid_format(&found->device_id, device);
    bkey_json_put_text(&f->builder, row, "device_id",
                       sup_guid_is_zero(&found->device_id) ? "" : device);
    sup_guid_format(&found->tenant, device);
    bkey_json_put_text(&f->builder, row, "connection", device);
    bkey_json_put_text(&f->builder, row, "state", state_of(f, known));
    return bkey_ok();
}

/* A sync that ended between reading a key and making its record left it in its organization's
 * place. To look through all keys there would take too long: the whole Key ID finds it. */
static bkey_err find_unpublished(finding *f, const bkey_connection *connection)
{
    const bkey_find_query *query = f->query;
    bkey_err err = bkey_ok();
    sup_guid id;
    if (!sup_guid_parse(f->part, strlen(f->part), &id))
        return bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i < connection->organization_count; i++) {
        const bkey_place place = {query->vault, query->call, connection->tenant,
                                  connection->organization_ids[i]};
        bkey_held_key held;
        err = bkey_held_get(&place, &id, &held);
        if (bkey_is_ok(err))
            err = take_key(f, &held);
        else if (bkey_is(err, BKEY_E_NO_STATE))
            err = bkey_ok();
    }
    return err;
}

static bkey_err find_all(finding *f)
{
    const bkey_find_query *query = f->query;
    const bkey_place connections = bkey_connection_place(query->vault, query->call);
    bkey_err err = bkey_connection_scan(&connections, take_connection, f);
    const bkey_connection *all = f->connections.items;
    for (size_t i = 0; bkey_is_ok(err) && i < f->connections.count; i++) {
        f->tenant = all[i].tenant;
        const bkey_place none = {query->vault, query->call, f->tenant, ""};
        err = bkey_held_scan(&none, take_key, f);
        if (bkey_is_ok(err))
            err = find_unpublished(f, &all[i]);
    }
    for (size_t i = 0; bkey_is_ok(err) && i < f->hits.count; i++)
        err = put_hit(f, (const hit *)f->hits.items + i);
    return err;
}

bkey_err bkey_find_write(const bkey_find_query *query, sup_buffer *json)
{
    finding *f = calloc(1, sizeof *f);
    bkey_err err = bkey_ok();
    if (f == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    f->query = query;
    bkey_vec_init(&f->connections, sizeof(bkey_connection));
    bkey_vec_init(&f->hits, sizeof(hit));
    bkey_json_builder_init(&f->builder);
    f->rows = bkey_json_put_array(&f->builder, f->builder.root, "rows");
    if (clean_part(query->part, f->part) && query->ports->entitled(query->ports->self))
        err = find_all(f);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&f->builder, json);
    bkey_json_builder_done(&f->builder);
    bkey_vec_done(&f->hits);
    bkey_vec_done(&f->connections);
    free(f);
    return err;
}
