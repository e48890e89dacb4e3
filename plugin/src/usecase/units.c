/* SPDX-License-Identifier: Apache-2.0
 *
 * The connections as units of scheduled work. Must not know when they run. */
#include "usecase/units.h"

#include <stdio.h>
#include <string.h>

#include "state/signin.h"
#include "usecase/vec.h"

#define NAME_SIZE 512U

typedef struct found_unit {
    char tenant[SUP_GUID_TEXT_LEN + 1];
    char organization_id[BKEY_ID_SIZE]; /* the first one */
    uint32_t organization_count;
} found_unit;

static bool is_found(const bkey_vec *found, const char *tenant)
{
    const found_unit *units = found->items;
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(units[i].tenant, tenant) == 0)
            return true;
    }
    return false;
}

static bkey_err keep_connection(void *context, const bkey_connection *connection)
{
    found_unit *unit = bkey_vec_add(context);
    if (unit == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    sup_guid_format(&connection->tenant, unit->tenant);
    unit->organization_count = connection->organization_count;
    if (connection->organization_count > 0)
        memcpy(unit->organization_id, connection->organization_ids[0], BKEY_ID_SIZE);
    return bkey_ok();
}

/* A tenant's first sign-in has no connection yet, and ticks to go on. */
static bkey_err keep_signin(void *context, const bkey_signin *signin)
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&signin->target.tenant, tenant);
    if (!bkey_signin_is_open(signin) || is_found(context, tenant))
        return bkey_ok();
    return keep_connection(context, &signin->target);
}

/* People know a connection by the customer it documents, not by a GUID. */
static void name_unit(const bkey_ports *ports, const bkey_call *call, const found_unit *unit,
                      char out[NAME_SIZE + 32])
{
    char id[NAME_SIZE];
    char name[NAME_SIZE];
    bool known = unit->organization_count > 0 &&
                 bkey_is_ok(ports->organization(ports->self, call, unit->organization_id, id, name,
                                                sizeof name));
    if (!known)
        (void)snprintf(out, NAME_SIZE + 32, "%s", unit->tenant);
    else if (unit->organization_count == 1)
        (void)snprintf(out, NAME_SIZE + 32, "%s", name);
    else
        (void)snprintf(out, NAME_SIZE + 32, "%s and %u more", name, unit->organization_count - 1);
}

bkey_err bkey_units_list(const bkey_ports *ports, const bkey_call *call, bkey_vault *vault,
                         bkey_err (*sink)(void *context, const bkey_unit *unit), void *context)
{
    bkey_vec found;
    bkey_place place = bkey_connection_place(vault, call);
    bkey_vec_init(&found, sizeof(found_unit));
    bkey_err err = bkey_connection_scan(&place, keep_connection, &found);
    if (bkey_is_ok(err))
        err = bkey_signin_scan(&place, keep_signin, &found);
    const found_unit *units = found.items;
    for (size_t i = 0; bkey_is_ok(err) && i < found.count; i++) {
        char name[NAME_SIZE + 32];
        name_unit(ports, call, &units[i], name);
        const bkey_unit unit = {units[i].tenant, name};
        err = sink(context, &unit);
    }
    bkey_vec_done(&found);
    return err;
}

typedef struct customer_list {
    const sup_guid *partner;
    bkey_json_builder *builder;
    bkey_json *list;
} customer_list;

static bkey_err keep_customer(void *context, const bkey_connection *connection)
{
    const customer_list *customers = context;
    char tenant[SUP_GUID_TEXT_LEN + 1];
    if (!bkey_connection_is_customer(connection) ||
        !sup_guid_equal(&connection->partner, customers->partner))
        return bkey_ok();
    sup_guid_format(&connection->tenant, tenant);
    bkey_json_add_text(customers->builder, customers->list, tenant);
    return bkey_ok();
}

bkey_err bkey_units_put_customers(const bkey_place *root, const sup_guid *partner,
                                  bkey_json_builder *builder)
{
    customer_list customers = {partner, builder,
                               bkey_json_put_array(builder, builder->root, "customers")};
    return bkey_connection_scan(root, keep_customer, &customers);
}
