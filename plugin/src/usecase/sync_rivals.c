/* SPDX-License-Identifier: Apache-2.0
 *
 * Other tenants' devices that could be meant by the same evidence: a wrong match would show one
 * customer's key to another. Must not write, nor know how a match is decided. */
#include <string.h>

#include "domain/idsort.h"
#include "state/decision.h"
#include "state/device.h"
#include "usecase/sync.h"

typedef struct gathering {
    bkey_sync *sync;
    bkey_vec tenants; /* sup_guid; who may write where this connection may */
    bkey_vec unseen;  /* bkey_rival; matched, and not remembered as devices */
    bkey_idsort sorted;
    size_t first; /* rival of the tenant that is read */
} gathering;

static bool shares_organization(const bkey_connection *one, const bkey_connection *other)
{
    for (uint32_t i = 0; i < one->organization_count; i++) {
        if (bkey_connection_has(other, one->organization_ids[i]))
            return true;
    }
    return false;
}

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    gathering *g = context;
    if (sup_guid_equal(&connection->tenant, &g->sync->tenant) ||
        !shares_organization(&g->sync->connection, connection))
        return bkey_ok();
    sup_guid *tenant = bkey_vec_add(&g->tenants);
    if (tenant == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *tenant = connection->tenant;
    return bkey_ok();
}

/* One that was deleted, or that Intune never managed, takes nothing from anybody; it is kept
 * without a text until the tenant is read, so that its match does not count either. */
static bkey_err take_device(void *context, const bkey_tracked *device)
{
    gathering *g = context;
    const bool counts =
        !bkey_tracked_is_gone(device) && (device->sources & BKEY_SOURCE_INTUNE) != 0;
    bkey_rival *rival = bkey_vec_add(&g->sync->rivals);
    if (rival == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    rival->device_id = device->id;
    rival->configuration_id = "";
    if (counts)
        rival->serial = bkey_arena_text(&g->sync->state_texts, device->serial);
    return rival->serial != NULL || !counts ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

/* A device that is not remembered yet was matched a moment ago. */
static bkey_err take_decision(void *context, const bkey_decision_row *row)
{
    gathering *g = context;
    const uint32_t at = bkey_idsort_find(&g->sorted, &row->device_id);
    bkey_rival *rival = (bkey_rival *)g->sync->rivals.items + g->first + at;
    if (row->reason >= BKEY_MATCH_IGNORED || (at != BKEY_NONE && rival->serial == NULL))
        return bkey_ok();
    if (at == BKEY_NONE) {
        rival = bkey_vec_add(&g->unseen);
        if (rival == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        rival->serial = "";
    }
    rival->configuration_id = bkey_arena_text(&g->sync->state_texts, row->configuration_id);
    return rival->configuration_id != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err settle_tenant(gathering *g)
{
    bkey_vec *rivals = &g->sync->rivals;
    for (size_t i = g->first; i < rivals->count; i++) {
        bkey_rival *rival = (bkey_rival *)rivals->items + i;
        if (rival->serial == NULL)
            rival->serial = "";
    }
    for (size_t i = 0; i < g->unseen.count; i++) {
        bkey_rival *rival = bkey_vec_add(rivals);
        if (rival == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *rival = ((const bkey_rival *)g->unseen.items)[i];
    }
    bkey_vec_clear(&g->unseen);
    return bkey_ok();
}

static bkey_err read_tenant(gathering *g, const sup_guid *tenant)
{
    bkey_sync *sync = g->sync;
    const bkey_place place = {sync->vault, sync->call, *tenant, ""};
    g->first = sync->rivals.count;
    bkey_err err = bkey_device_scan(&place, take_device, g);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_idsort_init(&g->sorted, (const bkey_rival *)sync->rivals.items + g->first,
                           sync->rivals.count - g->first, sizeof(bkey_rival));
    if (bkey_is_ok(err))
        err = bkey_decision_scan(&place, take_decision, g);
    bkey_idsort_done(&g->sorted);
    return bkey_is_ok(err) ? settle_tenant(g) : err;
}

bkey_err bkey_sync_rivals_load(bkey_sync *sync)
{
    const bkey_place root = bkey_connection_place(sync->vault, sync->call);
    gathering g = {.sync = sync};
    bkey_err err = bkey_ok();
    bkey_vec_init(&g.tenants, sizeof(sup_guid));
    bkey_vec_init(&g.unseen, sizeof(bkey_rival));
    bkey_vec_clear(&sync->rivals);
    /* With one organization nobody else's folder can be hit. */
    if (sync->organizations.count > 1)
        err = bkey_connection_scan(&root, take_connection, &g);
    for (size_t i = 0; bkey_is_ok(err) && i < g.tenants.count; i++)
        err = read_tenant(&g, (const sup_guid *)g.tenants.items + i);
    sync->rivals_known = bkey_is_ok(err);
    sync->shares = g.tenants.count > 0;
    bkey_vec_done(&g.unseen);
    bkey_vec_done(&g.tenants);
    return err;
}

static const char *matched_to(const bkey_sync *sync, size_t match)
{
    return sync->input.configurations[sync->plan.matches[match].configuration].id;
}

/* Which of the plan's configurations another tick is about to give away. */
static bkey_err claim_matches(bkey_sync *sync, bkey_vec *out_taken)
{
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < sync->plan.match_count; i++) {
        bool mine = false;
        err = bkey_busy_claim(sync->busy, &sync->tenant, matched_to(sync, i), &mine);
        const char **to = bkey_is_ok(err) && !mine ? bkey_vec_add(out_taken) : NULL;
        if (to != NULL)
            *to = matched_to(sync, i);
        else if (bkey_is_ok(err) && !mine)
            err = bkey_fail(BKEY_E_NOMEM);
    }
    return err;
}

/* Claims first, reading after it: whoever was faster has either still its claim, or written what it
 * claimed. Who shares nothing with anybody claims nothing. */
bkey_err bkey_sync_rivals_confirm(bkey_sync *sync)
{
    bkey_vec taken; /* const char *, a configuration's id */
    if (sync->plan.match_count == 0 || sync->organizations.count <= 1)
        return bkey_ok();
    bkey_err err = bkey_sync_rivals_load(sync);
    if (!bkey_is_ok(err) || !sync->shares)
        return err;
    bkey_vec_init(&taken, sizeof(const char *));
    err = claim_matches(sync, &taken);
    if (bkey_is_ok(err))
        err = bkey_sync_rivals_load(sync);
    for (size_t i = 0; bkey_is_ok(err) && i < taken.count; i++) {
        bkey_rival *rival = bkey_vec_add(&sync->rivals);
        if (rival == NULL)
            err = bkey_fail(BKEY_E_NOMEM);
        else
            *rival = (bkey_rival){.serial = "",
                                  .configuration_id = ((const char *const *)taken.items)[i]};
    }
    bkey_vec_done(&taken);
    return bkey_is_ok(err) && sync->rivals.count > 0 ? bkey_sync_state_plan(sync) : err;
}
