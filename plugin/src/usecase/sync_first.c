/* SPDX-License-Identifier: Apache-2.0
 *
 * First publications of other tenants that an earlier process did not get done: their keys are held
 * for an organization and have no record in it. Nothing has to be written down for that. Must not
 * write. */
#include <string.h>

#include "state/held.h"
#include "usecase/sync.h"

typedef struct recalling {
    const bkey_sync *sync;
    const char *organization_id;
    char tenant_text[SUP_GUID_TEXT_LEN + 1]; /* of the one that is looked at */
    bkey_vec tenants;                        /* sup_guid */
    size_t held;
    size_t published;
} recalling;

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    recalling *r = context;
    if (sup_guid_equal(&connection->tenant, &r->sync->tenant) ||
        !bkey_connection_has(connection, r->organization_id))
        return bkey_ok();
    sup_guid *tenant = bkey_vec_add(&r->tenants);
    if (tenant == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *tenant = connection->tenant;
    return bkey_ok();
}

static bkey_err count_held(void *context, const bkey_held_key *key)
{
    recalling *r = context;
    (void)key;
    r->held++;
    return bkey_ok();
}

static bkey_err count_record(void *context, const bkey_record_view *row)
{
    recalling *r = context;
    r->published += strncmp(row->external_id, r->tenant_text, SUP_GUID_TEXT_LEN) == 0 &&
                    row->external_id[SUP_GUID_TEXT_LEN] == ':';
    return bkey_ok();
}

static bkey_err recall_tenant(recalling *r, const sup_guid *tenant)
{
    const bkey_sync *sync = r->sync;
    const bkey_ports *ports = sync->ports;
    const bkey_place place = {sync->vault, sync->call, *tenant, r->organization_id};
    const bkey_busy_first first = {tenant, r->organization_id, ports->mono_ns(ports->self)};
    r->held = 0;
    r->published = 0;
    sup_guid_format(tenant, r->tenant_text);
    bkey_err err = bkey_held_scan(&place, count_held, r);
    if (bkey_is_ok(err) && r->held > 0)
        err = ports->records(ports->self, sync->call, r->organization_id, count_record, r);
    if (!bkey_is_ok(err) || r->held <= r->published)
        return err;
    return bkey_busy_first_recall(sync->busy, &first);
}

bkey_err bkey_sync_first_recall(const bkey_sync *sync, const char *organization_id)
{
    const bkey_place root = bkey_connection_place(sync->vault, sync->call);
    recalling r = {.sync = sync, .organization_id = organization_id};
    bkey_vec_init(&r.tenants, sizeof(sup_guid));
    bkey_err err = bkey_connection_scan(&root, take_connection, &r);
    for (size_t i = 0; bkey_is_ok(err) && i < r.tenants.count; i++)
        err = recall_tenant(&r, (const sup_guid *)r.tenants.items + i);
    bkey_vec_done(&r.tenants);
    return err;
}
