/* SPDX-License-Identifier: Apache-2.0
 *
 * The organizations that a connection names, as they are by now: one that was merged into another
 * is that other one, and what was deleted is told. Must not use the network. */
#include <string.h>

#include "state/held.h"
#include "usecase/sync.h"

#define NAME_SIZE 512u

typedef struct following {
    bkey_sync *sync;
    char ids[BKEY_CONNECTION_ORGANIZATIONS_MAX][BKEY_ID_SIZE]; /* as they are to be */
    uint32_t count;
    uint32_t gone;
} following;

static bkey_err name(following *f, const char *id)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (strcmp(f->ids[i], id) == 0)
            return bkey_ok();
    }
    if (f->count == BKEY_CONNECTION_ORGANIZATIONS_MAX || strlen(id) >= BKEY_ID_SIZE)
        return bkey_fail(BKEY_E_LIMIT);
    memcpy(f->ids[f->count++], id, strlen(id) + 1);
    return bkey_ok();
}

static bkey_err count_held(void *context, const bkey_held_key *key)
{
    size_t *count = context;
    (void)key;
    (*count)++;
    return bkey_ok();
}

/* What was read for it and has no record yet moves with the next plan; until then it stays named.
 */
static bkey_err leave(following *f, const char *id)
{
    const bkey_place place = {f->sync->vault, f->sync->call, f->sync->tenant, id};
    size_t held = 0;
    bkey_err err = bkey_held_scan(&place, count_held, &held);
    if (bkey_is_ok(err) && held > 0)
        err = name(f, id);
    return err;
}

static bkey_err follow(following *f, const char *id)
{
    const bkey_ports *ports = f->sync->ports;
    char found[NAME_SIZE];
    char text[NAME_SIZE];
    bkey_err err = ports->organization(ports->self, f->sync->call, id, found, text, NAME_SIZE);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        f->gone++;
        return name(f, id);
    }
    if (!bkey_is_ok(err))
        return err;
    const bool merged = strcmp(found, id) != 0;
    err = name(f, found);
    return bkey_is_ok(err) && merged ? leave(f, id) : err;
}

static bool is_same(const following *f)
{
    const bkey_connection *before = &f->sync->connection;
    bool same = f->count == before->organization_count;
    for (uint32_t i = 0; same && i < f->count; i++)
        same = strcmp(f->ids[i], before->organization_ids[i]) == 0;
    return same;
}

static void tell_change(bkey_sync *sync)
{
    bkey_item *item = bkey_batch_add(&sync->batch, BKEY_ITEM_ACTIVITY);
    item->action = BKEY_ACTION_UPDATED;
    item->title = sync->tenant_text;
    item->detail = "connection: an organization that it named was merged into another one";
}

static bkey_err store(bkey_sync *sync)
{
    const bkey_place root = bkey_connection_place(sync->vault, sync->call);
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_connection_seal(&root, &sync->connection, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&sync->batch, &sealed);
        tell_change(sync);
        err = bkey_batch_apply(&sync->batch);
    }
    bkey_sealed_done(&sealed);
    if (bkey_is_ok(err))
        sync->connection.revision++;
    return err;
}

bkey_err bkey_sync_organizations_follow(bkey_sync *sync)
{
    const bool looks_only = sync->dry_run || sync->is_check || sync->customers.add != NULL;
    following f = {.sync = sync};
    bkey_err err = bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i < sync->connection.organization_count; i++)
        err = follow(&f, sync->connection.organization_ids[i]);
    if (!bkey_is_ok(err))
        return err;
    sync->gone_organizations = f.gone;
    if (f.gone > 0)
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_ORGANIZATION_GONE, f.gone);
    if (is_same(&f))
        return bkey_ok();
    sync->connection.organization_count = f.count;
    memcpy(sync->connection.organization_ids, f.ids, sizeof f.ids);
    return looks_only ? bkey_ok() : store(sync);
}
