/* SPDX-License-Identifier: Apache-2.0
 *
 * One batch of writes and its way through the host's store. Must not know what the items mean. */
#include "usecase/batch.h"

#include <stdlib.h>
#include <string.h>

#include "support/hex.h"

#define OP_KEY_BYTES 16
#define OUTCOME_TRIES 6u
#define OUTCOME_PAUSE_MS 200u

bkey_err bkey_batch_init(bkey_batch *batch, const bkey_ports *ports, const bkey_call *call,
                         bool may_wait)
{
    memset(batch, 0, sizeof *batch);
    bkey_arena_init(&batch->arena);
    batch->ports = ports;
    batch->call = call;
    batch->may_wait = may_wait;
    /* One spare item behind the last: where an add without room goes. */
    batch->items = calloc(BKEY_BATCH_MAX + 1, sizeof *batch->items);
    return batch->items != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

void bkey_batch_done(bkey_batch *batch)
{
    if (batch == NULL)
        return;
    free(batch->items);
    batch->items = NULL;
    batch->count = 0;
    bkey_arena_done(&batch->arena);
}

void bkey_batch_clear(bkey_batch *batch)
{
    batch->count = 0;
    batch->skipped = 0;
    bkey_arena_clear(&batch->arena);
}

size_t bkey_batch_room(const bkey_batch *batch)
{
    return BKEY_BATCH_MAX - batch->count;
}

bkey_item *bkey_batch_add(bkey_batch *batch, bkey_item_kind kind)
{
    bkey_item *item = &batch->items[batch->count];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    item->organization_id = "";
    item->folder_id = "";
    item->external_id = "";
    item->category = "";
    item->title = "";
    item->username = "";
    item->configuration_id = "";
    item->tag = "";
    item->data = "";
    item->detail = "";
    item->hostname = "";
    item->serial = "";
    item->mac = "";
    item->manufacturer = "";
    item->model = "";
    item->contact_id = "";
    item->first_name = "";
    item->last_name = "";
    item->emails = "";
    if (batch->count < BKEY_BATCH_MAX)
        batch->count++;
    else
        batch->skipped++;
    return item;
}

const char *bkey_batch_text(bkey_batch *batch, const char *text)
{
    const char *copy = bkey_arena_text(&batch->arena, text);
    if (copy == NULL)
        batch->skipped++;
    return copy != NULL ? copy : "";
}

bkey_bytes bkey_batch_bytes(bkey_batch *batch, const void *bytes, size_t len)
{
    bkey_bytes out = {bkey_arena_bytes(&batch->arena, bytes, len), len};
    if (out.ptr == NULL) {
        batch->skipped++;
        out.len = 0;
    }
    return out;
}

void bkey_batch_put(bkey_batch *batch, const bkey_sealed *sealed)
{
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_STATE_PUT);
    item->expect_revision = sealed->expect_revision;
    item->key = bkey_batch_bytes(batch, sealed->key, sizeof sealed->key);
    item->value = bkey_batch_bytes(batch, sealed->value, sealed->value_len);
}

void bkey_batch_remove(bkey_batch *batch, const uint8_t key[BKEY_STATE_KEY_LEN], uint64_t revision)
{
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_STATE_REMOVE);
    item->expect_revision = revision;
    item->key = bkey_batch_bytes(batch, key, BKEY_STATE_KEY_LEN);
}

bkey_err bkey_batch_apply(bkey_batch *batch)
{
    const bkey_ports *ports = batch->ports;
    uint8_t random[OP_KEY_BYTES];
    char op_key[2 * OP_KEY_BYTES + 1];
    uint64_t rows = 0;
    bkey_err err = bkey_ok();
    if (batch->skipped != 0)
        return bkey_fail(batch->count == BKEY_BATCH_MAX ? BKEY_E_LIMIT : BKEY_E_NOMEM);
    if (batch->count == 0)
        return bkey_ok();
    ports->random(ports->self, random, sizeof random);
    sup_hex_format(random, sizeof random, op_key);
    for (uint32_t i = 0; i < OUTCOME_TRIES; i++) {
        err = ports->apply(ports->self, batch->call, batch->items, batch->count, op_key, &rows,
                           &batch->conflict);
        if (!bkey_is(err, BKEY_E_UNKNOWN_OUTCOME))
            break;
        /* Even when the call is over the answer matters, so a refused wait is no reason to stop. */
        if (batch->may_wait)
            (void)ports->wait_ms(ports->self, batch->call, OUTCOME_PAUSE_MS << i);
    }
    if (!bkey_is_ok(err))
        return err;
    batch->rows += rows;
    bkey_batch_clear(batch);
    return bkey_ok();
}
