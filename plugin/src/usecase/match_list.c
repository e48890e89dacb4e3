/* SPDX-License-Identifier: Apache-2.0
 *
 * See match_list.h. */
#include "usecase/match_list.h"

#include <stdlib.h>
#include <string.h>

#include "support/iso8601.h"

bool bkey_match_list_sees(const bkey_scope *scope, const bkey_connection *connection,
                          const bkey_match_page *page)
{
    return page->state == BKEY_MATCH_STATE_MATCHED ? bkey_scope_has(scope, page->organization_id)
                                                   : bkey_scope_has_connection(scope, connection);
}

typedef struct gathering {
    const bkey_match_query *query;
    sup_guid tenant;
    bool any_tenant;
    bkey_vec *connections;
} gathering;

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    gathering *g = context;
    const char *organization = g->query->organization_id;
    bool visible = false;
    for (uint32_t i = 0; i < connection->organization_count && !visible; i++)
        visible = bkey_scope_has(g->query->scope, connection->organization_ids[i]);
    if (!visible || (!g->any_tenant && !sup_guid_equal(&g->tenant, &connection->tenant)) ||
        (organization[0] != '\0' && !bkey_connection_has(connection, organization)))
        return bkey_ok();
    bkey_connection *copy = bkey_vec_add(g->connections);
    if (copy == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *copy = *connection;
    return bkey_ok();
}

bkey_err bkey_match_list_connections(const bkey_match_query *query, bkey_vec *out_connections)
{
    const bkey_place place = bkey_connection_place(query->vault, query->call);
    gathering g = {
        .query = query, .any_tenant = query->tenant[0] == '\0', .connections = out_connections};
    if (!g.any_tenant && !sup_guid_parse(query->tenant, strlen(query->tenant), &g.tenant))
        return bkey_fail(BKEY_E_NOT_CONNECTED);
    bkey_err err = bkey_connection_scan(&place, take_connection, &g);
    if (bkey_is_ok(err) && !g.any_tenant && out_connections->count == 0)
        err = bkey_fail(BKEY_E_NOT_CONNECTED);
    return err;
}

typedef struct listing {
    const bkey_match_query *query;
    bkey_json_builder builder;
    bkey_json *rows;
    bkey_match_state wanted;
    bool any_state;
} listing;

static bool is_wanted(const listing *l, const bkey_match_book *book, const bkey_match_page *page)
{
    const char *organization = l->query->organization_id;
    if (!l->any_state && page->state != l->wanted)
        return false;
    if (organization[0] != '\0' && page->state == BKEY_MATCH_STATE_MATCHED &&
        strcmp(organization, page->organization_id) != 0)
        return false;
    return bkey_match_list_sees(l->query->scope, &book->connection, page);
}

static const char *why_of(const bkey_match_page *page)
{
    return page->outcome == BKEY_MATCHED_REMEMBERED ? bkey_match_state_reason(page->reason)
                                                    : bkey_match_state_why(page->outcome);
}

static void put_candidates(listing *l, bkey_json *row, const bkey_match_page *page)
{
    bkey_json *list = bkey_json_put_array(&l->builder, row, "candidates");
    for (uint32_t i = 0; i < page->candidate_count; i++) {
        const bkey_evidence_candidate *from = &page->candidates[i];
        if (!bkey_scope_has(l->query->scope, from->organization_id))
            continue;
        bkey_json *to = bkey_json_add_object(&l->builder, list);
        bkey_json_put_text(&l->builder, to, "organization_id", from->organization_id);
        bkey_json_put_text(&l->builder, to, "configuration_id", from->configuration_id);
    }
}

static void put_row(listing *l, const bkey_match_book *book, const bkey_match_page *page)
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    char device[SUP_GUID_TEXT_LEN + 1] = "";
    char since[SUP_ISO8601_TEXT_SIZE] = "";
    bkey_json_builder *builder = &l->builder;
    bkey_json *row = bkey_json_add_object(builder, l->rows);
    bool placed = page->state == BKEY_MATCH_STATE_MATCHED;
    sup_guid_format(&book->connection.tenant, tenant);
    if (!sup_guid_is_zero(&page->device_id))
        sup_guid_format(&page->device_id, device);
    if (page->reason != 0)
        sup_iso8601_format(page->since_ms, since);
    bkey_json_put_text(builder, row, "device", page->name);
    bkey_json_put_text(builder, row, "device_id", device);
    bkey_json_put_text(builder, row, "connection", tenant);
    bkey_json_put_text(builder, row, "state", bkey_match_state_name(page->state));
    bkey_json_put_text(builder, row, "organization_id", placed ? page->organization_id : "");
    bkey_json_put_text(builder, row, "configuration_id", placed ? page->configuration_id : "");
    bkey_json_put_int(builder, row, "keys", (int64_t)(page->placed + page->waiting));
    bkey_json_put_int(builder, row, "waiting", (int64_t)page->waiting);
    bkey_json_put_text(builder, row, "serial", page->serial);
    bkey_json_put_text(builder, row, "why", why_of(page));
    bkey_json_put_text(builder, row, "who", page->who);
    bkey_json_put_text(builder, row, "since", since);
    bkey_json_put_bool(builder, row, "by_name", page->by_name);
    put_candidates(l, row, page);
}

static bkey_err list_connection(listing *l, const bkey_connection *connection)
{
    const bkey_match_query *query = l->query;
    bkey_match_book *book = calloc(1, sizeof *book);
    if (book == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_match_book_read(query->vault, query->call, connection, book);
    const bkey_match_page *pages = book->pages.items;
    for (size_t i = 0; bkey_is_ok(err) && i < book->pages.count; i++) {
        if (is_wanted(l, book, &pages[i]))
            put_row(l, book, &pages[i]);
    }
    bkey_match_book_done(book);
    free(book);
    return err;
}

bkey_err bkey_match_list_write(const bkey_match_query *query, sup_buffer *json)
{
    listing l = {.query = query, .any_state = query->state[0] == '\0'};
    bkey_vec connections;
    if (!l.any_state && !bkey_match_state_parse(query->state, &l.wanted))
        return bkey_fail(BKEY_E_PARAMETER);
    bkey_vec_init(&connections, sizeof(bkey_connection));
    bkey_json_builder_init(&l.builder);
    l.rows = bkey_json_put_array(&l.builder, l.builder.root, "rows");
    bkey_err err = bkey_match_list_connections(query, &connections);
    const bkey_connection *all = connections.items;
    for (size_t i = 0; bkey_is_ok(err) && i < connections.count; i++)
        err = list_connection(&l, &all[i]);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&l.builder, json);
    bkey_json_builder_done(&l.builder);
    bkey_vec_done(&connections);
    return err;
}
