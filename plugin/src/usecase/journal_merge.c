/* SPDX-License-Identifier: Apache-2.0
 *
 * See journal_merge.h. A row of kind 'J' in the entry's batch marks a record as merged; its id is
 * the record's, its content a version and the time of merging. */
#include "usecase/journal_merge.h"

#include <stdio.h>
#include <string.h>

#include "domain/model.h"
#include "state/content.h"

#define VERSION 1u

typedef struct merging {
    const bkey_audit_log *log;
    bkey_place root;
    uint64_t merged;
} merging;

static bkey_err seal_marker(const merging *m, bkey_bytes id, bkey_sealed *out_sealed)
{
    const bkey_ports *ports = m->log->ports;
    const bkey_ref ref = {.kind = BKEY_KIND_JOURNAL, .id = id};
    bkey_content content;
    bkey_err err = bkey_content_begin(&m->root, 16, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_i64(&content.writer, ports->wall_ms(ports->self));
    return bkey_content_seal(&content, &m->root, &ref, out_sealed);
}

static bkey_item make_activity(const bkey_audit_entry *entry, char *external_id)
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    char key[SUP_GUID_TEXT_LEN + 1];
    bkey_item item;
    memset(&item, 0, sizeof item);
    sup_guid_format(&entry->tenant, tenant);
    sup_guid_format(&entry->key_id, key);
    (void)snprintf(external_id, BKEY_EXTERNAL_ID_SIZE, "%s:%s", tenant, key);
    item.kind = BKEY_ITEM_ACTIVITY;
    item.action = entry->result == BKEY_AUDIT_SHOWN ? BKEY_ACTION_VIEWED : BKEY_ACTION_REFUSED;
    item.organization_id = entry->organization_id;
    item.external_id = external_id;
    item.title =
        entry->device_name[0] != '\0' ? entry->device_name : external_id + SUP_GUID_TEXT_LEN + 1;
    item.detail = "break-glass";
    return item;
}

static bkey_err merge_record(void *context, const bkey_journal_record *record)
{
    merging *m = context;
    const bkey_bytes id = {record->id, sizeof record->id};
    char external_id[BKEY_EXTERNAL_ID_SIZE];
    bkey_secret *present = NULL;
    bkey_sealed marker = {.value = NULL};
    bkey_err err = bkey_open_row(&m->root, BKEY_KIND_JOURNAL, id, &present, NULL);
    bkey_secret_free(&present);
    if (!bkey_is(err, BKEY_E_NO_STATE))
        return err;
    err = seal_marker(m, id, &marker);
    if (bkey_is_ok(err)) {
        const bkey_item activity = make_activity(&record->entry, external_id);
        const bkey_audit_write write = {&record->entry, &activity, &marker, NULL};
        err = bkey_audit_log_write(m->log, &write);
    }
    bkey_sealed_done(&marker);
    m->merged += bkey_is_ok(err);
    return err;
}

bkey_err bkey_journal_merge_run(const bkey_audit_log *log, bkey_bytes journal, uint64_t *out_merged)
{
    merging m = {.log = log,
                 .root = {.vault = log->vault, .call = log->call, .organization_id = ""}};
    bkey_journal_end end;
    if (journal.len > BKEY_JOURNAL_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_journal_read(log->vault, journal, NULL, NULL, &end);
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&m.root);
    if (bkey_is_ok(err))
        err = bkey_journal_read(log->vault, journal, merge_record, &m, &end);
    if (bkey_is_ok(err))
        *out_merged = m.merged;
    return err;
}
