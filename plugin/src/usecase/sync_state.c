/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host and our sealed state know of one connection, in the plan's words. Must not write.
 */
#include "usecase/sync.h"

#include <sodium.h>
#include <string.h>

#include "domain/view.h"
#include "state/decision.h"
#include "state/evidence.h"
#include "state/held.h"
#include "state/imported.h"
#include "support/hex.h"

#define FOLDER_HASH_BYTES 16u
#define FOLDER_HASH_SHOWN 8u
#define NAME_SIZE 1024u

typedef struct loading {
    bkey_sync *sync;
    uint32_t organization;
} loading;

bkey_sync_organization *bkey_sync_state_organization(const bkey_sync *sync, uint32_t index)
{
    return (bkey_sync_organization *)sync->organizations.items + index;
}

bkey_place bkey_sync_state_place(const bkey_sync *sync, uint32_t organization)
{
    bkey_place place = {sync->vault, sync->call, sync->tenant, ""};
    if (organization != BKEY_NONE)
        place.organization_id = bkey_sync_state_organization(sync, organization)->id;
    return place;
}

/* The same organization always gets the same folder, and the id tells nobody which one it is. */
static bkey_err name_folder(const bkey_sync *sync, bkey_sync_organization *organization)
{
    uint8_t key[crypto_generichash_KEYBYTES];
    uint8_t hash[FOLDER_HASH_BYTES];
    bkey_err err = sync->ports->derive(sync->ports->self, "folder-id/1", 0, key, sizeof key);
    if (!bkey_is_ok(err))
        return err;
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)organization->id,
                             strlen(organization->id), key, sizeof key);
    sodium_memzero(key, sizeof key);
    memcpy(organization->folder_id, "bkey-", 5);
    sup_hex_format(hash, FOLDER_HASH_SHOWN, organization->folder_id + 5);
    return bkey_ok();
}

