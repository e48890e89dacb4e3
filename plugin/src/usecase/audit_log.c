/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit_log.h. */
#include "usecase/audit_log.h"

#include <string.h>

/* Each lost turn is one that another reveal won, and at most BKEY_SLAB_GUESTS take part. */
#define APPEND_TRIES 64u

void bkey_audit_log_who(const bkey_audit_log *log, bkey_audit_entry *out)
{
    const bkey_call *call = log->call;
    out->time_ms = log->ports->wall_ms(log->ports->self);
    out->actor = call->actor;
    out->address = call->remote_address;
    out->source = call->source;
    out->os_uid = call->os_uid;
    out->actor_kind = call->actor_kind;
    out->actor_role = call->actor_role;
}

static void publish(const bkey_audit_log *log, const bkey_audit_write *write,
                    const bkey_sealed *entry)
{
    bkey_chain_point head;
    uint8_t previous[BKEY_AUDIT_HASH_LEN];
    const bkey_bytes value = {entry->value, entry->value_len};
    if (!bkey_audit_link(value, &head.seq, previous, head.hash))
        return;
    if (write->out_point != NULL)
        *write->out_point = head;
    bkey_publisher_note(log->publisher, log->call, entry->key + 1, &head);
}

static bkey_err append_once(const bkey_audit_log *log, const bkey_audit_write *write,
                            const bkey_place *place, bkey_batch *batch)
{
    bkey_audit_head head;
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    bkey_err err = bkey_audit_head_get(place, &head);
    if (bkey_is_ok(err))
        err = bkey_audit_append(place, &head, write->entry, &rows[0], &rows[1]);
    if (bkey_is_ok(err)) {
        bkey_batch_clear(batch);
        *bkey_batch_add(batch, BKEY_ITEM_ACTIVITY) = *write->activity;
        bkey_batch_put(batch, &rows[0]);
        bkey_batch_put(batch, &rows[1]);
        if (write->marker != NULL)
            bkey_batch_put(batch, write->marker);
        err = bkey_batch_apply(batch);
    }
    if (bkey_is_ok(err))
        publish(log, write, &rows[0]);
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

bkey_err bkey_audit_log_write(const bkey_audit_log *log, const bkey_audit_write *write)
{
    const bkey_place place = {
        .vault = log->vault, .call = log->call, .organization_id = write->entry->organization_id};
    bkey_batch batch;
    bkey_err err = bkey_batch_init(&batch, log->ports, log->call, false);
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = append_once(log, write, &place, &batch);
    for (uint32_t i = 1; i < APPEND_TRIES && bkey_is(err, BKEY_E_CONFLICT); i++)
        err = append_once(log, write, &place, &batch);
    bkey_batch_done(&batch);
    return err;
}

/* ---- entries in somebody else's batch ---- */

bkey_err bkey_audit_log_begin(const bkey_audit_log *log, const char *organization_id,
                              bkey_audit_run *out)
{
    memset(out, 0, sizeof *out);
    out->log = log;
    out->place =
        (bkey_place){.vault = log->vault, .call = log->call, .organization_id = organization_id};
    bkey_err err = bkey_vault_ensure(&out->place);
    return bkey_is_ok(err) ? bkey_audit_head_get(&out->place, &out->head) : err;
}

bkey_err bkey_audit_log_add(bkey_audit_run *run, const bkey_audit_entry *entry, bkey_batch *batch)
{
    uint8_t previous[BKEY_AUDIT_HASH_LEN];
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    bkey_err err = bkey_audit_append(&run->place, &run->head, entry, &rows[0], &rows[1]);
    const bkey_bytes value = {rows[0].value, rows[0].value_len};
    if (bkey_is_ok(err) && !bkey_audit_link(value, &run->head.seq, previous, run->head.hash))
        err = bkey_fail(BKEY_E_BUG);
    if (bkey_is_ok(err)) {
        bkey_batch_put(batch, &rows[0]);
        memcpy(run->chain, rows[0].key + 1, sizeof run->chain);
        bkey_sealed_done(&run->sealed);
        run->sealed = rows[1];
        memset(&rows[1], 0, sizeof rows[1]);
        run->waits = true;
    }
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

bkey_err bkey_audit_log_apply(bkey_audit_run *run, bkey_batch *batch)
{
    bkey_chain_point head = {.seq = run->head.seq};
    if (run->waits)
        bkey_batch_put(batch, &run->sealed);
    bkey_err err = bkey_batch_apply(batch);
    if (!bkey_is_ok(err) || !run->waits)
        return err;
    run->waits = false;
    run->head.revision++;
    memcpy(head.hash, run->head.hash, sizeof head.hash);
    bkey_publisher_note(run->log->publisher, run->log->call, run->chain, &head);
    return bkey_ok();
}

void bkey_audit_log_end(bkey_audit_run *run)
{
    if (run != NULL)
        bkey_sealed_done(&run->sealed);
}
