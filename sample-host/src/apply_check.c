/* SPDX-License-Identifier: Apache-2.0
 *
 * What an item must be by itself, and its canonical form for the batch's hash. */
#include "sample-host/src/apply.h"

#include "sample-host/src/base/id.h"
#include "support/utf8.h"

#include <sodium.h>

static bool fail(host_error *err, const char *what)
{
    return host_error_set(err, DPH_E_INVALID, 0, "An item of the batch is malformed: %s.", what);
}

bool host_apply_is_text(const dph_str *text, size_t most_bytes)
{
    return text->len <= most_bytes && (text->len == 0 || text->ptr != NULL) &&
           (text->len == 0 || sup_utf8_valid(text->ptr, text->len));
}

bool host_apply_is_name(const dph_str *text, bool may_be_empty)
{
    if (!host_apply_is_text(text, (size_t)DPH_NAME_MAX * 4) || (text->len == 0 && !may_be_empty)) {
        return false;
    }
    size_t points = 0;
    for (size_t i = 0; i < text->len; i++) {
        points += ((unsigned char)text->ptr[i] & 0xc0) != 0x80 ? 1 : 0;
    }
    return points <= DPH_NAME_MAX;
}

static bool check_record(const dph_item_record_put *item, host_error *err)
{
    if ((item->flags & ~DPH_RECORD_ARCHIVED) != 0) {
        return fail(err, "unknown flag of a record");
    }
    if (item->external_id.len < 1 || !host_apply_is_text(&item->external_id, 128)) {
        return fail(err, "external id of a record");
    }
    if (!host_apply_is_name(&item->title, false) || !host_apply_is_name(&item->category, false)) {
        return fail(err, "title or category of a record");
    }
    if (!host_apply_is_text(&item->username, 255) || !host_apply_is_text(&item->plugin_tag, 64) ||
        !host_apply_is_text(&item->plugin_data, 256)) {
        return fail(err, "username, tag or data of a record");
    }
    return host_apply_is_text(&item->organization_id, HOST_ID_MAX) &&
                   host_apply_is_text(&item->folder_id, HOST_ID_MAX) &&
                   host_apply_is_text(&item->configuration_id, HOST_ID_MAX)
               ? true
               : fail(err, "an id in a record");
}

static bool check_folder(const dph_item_folder_put *item, host_error *err)
{
    if ((item->flags & ~DPH_FOLDER_HIDDEN) != 0) {
        return fail(err, "unknown flag of a folder");
    }
    return host_id_valid(item->folder_id.ptr, item->folder_id.len) &&
                   host_apply_is_name(&item->name, false) &&
                   host_apply_is_text(&item->organization_id, HOST_ID_MAX)
               ? true
               : fail(err, "id or name of a folder");
}

static bool check_key(const dph_bytes *key, host_error *err)
{
    return key->len >= 1 && key->len <= DPH_STATE_KEY_MAX && key->ptr != NULL
               ? true
               : fail(err, "key of a state value");
}

static bool check_activity(const dph_item_activity *item, host_error *err)
{
    if (item->action < DPH_ACTIVITY_CREATED || item->action > DPH_ACTIVITY_PRINTED) {
        return fail(err, "unknown action of an activity entry");
    }
    return host_apply_is_text(&item->organization_id, HOST_ID_MAX) &&
                   host_apply_is_text(&item->external_id, 128) &&
                   host_apply_is_name(&item->subject, true) &&
                   host_apply_is_text(&item->detail, 512)
               ? true
               : fail(err, "text of an activity entry");
}

static bool check_configuration(const dph_item_configuration_create *item, host_error *err)
{
    return host_id_valid(item->configuration_id.ptr, item->configuration_id.len) &&
                   host_apply_is_name(&item->name, false) &&
                   host_apply_is_text(&item->organization_id, HOST_ID_MAX) &&
                   host_apply_is_text(&item->hostname, 255) &&
                   host_apply_is_text(&item->serial, 255) && host_apply_is_text(&item->mac, 255) &&
                   host_apply_is_text(&item->manufacturer, 255) &&
                   host_apply_is_text(&item->model, 255)
               ? true
               : fail(err, "id, name or text of a configuration");
}

static bool check_withdrawal(const dph_item_record_withdraw *item, host_error *err)
{
    return item->external_id.len >= 1 && host_apply_is_text(&item->external_id, 128) &&
                   item->expect_revision >= 1
               ? true
               : fail(err, "external id or revision of a withdrawal");
}

static size_t size_of_kind(uint32_t kind)
{
    static const size_t sizes[] = {0,
                                   sizeof(dph_item_record_put),
                                   sizeof(dph_item_folder_put),
                                   sizeof(dph_item_state_put),
                                   sizeof(dph_item_state_remove),
                                   sizeof(dph_item_activity),
                                   sizeof(dph_item_configuration_create),
                                   sizeof(dph_item_record_withdraw),
                                   sizeof(dph_item_contact_put)};
    return kind < sizeof sizes / sizeof sizes[0] ? sizes[kind] : 0;
}

