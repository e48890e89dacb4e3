/* SPDX-License-Identifier: Apache-2.0
 *
 * See match_find.h. */
#include "usecase/match_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/match_name.h"
#include "support/utf8.h"

static bkey_err refuse(char *detail, uint32_t reason, const char *sentence)
{
    (void)snprintf(detail, BKEY_MATCH_FIND_DETAIL_SIZE, "%s", sentence);
    return bkey_fail(reason);
}

typedef struct searching {
    const bkey_match_query *query;
    const char *wanted;
    sup_guid id;
    bool by_id;
    uint32_t hits;
    bkey_match_found *out;
} searching;

static void take_page(searching *s, const bkey_connection *connection, const bkey_match_page *page)
{
    bkey_match_found *out = s->out;
    if (s->hits++ > 0)
        return;
    out->connection = *connection;
    out->device_id = page->device_id;
    out->state = page->state;
    out->reason = page->reason;
    (void)sup_utf8_clean(page->name, strlen(page->name), out->name, sizeof out->name);
    out->organization_id[0] = '\0';
    if (strlen(page->organization_id) < sizeof out->organization_id)
        memcpy(out->organization_id, page->organization_id, strlen(page->organization_id) + 1);
}

static bool is_it(const searching *s, const bkey_match_page *page)
{
    if (sup_guid_is_zero(&page->device_id))
        return false;
    return s->by_id ? sup_guid_equal(&s->id, &page->device_id)
                    : page->name[0] != '\0' && bkey_match_name_same(page->name, s->wanted);
}

static bkey_err search_connection(searching *s, const bkey_connection *connection)
{
    bkey_match_book *book = calloc(1, sizeof *book);
    if (book == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_match_book_read(s->query->vault, s->query->call, connection, book);
    const bkey_match_page *pages = book->pages.items;
    for (size_t i = 0; bkey_is_ok(err) && i < book->pages.count; i++) {
        if (is_it(s, &pages[i]) && bkey_match_list_sees(s->query->scope, connection, &pages[i]))
            take_page(s, connection, &pages[i]);
    }
    bkey_match_book_done(book);
    free(book);
    return err;
}

bkey_err bkey_match_find_device(const bkey_match_query *query, const char *wanted,
                                bkey_match_found *out, char detail[BKEY_MATCH_FIND_DETAIL_SIZE])
{
    searching s = {.query = query, .wanted = wanted, .out = out};
    bkey_vec connections;
    bkey_vec_init(&connections, sizeof(bkey_connection));
    s.by_id = sup_guid_parse(wanted, strlen(wanted), &s.id);
    bkey_err err = bkey_match_list_connections(query, &connections);
    const bkey_connection *all = connections.items;
    for (size_t i = 0; bkey_is_ok(err) && i < connections.count; i++)
        err = search_connection(&s, &all[i]);
    bkey_vec_done(&connections);
    if (bkey_is_ok(err) && s.hits == 0)
        return refuse(detail, BKEY_E_NO_STATE, "There is no such device.");
    if (bkey_is_ok(err) && s.hits > 1)
        return refuse(
            detail, BKEY_E_PARAMETER,
            "Several devices have that name: give the device id, which match list shows.");
    return err;
}

typedef struct choosing {
    const char *wanted;
    const char *organization_id;
    uint32_t hits;
    bool by_id;
    bool archived;
    bkey_match_target *out;
} choosing;

/* An id goes before any name. */
static bkey_err take_configuration(void *context, const bkey_configuration_view *row)
{
    choosing *c = context;
    bool by_id = strcmp(row->configuration_id, c->wanted) == 0;
    if (c->by_id || (!by_id && !bkey_match_name_same(row->name, c->wanted)))
        return bkey_ok();
    c->by_id = by_id;
    if (by_id)
        c->hits = 0;
    if (row->archived) {
        c->archived = true;
        return bkey_ok();
    }
    c->hits++;
    if (strlen(row->configuration_id) >= BKEY_ID_SIZE || strlen(c->organization_id) >= BKEY_ID_SIZE)
        return bkey_fail(BKEY_E_LIMIT);
    memcpy(c->out->configuration_id, row->configuration_id, strlen(row->configuration_id) + 1);
    memcpy(c->out->organization_id, c->organization_id, strlen(c->organization_id) + 1);
    (void)sup_utf8_clean(row->name, strlen(row->name), c->out->name, sizeof c->out->name);
    return bkey_ok();
}

bkey_err bkey_match_find_configuration(const bkey_match_query *query,
                                       const bkey_connection *connection, const char *wanted,
                                       bkey_match_target *out,
                                       char detail[BKEY_MATCH_FIND_DETAIL_SIZE])
{
    const bkey_ports *ports = query->ports;
    choosing c = {.wanted = wanted, .out = out};
    bkey_err err = bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i < connection->organization_count; i++) {
        c.organization_id = connection->organization_ids[i];
        if (bkey_scope_has(query->scope, c.organization_id))
            err = ports->configurations(ports->self, query->call, c.organization_id,
                                        take_configuration, &c);
    }
    if (!bkey_is_ok(err))
        return err;
    if (c.hits == 0)
        return refuse(detail, c.archived ? BKEY_E_PARAMETER : BKEY_E_NO_STATE,
                      c.archived ? "That configuration is archived."
                                 : "There is no such configuration in the organizations of the "
                                   "device's connection.");
    if (c.hits > 1)
        return refuse(detail, BKEY_E_PARAMETER,
                      "Several configurations have that name: give the configuration's id.");
    return bkey_ok();
}
