/* SPDX-License-Identifier: Apache-2.0
 *
 * The world of plan_world.h. Asserts on what a broken plan would ask of it. */
#include "tests/support/plan_world.h"

#include <criterion/criterion.h>
#include <string.h>

sup_guid world_guid(uint32_t kind, uint32_t number)
{
    sup_guid guid = {{0}};
    guid.bytes[0] = (uint8_t)kind;
    for (size_t i = 0; i < 4; i++)
        guid.bytes[15 - i] = (uint8_t)(number >> (8 * i));
    return guid;
}

static sup_guid key_guid(uint32_t key)
{
    return world_guid(0xA0, key);
}

bkey_listed_key *world_list(world *w, uint32_t key, uint32_t device, int64_t created_ms,
                            bkey_volume volume)
{
    sup_guid none = {{0}};
    cr_assert_lt(w->listed_count, WORLD_MAX);
    bkey_listed_key *row = &w->listed[w->listed_count++];
    *row = (bkey_listed_key){key_guid(key), device == 0 ? none : world_guid(0xD0, device),
                             created_ms, (uint8_t)volume};
    return row;
}

bkey_device *world_device(world *w, uint32_t device, const char *name, const char *serial)
{
    cr_assert_lt(w->device_count, WORLD_MAX);
    bkey_device *row = &w->devices[w->device_count++];
    *row = (bkey_device){.id = world_guid(0xD0, device), .name = name, .serial = serial};
    return row;
}

bkey_configuration *world_configuration(world *w, const char *id, const char *serial,
                                        uint32_t organization)
{
    cr_assert_lt(w->configuration_count, WORLD_MAX);
    bkey_configuration *row = &w->configurations[w->configuration_count++];
    *row = (bkey_configuration){.id = id, .serial = serial, .organization = organization};
    return row;
}

void world_unlist(world *w, uint32_t key)
{
    sup_guid id = key_guid(key);
    for (size_t i = 0; i < w->listed_count; i++) {
        if (sup_guid_equal(&w->listed[i].id, &id))
            w->listed[i--] = w->listed[--w->listed_count];
    }
}

static bkey_record *find_record(world *w, const sup_guid *id)
{
    for (size_t i = 0; i < w->record_count; i++) {
        if (sup_guid_equal(&w->records[i].key_id, id))
            return &w->records[i];
    }
    return NULL;
}

static bkey_held_key *find_held(world *w, const sup_guid *id)
{
    for (size_t i = 0; i < w->held_count; i++) {
        if (sup_guid_equal(&w->held[i].id, id))
            return &w->held[i];
    }
    return NULL;
}

bkey_record *world_record(world *w, uint32_t key)
{
    sup_guid id = key_guid(key);
    return find_record(w, &id);
}

bkey_held_key *world_held(world *w, uint32_t key)
{
    sup_guid id = key_guid(key);
    return find_held(w, &id);
}

bkey_plan_input world_input(const world *w)
{
    static const char *const folders[] = {"folder-0", "folder-1"};
    return (bkey_plan_input){
        .listed = w->listed,
        .listed_count = w->listed_count,
        .held = w->held,
        .held_count = w->held_count,
        .devices = w->devices,
        .device_count = w->device_count,
        .configurations = w->configurations,
        .configuration_count = w->configuration_count,
        .decisions = w->decisions,
        .decision_count = w->decision_count,
        .evidence = w->evidence,
        .evidence_count = w->evidence_count,
        .records = w->records,
        .record_count = w->record_count,
        .folder_ids = folders,
        .organization_count = 2,
        .rules = {.burst_window_ms = 600000, .category = WORLD_CATEGORY},
    };
}

bkey_plan world_plan(const world *w)
{
    bkey_plan_input input = world_input(w);
    bkey_plan plan;
    cr_assert(bkey_is_ok(bkey_plan_build(&input, &plan)));
    return plan;
}

const bkey_plan_key *world_find(const bkey_plan *plan, uint32_t key)
{
    sup_guid id = key_guid(key);
    for (size_t i = 0; i < plan->key_count; i++) {
        if (sup_guid_equal(&plan->keys[i].id, &id))
            return &plan->keys[i];
    }
    cr_assert_fail("key %u is not in the plan", key);
    return NULL;
}

static bool is_unreadable(const world *w, const sup_guid *id)
{
    for (size_t i = 0; i < w->unreadable_count; i++) {
        if (sup_guid_equal(&w->unreadable[i], id))
            return true;
    }
    return false;
}

