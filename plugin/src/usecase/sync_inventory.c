/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tenant has: devices and keys, all pages of all listings. Intune's devices come beside
 * the keys; the directory and the encryption report come beside each other behind them, because
 * their rows are joined to Intune's as they come and need no memory of their own. */
#include "usecase/sync.h"

#include "graph/endpoints.h"

static bkey_err take_key(void *context, const bkey_listed_key *row)
{
    bkey_sync *sync = context;
    bkey_listed_key *key = bkey_vec_add(&sync->listed);
    if (key == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *key = *row;
    return bkey_ok();
}

static bkey_err read_keys(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page)
{
    (void)context;
    return bkey_decode_keys(body, sync->connection.graph_url, take_key, sync, out_page);
}

static bkey_err list_managed_and_keys(bkey_sync *sync)
{
    bkey_sync_listing both[] = {
        {.kind = BKEY_CALL_DEVICES,
         .begin = bkey_endpoints_devices,
         .read = bkey_sync_devices_read_managed},
        {.kind = BKEY_CALL_KEYS, .begin = bkey_endpoints_keys, .read = read_keys}};
    bkey_err err = bkey_sync_listing_run(sync, both, 2);
    if (!bkey_is_ok(err))
        return err;
    sync->intune = bkey_is_ok(both[0].err) ? BKEY_SYNC_COMPLETE : BKEY_SYNC_DENIED;
    if (!bkey_is_ok(both[0].err) && !bkey_is(both[0].err, BKEY_E_NO_INTUNE))
        return both[0].err;
    if (bkey_is_ok(both[1].err))
        bkey_sync_preview_progress(sync, BKEY_PHASE_KEYS, sync->listed.count, 0);
    return both[1].err;
}

/* A directory that says no leaves Intune's devices; where there is no Intune there is nothing. */
static bkey_err judge(bkey_sync *sync, const bkey_sync_listing *directory,
                      const bkey_sync_listing *report)
{
    bkey_err err = bkey_sync_devices_judge(directory->err, &sync->entra);
    if (bkey_is_ok(err) && sync->intune != BKEY_SYNC_COMPLETE && !bkey_is_ok(directory->err))
        err = sync->entra == BKEY_SYNC_DENIED ? bkey_fail(BKEY_E_NO_INTUNE) : directory->err;
    return bkey_is_ok(err) && report != NULL ? bkey_sync_devices_judge(report->err, &sync->report)
                                             : err;
}

static bkey_err list_directory_and_report(bkey_sync *sync)
{
    bkey_sync_devices *devices = NULL;
    const bool has_report = sync->intune == BKEY_SYNC_COMPLETE && sync->devices.count > 0;
    sync->report = BKEY_SYNC_DENIED;
    bkey_err err = bkey_sync_devices_index(sync, &devices);
    if (!bkey_is_ok(err))
        return err;
    bkey_sync_listing both[] = {{.kind = BKEY_CALL_DIRECTORY,
                                 .begin = bkey_endpoints_directory,
                                 .read = bkey_sync_devices_read_directory,
                                 .context = devices},
                                {.kind = BKEY_CALL_ENCRYPTION,
                                 .begin = bkey_endpoints_encryption,
                                 .read = bkey_sync_devices_read_report,
                                 .context = devices}};
    err = bkey_sync_listing_run(sync, both, has_report ? 2 : 1);
    /* A part of the list is true as far as it goes; only what is missing from it proves nothing. */
    bkey_err joined = bkey_sync_devices_join(devices);
    bkey_sync_devices_free(&devices);
    if (!bkey_is_ok(err))
        return err;
    return bkey_is_ok(joined) ? judge(sync, &both[0], has_report ? &both[1] : NULL) : joined;
}

bkey_err bkey_sync_inventory_list(bkey_sync *sync)
{
    bkey_err err = list_managed_and_keys(sync);
    return bkey_is_ok(err) ? list_directory_and_report(sync) : err;
}