bool host_apply_item_check(const dph_item *item, host_error *err)
{
    size_t size = item->struct_size >= sizeof *item ? size_of_kind(item->kind) : 0;
    if (size == 0 || item->struct_size < size) {
        return fail(err, "unknown kind or too short");
    }
    const void *whole = item;
    switch (item->kind) {
    case DPH_ITEM_RECORD_PUT:
        return check_record(whole, err);
    case DPH_ITEM_FOLDER_PUT:
        return check_folder(whole, err);
    case DPH_ITEM_STATE_PUT: {
        const dph_item_state_put *put = whole;
        return check_key(&put->key, err) &&
               (put->value.len <= DPH_STATE_VALUE_MAX ? true
                                                      : fail(err, "a state value is too long"));
    }
    case DPH_ITEM_STATE_REMOVE:
        return check_key(&((const dph_item_state_remove *)whole)->key, err);
    case DPH_ITEM_ACTIVITY:
        return check_activity(whole, err);
    case DPH_ITEM_RECORD_WITHDRAW:
        return check_withdrawal(whole, err);
    case DPH_ITEM_CONTACT_PUT:
        return host_apply_contact_check(whole, err);
    default:
        return check_configuration(whole, err);
    }
}

void host_apply_hash_number(void *state, uint64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
}

static void hash_bytes(crypto_generichash_state *state, const void *ptr, size_t len)
{
    host_apply_hash_number(state, len);
    if (len > 0) {
        (void)crypto_generichash_update(state, ptr, len);
    }
}

void host_apply_hash_texts(void *state, const dph_str *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash_bytes(state, texts[i]->ptr, texts[i]->len);
    }
}

static void hash_record(crypto_generichash_state *state, const dph_item_record_put *item)
{
    const dph_str *const texts[] = {
        &item->external_id,      &item->organization_id, &item->folder_id,
        &item->category,         &item->title,           &item->username,
        &item->configuration_id, &item->plugin_tag,      &item->plugin_data};
    host_apply_hash_number(state, item->expect_revision);
    host_apply_hash_number(state, item->flags);
    host_apply_hash_texts(state, texts, sizeof texts / sizeof texts[0]);
}

static void hash_configuration(crypto_generichash_state *state,
                               const dph_item_configuration_create *item)
{
    const dph_str *const texts[] = {&item->organization_id,
                                    &item->configuration_id,
                                    &item->name,
                                    &item->hostname,
                                    &item->serial,
                                    &item->mac,
                                    &item->manufacturer,
                                    &item->model};
    host_apply_hash_texts(state, texts, sizeof texts / sizeof texts[0]);
}

static void hash_folder(crypto_generichash_state *state, const dph_item_folder_put *item)
{
    const dph_str *const texts[] = {&item->organization_id, &item->folder_id, &item->name};
    host_apply_hash_number(state, item->expect_revision);
    host_apply_hash_number(state, item->flags);
    host_apply_hash_texts(state, texts, sizeof texts / sizeof texts[0]);
}

static void hash_activity(crypto_generichash_state *state, const dph_item_activity *item)
{
    const dph_str *const texts[] = {&item->organization_id, &item->external_id, &item->subject,
                                    &item->detail};
    host_apply_hash_number(state, item->action);
    host_apply_hash_texts(state, texts, sizeof texts / sizeof texts[0]);
}

void host_apply_item_hash(const dph_item *item, void *hash_state)
{
    crypto_generichash_state *state = hash_state;
    const void *whole = item;
    host_apply_hash_number(state, item->kind);
    if (item->kind == DPH_ITEM_RECORD_PUT) {
        hash_record(state, whole);
    } else if (item->kind == DPH_ITEM_FOLDER_PUT) {
        hash_folder(state, whole);
    } else if (item->kind == DPH_ITEM_STATE_PUT) {
        const dph_item_state_put *put = whole;
        host_apply_hash_number(state, put->expect_revision);
        hash_bytes(state, put->key.ptr, put->key.len);
        hash_bytes(state, put->value.ptr, put->value.len);
    } else if (item->kind == DPH_ITEM_STATE_REMOVE) {
        const dph_item_state_remove *gone = whole;
        host_apply_hash_number(state, gone->expect_revision);
        hash_bytes(state, gone->key.ptr, gone->key.len);
    } else if (item->kind == DPH_ITEM_ACTIVITY) {
        hash_activity(state, whole);
    } else if (item->kind == DPH_ITEM_CONTACT_PUT) {
        host_apply_contact_hash(whole, state);
    } else if (item->kind == DPH_ITEM_RECORD_WITHDRAW) {
        const dph_item_record_withdraw *gone = whole;
        host_apply_hash_number(state, gone->expect_revision);
        hash_bytes(state, gone->external_id.ptr, gone->external_id.len);
    } else {
        hash_configuration(state, whole);
    }
}
