/* SPDX-License-Identifier: Apache-2.0
 *
 * Paging over any kind of row. Must not know a property by name, except where a filter on an id
 * would otherwise look at every row. */
#define _GNU_SOURCE
#include "listing.h"

#include "errors.h"
#include "filter.h"
#include "odata.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <string.h>

typedef struct list_query {
    uint64_t selected;
    sim_filter filter;
    size_t top;
    size_t from;
} list_query;

typedef struct row_ref {
    const sim_kind *kind;
    const sim_tenant *tenant;
    size_t position;
} row_ref;

static void refuse(sim_call *call, const char *code, const char *message)
{
    sim_errors_graph(call->world, call->response, 400, code, message);
}

static bool read_top(sim_call *call, const sim_listing *listing, size_t *out)
{
    char message[160];
    const char *text = sim_params_get(&call->query, "$top");
    *out = listing->page;
    if (text == NULL)
        return true;
    bool number = sim_odata_top(text, out);
    if (number && (*out <= listing->most || !listing->refuse_more)) {
        *out = *out > listing->most ? listing->most : *out;
        return true;
    }
    (void)snprintf(message, sizeof message,
                   "Invalid page size specified: '%.20s'. Must be between 1 and %zu inclusive.",
                   text, listing->most);
    refuse(call, listing->bad_query, message);
    return false;
}

static bool read_query(sim_call *call, const sim_listing *listing, list_query *out)
{
    const sim_kind *kind = listing->kind;
    char message[200];
    const char *name = NULL;
    *out = (list_query){0};
    if (!sim_odata_only(&call->query, listing->options, &name)) {
        (void)snprintf(message, sizeof message, "The query option '%.40s' is not supported.", name);
        refuse(call, listing->bad_query, message);
        return false;
    }
    if (!sim_kind_select(kind, sim_params_get(&call->query, "$select"), &out->selected)) {
        (void)snprintf(message, sizeof message,
                       "Could not find a property on type 'microsoft.graph.%s'.", kind->type);
        refuse(call, "BadRequest", message);
        return false;
    }
    const char *text = sim_params_get(&call->query, "$filter");
    bool counts = sim_params_get(&call->query, "$count") != NULL;
    if (text != NULL && (!sim_filter_read(text, kind->properties, kind->count, &out->filter) ||
                         (counts && strstr(text, "azureADDeviceId") != NULL))) {
        refuse(call, listing->bad_query, "Invalid filter clause.");
        return false;
    }
    text = sim_params_get(&call->query, "$skiptoken");
    if (text != NULL && !sim_odata_page_read(call, text, &out->from))
        return false;
    return read_top(call, listing, &out->top);
}

static void row_value(const void *row, int property, sup_buffer *out)
{
    const row_ref *ref = row;
    sim_kind_write_value(ref->kind, ref->tenant, ref->position, property, out);
}

/* Where a filter by a device's id can only fit; the end of the rows when nowhere. */
static size_t jump(const sim_call *call, const sim_listing *listing, const list_query *query,
                   size_t at)
{
    const sim_rows *rows = listing->kind->rows(call->tenant);
    const sim_term *term = &query->filter.terms[0];
    if (query->filter.count != 1 || term->op != SIM_EQUAL || at >= rows->base)
        return at;
    const char *name = listing->kind->properties[term->property].name;
    if (strcmp(name, "azureADDeviceId") != 0 && strcmp(name, "deviceId") != 0)
        return at;
    char id[64];
    uint32_t index;
    (void)snprintf(id, sizeof id, "%.*s", (int)strlen(term->literal) - 2, term->literal + 1);
    bool known = sim_ids_find(call->tenant->gen.device_ids, id, &index) && index < rows->base;
    return known && index >= at ? index : rows->base;
}

static bool next_row(const sim_call *call, const sim_listing *listing, const list_query *query,
                     size_t *at)
{
    const sim_rows *rows = listing->kind->rows(call->tenant);
    for (*at = jump(call, listing, query, *at); *at < sim_rows_end(rows); ++*at) {
        row_ref ref = {listing->kind, call->tenant, *at};
        if (sim_rows_alive(rows, *at) &&
            (query->filter.count == 0 || sim_filter_fits(&query->filter, row_value, &ref)))
            return true;
    }
    return false;
}

static size_t write_rows(sim_call *call, const sim_listing *listing, const list_query *query,
                         sup_buffer *out, size_t *next)
{
    size_t at = query->from;
    size_t count = 0;
    bool more = next_row(call, listing, query, &at);
    for (; more && count < query->top; count++) {
        if (count > 0)
            sup_buffer_add_str(out, ",");
        sim_kind_write(listing->kind, call->tenant, at++, query->selected, out);
        more = next_row(call, listing, query, &at);
    }
    /* A page that starts with the last row of the one before. */
    bool again = call->world->switches.values[SIM_SWITCH_DUPLICATE_ACROSS_PAGES] != 0;
    *next = !more ? 0 : again && count > 1 ? at - 1 : at;
    return count;
}

void sim_listing_run(sim_call *call, const sim_listing *listing)
{
    list_query query;
    size_t next = 0;
    if (!read_query(call, listing, &query))
        return;
    sup_buffer rows;
    sup_buffer_init(&rows, SIM_HTTP_BODY_MAX);
    size_t count = write_rows(call, listing, &query, &rows, &next);
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, listing->context, out);
    if (listing->count_page)
        sup_buffer_printf(out, ",\"@odata.count\":%zu", count);
    if (next != 0)
        sim_odata_next_link(call, next, out);
    sup_buffer_add_str(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&rows));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&rows);
}

void sim_listing_single(sim_call *call, const sim_listing *listing, size_t position)
{
    static const char *const allowed[] = {"$select", NULL};
    const char *name;
    char context[128];
    uint64_t selected = 0;
    if (!sim_odata_only(&call->query, allowed, &name) ||
        !sim_kind_select(listing->kind, sim_params_get(&call->query, "$select"), &selected)) {
        refuse(call, "BadRequest",
               "Could not find a property of that name, or the query option is "
               "not supported.");
        return;
    }
    (void)snprintf(context, sizeof context, "%.100s/$entity", listing->context);
    sim_odata_context(call, context, &call->response->body);
    sup_buffer_add_str(&call->response->body, ",");
    sim_kind_write_single(listing->kind, call->tenant, position, selected, &call->response->body);
}
