/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom a partner's sign-in could reach, with the organization of the very same name: a suggestion
 * that a person takes or leaves. Writes nothing. Must not know the ABI. */
#include "usecase/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/endpoints.h"

#define NAME_SIZE 512u

typedef struct customer {
    sup_guid tenant;
    char name[NAME_SIZE];
} customer;

static bkey_err keep(void *context, const sup_guid *tenant, const char *name)
{
    bkey_vec *list = context;
    customer *kept = bkey_vec_add(list);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    kept->tenant = *tenant;
    (void)snprintf(kept->name, sizeof kept->name, "%s", name);
    return bkey_ok();
}

static bkey_err read_page(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_customers(body, sync->connection.graph_url, keep, context, out_page);
}

static bkey_err ask(bkey_sync *sync, bool (*begin)(const char *graph_url, sup_buffer *out),
                    bkey_vec *list)
{
    bkey_sync_listing listing = {
        .kind = BKEY_CALL_DIRECTORY, .begin = begin, .read = read_page, .context = list};
    bkey_vec_clear(list);
    return bkey_sync_listing_one(sync, &listing);
}

/* A cloud without relationships, or an app that may not read them, has contracts. */
static bkey_err ask_both(bkey_sync *sync, bkey_vec *list)
{
    bkey_err err = ask(sync, bkey_endpoints_customers, list);
    if (!bkey_is(err, BKEY_E_STATUS) && !bkey_is(err, BKEY_E_NOT_FOUND))
        return err;
    err = ask(sync, bkey_endpoints_contracts, list);
    if (bkey_is(err, BKEY_E_STATUS))
        (void)snprintf(sync->detail, sizeof sync->detail,
                       "Microsoft does not tell the partner's customers: a Microsoft "
                       "administrator of the partner must grant the app "
                       "DelegatedAdminRelationship.Read.All or Directory.Read.All.");
    return err;
}

static bool find_organization(bkey_sync *sync, const char *name, char out_id[NAME_SIZE])
{
    char found[NAME_SIZE];
    return name[0] != '\0' &&
           bkey_is_ok(sync->ports->organization(sync->ports->self, sync->call, name, out_id, found,
                                                NAME_SIZE)) &&
           strcmp(found, name) == 0;
}

static bkey_err tell(bkey_sync *sync, const bkey_vec *list)
{
    const bkey_place root = bkey_connection_place(sync->vault, sync->call);
    const customer *all = list->items;
    bkey_connection *known = calloc(1, sizeof *known);
    bool goes_on = true;
    bkey_err err = known != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
    for (size_t i = 0; bkey_is_ok(err) && goes_on && i < list->count; i++) {
        char tenant[SUP_GUID_TEXT_LEN + 1];
        char id[NAME_SIZE];
        sup_guid_format(&all[i].tenant, tenant);
        err = bkey_connection_get(&root, &all[i].tenant, known);
        const bkey_customer_row row = {.tenant = tenant,
                                       .name = all[i].name,
                                       .organization_id =
                                           find_organization(sync, all[i].name, id) ? id : "",
                                       .is_connected = bkey_is_ok(err)};
        if (bkey_is(err, BKEY_E_NOT_CONNECTED))
            err = bkey_ok();
        goes_on = bkey_is_ok(err) && sync->customers.add(sync->customers.context, &row);
    }
    sync->customer_count = list->count;
    free(known);
    return err;
}

bkey_err bkey_sync_customers_list(bkey_sync *sync)
{
    bkey_vec list;
    if (!sup_guid_equal(&sync->connection.partner, &sync->tenant)) {
        (void)snprintf(sync->detail, sizeof sync->detail,
                       "This is no partner's connection: connect the tenant with itself as the "
                       "partner first.");
        return bkey_fail(BKEY_E_PARAMETER);
    }
    bkey_vec_init(&list, sizeof(customer));
    bkey_err err = bkey_sync_preflight_begin(sync);
    if (bkey_is_ok(err))
        err = bkey_sync_token_obtain(sync);
    if (bkey_is_ok(err))
        err = ask_both(sync, &list);
    if (bkey_is_ok(err))
        err = tell(sync, &list);
    bkey_vec_done(&list);
    return err;
}
