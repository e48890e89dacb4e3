/* SPDX-License-Identifier: Apache-2.0
 *
 * The connections as units of scheduled work. Must not know when they run. */
#include "usecase/units.h"

#include "state/connection.h"

typedef struct units_context {
    bkey_err (*sink)(void *context, const bkey_unit *unit);
    void *context;
} units_context;

static bkey_err pass_connection(void *context, const bkey_connection *connection)
{
    const units_context *to = context;
    char tenant[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&connection->tenant, tenant);
    const bkey_unit unit = {tenant, tenant};
    return to->sink(to->context, &unit);
}

bkey_err bkey_units_list(const bkey_ports *ports, const bkey_call *call, bkey_vault *vault,
                         bkey_err (*sink)(void *context, const bkey_unit *unit), void *context)
{
    units_context to = {sink, context};
    bkey_place place = bkey_connection_place(vault, call);
    (void)ports;
    return bkey_connection_scan(&place, pass_connection, &to);
}
