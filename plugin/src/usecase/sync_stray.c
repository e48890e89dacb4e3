/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of the tenant in an organization that its connection does not name: such a record cannot
 * be made a second time and must not hold back the others. Must not write. */
#include "usecase/sync.h"

#include <string.h>

void bkey_sync_stray_notice(bkey_sync *sync)
{
    const bkey_batch *batch = &sync->batch;
    if (batch->conflict >= batch->count)
        return;
    const bkey_item *item = &batch->items[batch->conflict];
    if (item->kind == BKEY_ITEM_RECORD && item->expect_revision == 0)
        sync->has_strays = true;
}

typedef struct looking {
    const bkey_sync *sync;
    bool found;
} looking;

static bkey_err take_stray(void *context, const bkey_record_view *row)
{
    looking *to = context;
    to->found = true;
    for (uint32_t i = 0; to->found && i < to->sync->organizations.count; i++)
        to->found =
            strcmp(bkey_sync_state_organization(to->sync, i)->id, row->organization_id) != 0;
    return bkey_ok();
}

bkey_err bkey_sync_stray_skip(bkey_sync *sync)
{
    const bkey_ports *ports = sync->ports;
    char external_id[BKEY_EXTERNAL_ID_SIZE];
    sync->strays = 0;
    for (size_t i = 0; sync->has_strays && i < sync->plan.key_count; i++) {
        bkey_plan_key *key = &sync->plan.keys[i];
        looking to = {sync, false};
        if ((key->todo & BKEY_DO_CREATE) == 0)
            continue;
        bkey_sync_record_external_id(sync, &key->id, external_id);
        bkey_err err = ports->record(ports->self, sync->call, external_id, take_stray, &to);
        if (!bkey_is_ok(err) && !bkey_is(err, BKEY_E_NO_STATE))
            return err;
        if (to.found) {
            key->todo = 0;
            sync->strays++;
        }
    }
    return bkey_ok();
}
