/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way to write the store in memory: checks, revisions, rows, and the memory of op keys. */
#include "tests/support/fake_store_inner.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool is_state(const bkey_item *item)
{
    return item->kind == BKEY_ITEM_STATE_PUT || item->kind == BKEY_ITEM_STATE_REMOVE;
}

static bool has_organization(const fake_store *store, const char *id)
{
    for (uint32_t i = 0; i < store->organization_count; i++)
        if (same_text(store->organizations[i].id, id))
            return !store->organizations[i].gone && store->organizations[i].into[0] == '\0';
    return false;
}

static bool has_configuration(const fake_store *store, const bkey_item *item)
{
    for (uint32_t i = 0; i < store->configuration_count; i++)
        if (same_text(store->configurations[i].configuration_id, item->configuration_id) &&
            same_text(store->configurations[i].organization_id, item->organization_id))
            return true;
    return false;
}

static bool has_folder(const fake_store *store, const bkey_item *items, size_t before)
{
    const bkey_item *record = &items[before];
    for (uint32_t i = 0; i < store->folder_count; i++)
        if (same_text(store->folders[i].folder_id, record->folder_id) &&
            same_text(store->folders[i].organization_id, record->organization_id))
            return true;
    for (size_t i = 0; i < before; i++)
        if (items[i].kind == BKEY_ITEM_FOLDER && same_text(items[i].folder_id, record->folder_id) &&
            same_text(items[i].organization_id, record->organization_id))
            return true;
    return false;
}

/* A batch may name a row once. */
static bool is_repeated(const bkey_item *items, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_state(&items[i]) && is_state(&items[at]) && items[i].key.len == items[at].key.len &&
            memcmp(items[i].key.ptr, items[at].key.ptr, items[at].key.len) == 0)
            return true;
        if (items[i].kind == BKEY_ITEM_RECORD && items[at].kind == BKEY_ITEM_RECORD &&
            same_text(items[i].external_id, items[at].external_id))
            return true;
    }
    return false;
}

/* A link of another plugin's or of another external id stays. */
static bool is_free_contact(fake_store *store, const bkey_item *item)
{
    const fake_contact *row = fake_store_contact_of(store, item->contact_id);
    return row == NULL || (!row->taken && (row->external_id[0] == '\0' ||
                                           same_text(row->external_id, item->external_id)));
}

static bool is_well_formed(fake_store *store, const bkey_item *items, size_t at)
{
    const bkey_item *item = &items[at];
    if (is_repeated(items, at))
        return false;
    switch (item->kind) {
    case BKEY_ITEM_RECORD:
        return item->title != NULL && item->title[0] != '\0' && item->external_id != NULL &&
               item->external_id[0] != '\0' && has_organization(store, item->organization_id) &&
               has_folder(store, items, at) &&
               (same_text(item->configuration_id, "") || has_configuration(store, item));
    case BKEY_ITEM_FOLDER:
        return has_organization(store, item->organization_id) && item->title != NULL &&
               item->title[0] != '\0';
    case BKEY_ITEM_STATE_PUT:
        return item->key.len >= 1 && item->key.len <= 64 && item->value.len <= 65536;
    case BKEY_ITEM_STATE_REMOVE:
        return item->key.len >= 1 && item->key.len <= 64;
    case BKEY_ITEM_ACTIVITY:
        return same_text(item->organization_id, "") ||
               has_organization(store, item->organization_id);
    case BKEY_ITEM_CONFIGURATION:
        return item->configuration_id[0] != '\0' && item->title[0] != '\0' &&
               has_organization(store, item->organization_id);
    case BKEY_ITEM_WITHDRAW:
        return item->external_id[0] != '\0' && item->expect_revision > 0;
    case BKEY_ITEM_CONTACT:
        return has_organization(store, item->organization_id) && item->contact_id[0] != '\0' &&
               item->external_id[0] != '\0' && item->title[0] != '\0' &&
               is_free_contact(store, item);
    }
    return false;
}

static uint64_t revision_now(fake_store *store, const bkey_item *item)
{
    if (item->kind == BKEY_ITEM_RECORD || item->kind == BKEY_ITEM_WITHDRAW) {
        const fake_record *row = fake_store_record(store, item->external_id);
        return row != NULL ? row->revision : 0;
    }
    if (item->kind == BKEY_ITEM_CONTACT) {
        const fake_contact *row = fake_store_contact_of(store, item->contact_id);
        return row != NULL ? row->revision : 0;
    }
    if (item->kind == BKEY_ITEM_FOLDER) {
        const fake_folder *row = fake_store_folder(store, item->organization_id);
        return row != NULL ? row->revision : 0;
    }
    const fake_state_row *row = fake_store_state(store, item->key);
    return row != NULL ? row->revision : 0;
}

