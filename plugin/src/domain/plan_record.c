/* SPDX-License-Identifier: Apache-2.0
 *
 * What a key's record is to say and what has to change for it. Must not know the listing. */
#include "domain/plan_record.h"

#include "domain/plan_join.h"

/* Only where no device of the tenant has a name for it. */
static bool has_imported_name(const bkey_plan_input *input, const bkey_plan_key *key)
{
    return key->import != BKEY_NONE && sup_guid_is_zero(&key->device_id) &&
           input->imports[key->import].name[0] != '\0';
}

static bool make_title(const bkey_plan_input *input, const bkey_plan_key *key,
                       char title[BKEY_NAMING_TITLE_SIZE])
{
    const char *name = key->device != BKEY_NONE        ? input->devices[key->device].name
                       : has_imported_name(input, key) ? input->imports[key->import].name
                                                       : NULL;
    return bkey_naming_title(name, &key->device_id, title);
}

void bkey_plan_record_write(const bkey_plan_input *input, const bkey_plan_key *key,
                            bkey_plan_record *out)
{
    bool linked = key->configuration != BKEY_NONE;
    bkey_view_facts facts = {(bkey_volume)key->volume, (key->flags & BKEY_HELD_MALFORMED) != 0,
                             key->unnamed != 0, key->detached != 0, key->origins};
    out->configuration_id = linked ? input->configurations[key->configuration].id : "";
    out->tag = bkey_view_tag((bkey_lineage)key->lineage);
    out->category = input->rules.category;
    bkey_view_data(&facts, out->data);
    (void)make_title(input, key, out->title);
}

/* A user's unarchive holds until the lineage changes between superseded and not. A tag that cannot
 * be read counts as changed, so that in doubt the key is shown. */
static void decide_archive(bkey_plan_key *key, const bkey_record *record)
{
    bool superseded = key->lineage == BKEY_LINEAGE_SUPERSEDED;
    bool was_superseded = record->lineage == BKEY_LINEAGE_SUPERSEDED;
    bool changed = superseded != was_superseded || record->lineage == 0;
    key->archived = changed ? superseded : record->archived;
    if (key->archived && !record->archived)
        key->todo |= BKEY_DO_ARCHIVE;
    if (!key->archived && record->archived)
        key->todo |= BKEY_DO_UNARCHIVE;
}

static void compare_with(const bkey_plan_input *input, bkey_plan_key *key,
                         const bkey_record *record)
{
    bkey_plan_record wanted;
    decide_archive(key, record);
    /* Without the device nothing tells its name: the title stays, and what it says of itself. */
    bool stand_in = make_title(input, key, wanted.title);
    bool titled = bkey_plan_hash(wanted.title, NULL, NULL, NULL) == record->title_hash;
    bool known = key->device != BKEY_NONE || has_imported_name(input, key);
    key->unnamed = known ? stand_in : titled;
    if (known && !titled)
        key->todo |= BKEY_DO_RENAME;
    bkey_plan_record_write(input, key, &wanted);
    if (bkey_plan_hash(wanted.configuration_id, wanted.tag, wanted.data, wanted.category) !=
        record->content_hash)
        key->todo |= BKEY_DO_UPDATE;
    if (record->organization != key->organization)
        key->todo |= BKEY_DO_MOVE;
}

/* A contested match keeps its link only where its configuration is. */
static void drop_foreign_configuration(const bkey_plan_input *input, bkey_plan_key *key)
{
    if (key->configuration != BKEY_NONE &&
        input->configurations[key->configuration].organization != key->organization)
        key->configuration = BKEY_NONE;
}

void bkey_plan_record_compare(const bkey_plan_input *input, bkey_plan_key *key)
{
    char title[BKEY_NAMING_TITLE_SIZE];
    const bkey_record *record = key->record == BKEY_NONE ? NULL : &input->records[key->record];
    /* No match says otherwise, so the key stays where people already find it. */
    if (key->organization == BKEY_NONE && record != NULL && !key->expelled)
        key->organization = record->organization;
    if (key->expelled && record != NULL)
        key->todo |= BKEY_DO_WITHDRAW;
    drop_foreign_configuration(input, key);
    if (key->held != BKEY_NONE && input->held[key->held].organization != key->organization)
        key->todo |= BKEY_DO_REHOME;
    if (!bkey_plan_join_is_held(key) || key->organization == BKEY_NONE)
        return;
    if (record != NULL) {
        compare_with(input, key, record);
        return;
    }
    key->todo |= BKEY_DO_CREATE;
    key->archived = key->lineage == BKEY_LINEAGE_SUPERSEDED;
    key->unnamed = make_title(input, key, title);
}