static bkey_err take_folder(void *context, const bkey_folder_view *row)
{
    loading *to = context;
    bkey_sync_organization *organization = bkey_sync_state_organization(to->sync, to->organization);
    if (strlen(row->folder_id) >= sizeof organization->folder_id)
        return bkey_fail(BKEY_E_LIMIT);
    memcpy(organization->folder_id, row->folder_id, strlen(row->folder_id) + 1);
    organization->folder_exists = true;
    organization->folder_hidden = row->hidden;
    organization->folder_revision = row->revision;
    organization->folder_name = bkey_arena_text(&to->sync->state_texts, row->name);
    return organization->folder_name != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

/* Deleted, or merged into another, when it held nothing to be seen. */
static bkey_err look_for(const bkey_sync *sync, bkey_sync_organization *organization)
{
    const bkey_ports *ports = sync->ports;
    char id[NAME_SIZE];
    char name[NAME_SIZE];
    bkey_err err =
        ports->organization(ports->self, sync->call, organization->id, id, name, sizeof id);
    /* Another one may bear the id as its name. */
    organization->is_deleted =
        bkey_is(err, BKEY_E_NO_STATE) || (bkey_is_ok(err) && strcmp(id, organization->id) != 0);
    return organization->is_deleted ? bkey_ok() : err;
}

static bkey_err load_organization(bkey_sync *sync, const char *id)
{
    const bkey_ports *ports = sync->ports;
    loading to = {sync, (uint32_t)sync->organizations.count};
    bkey_sync_organization *organization = bkey_vec_add(&sync->organizations);
    if (organization == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    organization->id = id;
    organization->folder_name = "";
    bkey_err err = look_for(sync, organization);
    if (bkey_is_ok(err))
        err = name_folder(sync, organization);
    if (bkey_is_ok(err) && !organization->is_deleted)
        err = ports->folder(ports->self, sync->call, id, take_folder, &to);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static bkey_err take_held(void *context, const bkey_held_key *key)
{
    const loading *to = context;
    bkey_held_key *held = bkey_vec_add(&to->sync->held);
    if (held == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *held = *key;
    held->organization = to->organization;
    return bkey_ok();
}

uint32_t bkey_sync_state_find(const bkey_sync *sync, const char *organization_id)
{
    for (uint32_t i = 0; i < sync->organizations.count; i++) {
        const bkey_sync_organization *row = bkey_sync_state_organization(sync, i);
        if (!row->is_deleted && strcmp(row->id, organization_id) == 0)
            return i;
    }
    return BKEY_NONE;
}

static bkey_err take_decision(void *context, const bkey_decision_row *row)
{
    bkey_sync *sync = context;
    bkey_decision *decision = bkey_vec_add(&sync->decisions);
    if (decision == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    decision->device_id = row->device_id;
    decision->configuration_id = bkey_arena_text(&sync->state_texts, row->configuration_id);
    decision->organization = bkey_sync_state_find(sync, row->organization_id);
    decision->revision = row->revision;
    decision->reason = (uint8_t)row->reason;
    return decision->configuration_id != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_evidence(void *context, const bkey_evidence_row *row)
{
    bkey_sync *sync = context;
    bkey_evidence *evidence = bkey_vec_add(&sync->evidence);
    if (evidence == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *evidence = row->facts;
    return bkey_ok();
}

static bkey_err take_import(void *context, const bkey_imported *row)
{
    bkey_sync *sync = context;
    bkey_import *import = bkey_vec_add(&sync->imports);
    if (import == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    import->key_id = row->key_id;
    import->name = bkey_arena_text(&sync->state_texts, row->name);
    import->serial = bkey_arena_text(&sync->state_texts, row->serial);
    import->organization = bkey_sync_state_find(sync, row->organization_id);
    return import->name != NULL && import->serial != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

/* Records of other tenants live in the same folder; they are not ours to plan. */
static bool is_own(const bkey_sync *sync, const char *external_id, sup_guid *out_key)
{
    return strncmp(external_id, sync->tenant_text, SUP_GUID_TEXT_LEN) == 0 &&
           external_id[SUP_GUID_TEXT_LEN] == ':' &&
           sup_guid_parse(external_id + SUP_GUID_TEXT_LEN + 1,
                          strlen(external_id + SUP_GUID_TEXT_LEN + 1), out_key);
}

static bkey_err take_record(void *context, const bkey_record_view *row)
{
    const loading *to = context;
    sup_guid key;
    if (!is_own(to->sync, row->external_id, &key))
        return bkey_ok();
    bkey_record *record = bkey_vec_add(&to->sync->records);
    if (record == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    record->key_id = key;
    record->revision = row->revision;
    record->title_hash = bkey_plan_hash(row->title, "", "", "");
    record->content_hash =
        bkey_plan_hash(row->configuration_id, row->tag, row->data, row->category);
    record->organization = to->organization;
    record->lineage = bkey_view_tag_parse(row->tag, strlen(row->tag));
    record->archived = row->archived;
    return bkey_ok();
}

static bkey_err take_configuration(void *context, const bkey_configuration_view *row)
{
    const loading *to = context;
    bkey_sync *sync = to->sync;
    bkey_configuration *configuration = bkey_vec_add(&sync->configurations);
    if (configuration == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    configuration->id = bkey_arena_text(&sync->configuration_texts, row->configuration_id);
    configuration->serial = bkey_arena_text(&sync->configuration_texts, row->serial);
    configuration->organization = to->organization;
    configuration->archived = row->archived;
    const char *name = row->hostname[0] != '\0' ? row->hostname : row->name;
    configuration->hostname = bkey_arena_text(&sync->configuration_texts, name);
    configuration->mac = bkey_arena_text(&sync->configuration_texts, row->mac);
    return configuration->id != NULL && configuration->serial != NULL &&
                   configuration->hostname != NULL && configuration->mac != NULL
               ? bkey_ok()
               : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err load_rows(bkey_sync *sync, uint32_t index)
{
    const bkey_ports *ports = sync->ports;
    const bkey_place place = bkey_sync_state_place(sync, index);
    loading to = {sync, index};
    bkey_err err = bkey_held_scan(&place, take_held, &to);
    if (index == BKEY_NONE || !bkey_is_ok(err) ||
        bkey_sync_state_organization(sync, index)->is_deleted)
        return err;
    return ports->records(ports->self, sync->call, place.organization_id, take_record, &to);
}

static bkey_err load_configurations(bkey_sync *sync)
{
    const bkey_ports *ports = sync->ports;
    bkey_err err = bkey_ok();
    bkey_vec_clear(&sync->configurations);
    bkey_arena_clear(&sync->configuration_texts);
    for (uint32_t i = 0; bkey_is_ok(err) && i < sync->organizations.count; i++) {
        const bkey_sync_organization *from = bkey_sync_state_organization(sync, i);
        loading to = {sync, i};
        if (!from->is_deleted)
            err = ports->configurations(ports->self, sync->call, from->id, take_configuration, &to);
    }
    return err;
}

static void forget(bkey_sync *sync)
{
    bkey_plan_free(&sync->plan);
    bkey_vec_clear(&sync->organizations);
    bkey_vec_clear(&sync->held);
    bkey_vec_clear(&sync->decisions);
    bkey_vec_clear(&sync->evidence);
    bkey_vec_clear(&sync->imports);
    bkey_vec_clear(&sync->rivals);
    sync->rivals_known = false;
    bkey_vec_clear(&sync->records);
    bkey_arena_clear(&sync->state_texts);
}

bkey_err bkey_sync_state_load(bkey_sync *sync)
{
    bkey_err err = bkey_ok();
    forget(sync);
    for (uint32_t i = 0; bkey_is_ok(err) && i < sync->connection.organization_count; i++)
        err = load_organization(sync, sync->connection.organization_ids[i]);
    for (uint32_t i = 0; bkey_is_ok(err) && i < sync->connection.organization_count; i++)
        err = load_rows(sync, i);
    if (bkey_is_ok(err))
        err = load_rows(sync, BKEY_NONE);
    if (bkey_is_ok(err))
        err = load_configurations(sync);
    if (!bkey_is_ok(err))
        return err;
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    err = bkey_decision_scan(&place, take_decision, sync);
    if (bkey_is_ok(err))
        err = bkey_evidence_scan(&place, take_evidence, sync);
    return bkey_is_ok(err) ? bkey_imported_scan(&place, take_import, sync) : err;
}

bkey_err bkey_sync_state_configurations(bkey_sync *sync)
{
    return sync->plan.fetches > 0 ? load_configurations(sync) : bkey_ok();
}

static bkey_err build_plan(bkey_sync *sync)
{
    for (uint32_t i = 0; i < sync->organizations.count; i++)
        sync->folder_ids[i] = bkey_sync_state_organization(sync, i)->folder_id;
    sync->input = (bkey_plan_input){
        .listed = sync->listed.items,
        .listed_count = sync->listed.count,
        .listing_incomplete = sync->unreadable_rows > 0,
        .held = sync->held.items,
        .held_count = sync->held.count,
        .devices = sync->devices.items,
        .device_count = sync->devices.count,
        .configurations = sync->configurations.items,
        .configuration_count = sync->configurations.count,
        .decisions = sync->decisions.items,
        .decision_count = sync->decisions.count,
        .evidence = sync->evidence.items,
        .evidence_count = sync->evidence.count,
        .rivals = sync->rivals.items,
        .rival_count = sync->rivals.count,
        .imports = sync->imports.items,
        .import_count = sync->imports.count,
        .addresses_pending = sync->addresses_pending,
        .records = sync->records.items,
        .record_count = sync->records.count,
        .folder_ids = sync->folder_ids,
        .organization_count = sync->organizations.count,
        .rules = {(int64_t)sync->settings.burst_window_minutes * 60000, sync->settings.folder_name},
    };
    bkey_plan_free(&sync->plan);
    return bkey_plan_build(&sync->input, &sync->plan);
}

/* Other tenants' devices are many, and only a new match has to be held against them. */
bkey_err bkey_sync_state_plan(bkey_sync *sync)
{
    bkey_err err = build_plan(sync);
    if (!bkey_is_ok(err) || sync->rivals_known || sync->plan.match_count == 0)
        return err;
    err = bkey_sync_rivals_load(sync);
    return bkey_is_ok(err) && sync->rivals.count > 0 ? build_plan(sync) : err;
}