static bool is_expected(fake_store *store, const bkey_item *item)
{
    if (item->kind == BKEY_ITEM_ACTIVITY || item->kind == BKEY_ITEM_CONFIGURATION)
        return true;
    if (item->kind == BKEY_ITEM_STATE_REMOVE) {
        const fake_state_row *row = fake_store_state(store, item->key);
        return row != NULL && !row->tombstone && row->revision == item->expect_revision;
    }
    return revision_now(store, item) == item->expect_revision;
}

static void write_state(fake_store *store, const bkey_item *item)
{
    fake_state_row *row = fake_store_state(store, item->key);
    if (row == NULL) {
        fake_store_need(store->state_count < FAKE_STATE_ROWS);
        uint32_t at = fake_store_lower_bound(store, item->key);
        memmove(&store->state[at + 1], &store->state[at],
                (store->state_count - at) * sizeof store->state[0]);
        store->state_count++;
        row = &store->state[at];
        *row = (fake_state_row){.key_len = (uint32_t)item->key.len};
        memcpy(row->key, item->key.ptr, item->key.len);
    }
    row->revision++;
    row->tombstone = item->kind == BKEY_ITEM_STATE_REMOVE;
    row->value_len = row->tombstone ? 0 : (uint32_t)item->value.len;
    if (row->value_len > row->value_cap) {
        fake_store_need(store->heap_used + row->value_len <= FAKE_HEAP);
        row->value_at = store->heap_used;
        row->value_cap = row->value_len;
        store->heap_used += row->value_len;
    }
    if (row->value_len > 0)
        memcpy(store->heap + row->value_at, item->value.ptr, row->value_len);
}

static void write_record(fake_store *store, const bkey_item *item)
{
    fake_record *row = fake_store_record(store, item->external_id);
    if (row == NULL) {
        fake_store_need(store->record_count < FAKE_RECORDS);
        row = &store->records[store->record_count++];
    }
    uint64_t revision = row->revision + 1;
    memset(row, 0, sizeof *row);
    row->revision = revision;
    row->archived = item->archived;
    fake_store_set_text(row->external_id, sizeof row->external_id, item->external_id);
    fake_store_set_text(row->organization_id, sizeof row->organization_id, item->organization_id);
    fake_store_set_text(row->folder_id, sizeof row->folder_id, item->folder_id);
    fake_store_set_text(row->category, sizeof row->category, item->category);
    fake_store_set_text(row->title, sizeof row->title, item->title);
    fake_store_set_text(row->username, sizeof row->username, item->username);
    fake_store_set_text(row->configuration_id, sizeof row->configuration_id,
                        item->configuration_id);
    fake_store_set_text(row->tag, sizeof row->tag, item->tag);
    fake_store_set_text(row->data, sizeof row->data, item->data);
}

static void write_folder(fake_store *store, const bkey_item *item)
{
    fake_folder *row = fake_store_folder(store, item->organization_id);
    if (row == NULL) {
        fake_store_need(store->folder_count < FAKE_ORGANIZATIONS);
        row = &store->folders[store->folder_count++];
    }
    row->revision++;
    row->hidden = item->hidden;
    fake_store_set_text(row->organization_id, sizeof row->organization_id, item->organization_id);
    fake_store_set_text(row->folder_id, sizeof row->folder_id, item->folder_id);
    fake_store_set_text(row->name, sizeof row->name, item->title);
}

static void write_activity(fake_store *store, const bkey_item *item)
{
    fake_store_need(store->activity_count < FAKE_ACTIVITIES);
    fake_activity *row = &store->activities[store->activity_count++];
    memset(row, 0, sizeof *row);
    row->action = item->action;
    fake_store_set_text(row->organization_id, sizeof row->organization_id, item->organization_id);
    fake_store_set_text(row->external_id, sizeof row->external_id, item->external_id);
    fake_store_set_text(row->subject, sizeof row->subject, item->title);
    fake_store_set_text(row->detail, sizeof row->detail, item->detail);
}

static void fill_text(char *out, size_t cap, const char *text)
{
    if (out[0] == '\0')
        fake_store_set_text(out, cap, text);
}

static void write_contact(fake_store *store, const bkey_item *item)
{
    fake_contact *row = fake_store_contact_of(store, item->contact_id);
    if (row == NULL) {
        row = fake_store_add_contact(store, item->organization_id, item->title, "");
        row->revision = 0;
        memset(row->contact_id, 0, sizeof row->contact_id);
        fake_store_set_text(row->contact_id, sizeof row->contact_id, item->contact_id);
    }
    row->revision++;
    fill_text(row->first_name, sizeof row->first_name, item->first_name);
    fill_text(row->last_name, sizeof row->last_name, item->last_name);
    fill_text(row->emails, sizeof row->emails, item->emails);
    fake_store_set_text(row->external_id, sizeof row->external_id, item->external_id);
}