void world_fetch(world *w, const bkey_plan *plan)
{
    for (size_t i = 0; i < plan->key_count; i++) {
        const bkey_plan_key *key = &plan->keys[i];
        if ((key->todo & BKEY_DO_FETCH) == 0 || is_unreadable(w, &key->id))
            continue;
        bkey_held_key *held = find_held(w, &key->id);
        cr_assert(held == NULL || (held->flags & BKEY_HELD_SECRET) == 0, "fetched twice");
        if (held == NULL) {
            cr_assert_lt(w->held_count, WORLD_MAX);
            held = &w->held[w->held_count++];
        }
        *held = (bkey_held_key){.id = key->id,
                                .device_id = key->device_id,
                                .created_ms = key->created_ms,
                                .organization = key->organization,
                                .volume = key->volume,
                                .flags = (uint8_t)(key->flags | BKEY_HELD_SECRET)};
    }
}

static void write_record(const bkey_plan_input *input, const bkey_plan_key *key, bkey_record *row)
{
    bkey_plan_record text;
    bkey_plan_record_write(input, key, &text);
    if ((key->todo & (BKEY_DO_CREATE | BKEY_DO_RENAME)) != 0)
        row->title_hash = bkey_plan_hash(text.title, NULL, NULL, NULL);
    row->content_hash = bkey_plan_hash(text.configuration_id, text.tag, text.data, text.category);
    row->organization = key->organization;
    row->lineage = bkey_view_tag_parse(text.tag, strlen(text.tag));
    row->archived = key->archived != 0;
}

static void publish_key(world *w, const bkey_plan_input *input, const bkey_plan_key *key)
{
    static const uint32_t changes =
        BKEY_DO_UPDATE | BKEY_DO_RENAME | BKEY_DO_ARCHIVE | BKEY_DO_UNARCHIVE | BKEY_DO_MOVE;
    if ((key->todo & (BKEY_DO_META | BKEY_DO_REHOME)) != 0) {
        bkey_held_key *held = &w->held[key->held];
        held->organization = key->organization;
        held->device_id = key->device_id;
        held->created_ms = key->created_ms;
        held->volume = key->volume;
        held->flags = key->flags;
    }
    if ((key->todo & BKEY_DO_CREATE) != 0) {
        cr_assert_null(find_record(w, &key->id), "created twice");
        cr_assert_lt(w->record_count, WORLD_MAX);
        bkey_record *row = &w->records[w->record_count++];
        *row = (bkey_record){.key_id = key->id};
        write_record(input, key, row);
    } else if ((key->todo & changes) != 0) {
        write_record(input, key, &w->records[key->record]);
    }
}

static void withdraw(world *w, const bkey_plan_key *key)
{
    bkey_record *row = find_record(w, &key->id);
    cr_assert_not_null(row);
    *row = w->records[--w->record_count];
}

static void publish_match(world *w, const bkey_plan_match *match)
{
    bkey_decision *row = NULL;
    for (size_t i = 0; i < w->decision_count; i++) {
        if (sup_guid_equal(&w->decisions[i].device_id, &match->device_id))
            row = &w->decisions[i];
    }
    cr_assert_eq(match->expect_revision, row == NULL ? 0 : row->revision);
    if (row == NULL) {
        cr_assert_lt(w->decision_count, WORLD_MAX);
        row = &w->decisions[w->decision_count++];
    }
    *row = (bkey_decision){.device_id = match->device_id,
                           .configuration_id = w->configurations[match->configuration].id,
                           .organization = match->organization,
                           .revision = match->expect_revision + 1,
                           .reason = (uint8_t)match->reason};
}

void world_publish(world *w, const bkey_plan *plan)
{
    bkey_plan_input input = world_input(w);
    for (size_t i = 0; i < plan->key_count; i++)
        publish_key(w, &input, &plan->keys[i]);
    for (size_t i = 0; i < plan->key_count; i++) /* last: the plan speaks of rows by their place */
        if ((plan->keys[i].todo & BKEY_DO_WITHDRAW) != 0)
            withdraw(w, &plan->keys[i]);
    for (size_t i = 0; i < plan->match_count; i++)
        publish_match(w, &plan->matches[i]);
}

void world_tick(world *w)
{
    bkey_plan first = world_plan(w);
    world_fetch(w, &first);
    bkey_plan_free(&first);
    bkey_plan second = world_plan(w);
    world_publish(w, &second);
    bkey_plan_free(&second);
}