static void write_configuration(fake_store *store, const bkey_item *item)
{
    fake_configuration *row = fake_store_add_configuration(
        store, item->organization_id, item->configuration_id, item->title, item->serial);
    fake_store_set_text(row->hostname, sizeof row->hostname, item->hostname);
    fake_store_set_text(row->mac, sizeof row->mac, item->mac);
}

static void write_item(fake_store *store, const bkey_item *item)
{
    switch (item->kind) {
    case BKEY_ITEM_RECORD:
        write_record(store, item);
        break;
    case BKEY_ITEM_FOLDER:
        write_folder(store, item);
        break;
    case BKEY_ITEM_STATE_PUT:
    case BKEY_ITEM_STATE_REMOVE:
        write_state(store, item);
        break;
    case BKEY_ITEM_ACTIVITY:
        write_activity(store, item);
        break;
    case BKEY_ITEM_CONFIGURATION:
        write_configuration(store, item);
        break;
    case BKEY_ITEM_WITHDRAW: {
        fake_record *row = fake_store_record(store, item->external_id);
        *row = store->records[--store->record_count];
        break;
    }
    case BKEY_ITEM_CONTACT:
        write_contact(store, item);
        break;
    }
}

static void hash_text(crypto_generichash_state *state, const char *text)
{
    const char *safe = text != NULL ? text : "";
    (void)crypto_generichash_update(state, (const uint8_t *)safe, strlen(safe) + 1);
}

static void hash_batch(const bkey_item *items, size_t count, uint8_t out[32])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    for (size_t i = 0; i < count; i++) {
        const bkey_item *item = &items[i];
        uint64_t numbers[] = {(uint64_t)item->kind,     item->expect_revision,
                              item->archived ? 1u : 0u, item->hidden ? 1u : 0u,
                              (uint64_t)item->action,   item->key.len,
                              item->value.len};
        (void)crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
        const char *texts[] = {item->organization_id,  item->folder_id,  item->external_id,
                               item->category,         item->title,      item->username,
                               item->configuration_id, item->tag,        item->data,
                               item->detail,           item->contact_id, item->first_name,
                               item->last_name,        item->emails};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            hash_text(&state, texts[k]);
        if (is_state(item)) {
            (void)crypto_generichash_update(&state, item->key.ptr, item->key.len);
            if (item->value.len > 0)
                (void)crypto_generichash_update(&state, item->value.ptr, item->value.len);
        }
    }
    (void)crypto_generichash_final(&state, out, 32);
}

static bkey_err check_batch(fake_store *store, const bkey_item *items, size_t count,
                            size_t *out_conflict)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_well_formed(store, items, i)) {
            *out_conflict = i;
            return bkey_fail(BKEY_E_STORE);
        }
        if (!is_expected(store, &items[i])) {
            *out_conflict = i;
            return bkey_fail(BKEY_E_CONFLICT);
        }
    }
    return bkey_ok();
}

static void keep_op(fake_store *store, const char *op_key, const uint8_t hash[32], uint64_t rows)
{
    fake_store_need(store->op_count < FAKE_OP_KEYS);
    fake_op *op = &store->ops[store->op_count++];
    fake_store_set_text(op->op_key, sizeof op->op_key, op_key);
    memcpy(op->hash, hash, 32);
    op->rows = rows;
}

bkey_err fake_store_apply(fake_store *store, const bkey_item *items, size_t count,
                          const char *op_key, uint64_t *out_rows, size_t *out_conflict)
{
    uint8_t hash[32];
    size_t conflict = 0;
    if (store->on_apply != NULL)
        store->on_apply(store->context);
    if (count == 0 || count > BKEY_BATCH_MAX || op_key == NULL || op_key[0] == '\0' ||
        strlen(op_key) > 64)
        return bkey_fail(BKEY_E_STORE);
    hash_batch(items, count, hash);
    for (uint32_t i = 0; i < store->op_count; i++) {
        if (strcmp(store->ops[i].op_key, op_key) != 0)
            continue;
        if (memcmp(store->ops[i].hash, hash, 32) != 0)
            return bkey_fail(BKEY_E_STORE);
        if (out_rows != NULL)
            *out_rows = store->ops[i].rows;
        return bkey_ok();
    }
    bkey_err err = check_batch(store, items, count, &conflict);
    if (!bkey_is_ok(err)) {
        if (out_conflict != NULL)
            *out_conflict = conflict;
        return err;
    }
    for (size_t i = 0; i < count; i++)
        write_item(store, &items[i]);
    keep_op(store, op_key, hash, count);
    store->row_changes += count;
    store->applies++;
    if (out_rows != NULL)
        *out_rows = count;
    return bkey_ok();
}
