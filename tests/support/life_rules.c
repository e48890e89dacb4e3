/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of every key at every moment of a life: none is lost, none is read twice, none is
 * archived without a successor. Must not know how the product decides. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/life.h"

#define OS "operatingSystemVolume"

static const fake_key *row_of(const life_tenant *t, const life_key *key)
{
    for (uint32_t i = 0; i < t->world.graph->key_count; i++)
        if (strcmp(t->world.graph->keys[i].id, key->id) == 0)
            return &t->world.graph->keys[i];
    return NULL;
}

/* No key that was ever held goes away, and none is read again once it is held. */
static bool check_held(life *l, const life_tenant *t, life_key *key)
{
    const fake_key *row = row_of(t, key);
    if (key->held && !key->is_here)
        return life_fail(l, "key %s of %s is lost", key->id, t->world.tenant);
    key->held = key->is_here;
    if (row != NULL)
        key->reads = row->reads;
    const bool damaged = row == t->world.graph->keys && t->world.graph->odd_key_row[0] != '\0';
    if (!t->is_pristine || row == NULL || row->gone || row->status != 0 || damaged ||
        t->world.recall != NULL)
        return true;
    if (!key->is_here)
        return life_fail(l, "key %s of %s is listed, readable and not held", key->id,
                         t->world.tenant);
    return !key->told || row->password[0] == '9' ||
           life_fail(l, "key %s of %s is held as a file told it", key->id, t->world.tenant);
}

static bool supersedes(const life_tenant *t, const fake_key *older, const fake_key *newer)
{
    const life_key *held = NULL;
    for (uint32_t i = 0; i < t->key_count; i++)
        if (strcmp(t->keys[i].id, newer->id) == 0)
            held = &t->keys[i];
    return older->device_id[0] != '\0' && strcmp(older->device_id, newer->device_id) == 0 &&
           strcmp(older->volume, newer->volume) == 0 &&
           strcmp(older->created, newer->created) < 0 && held != NULL && held->is_here &&
           held->is_well_formed && !held->told;
}

static bool has_successor(const life_tenant *t, const fake_key *key)
{
    const fake_graph *graph = t->world.graph;
    for (uint32_t i = 0; i < graph->key_count; i++)
        if (!graph->keys[i].gone && supersedes(t, key, &graph->keys[i]))
            return true;
    return false;
}

/* Nothing is archived without a held successor, or by a person. */
static bool check_archive(life *l, const life_tenant *t, life_key *key)
{
    const bool now = key->record.external_id[0] != '\0' && key->record.archived;
    const bool before = key->before.external_id[0] != '\0' && key->before.archived;
    const fake_key *row = row_of(t, key);
    if (key->by_person && !now)
        key->by_person = false;
    if (!now || before || key->by_person)
        return true;
    if (row == NULL || !has_successor(t, row))
        return life_fail(l, "key %s of %s was archived without a held successor (%s)", key->id,
                         t->world.tenant, key->record.tag);
    const bool damaged = row == t->world.graph->keys && t->world.graph->odd_key_row[0] != '\0';
    if (strcmp(row->volume, OS) != 0 && !row->gone && !damaged)
        return life_fail(l, "key %s of %s, no system volume's, was archived for a date", key->id,
                         t->world.tenant);
    return true;
}

/* Only what a whole listing leaves out is said to be gone. */
static bool check_gone(life *l, const life_tenant *t, const life_key *key)
{
    static const char gone[] = "gone_at_source";
    const fake_key *row = row_of(t, key);
    const bool is_said = strcmp(key->record.tag, gone) == 0 && strcmp(key->before.tag, gone) != 0;
    return !t->is_pristine || !is_said || (row != NULL && row->gone) ||
           life_fail(l, "key %s of %s is said to be gone, and is not", key->id, t->world.tenant);
}

/* No newer one that is held, or that is held and listed, takes its place. */
static bool is_newest(const life_tenant *t, const fake_key *row, bool listed)
{
    const fake_graph *graph = t->world.graph;
    for (uint32_t i = 0; i < graph->key_count; i++)
        if ((!listed || !graph->keys[i].gone) && supersedes(t, row, &graph->keys[i]))
            return false;
    return true;
}

/* Of each device at least the newest held key of the system volume is to be seen, and the newest
 * that is still listed. What a damaged listing leaves out is not known. */
static bool check_newest(life *l, const life_tenant *t, const life_key *key)
{
    const fake_key *row = row_of(t, key);
    const bool whole = t->world.graph->odd_key_row[0] == '\0';
    if (!t->is_pristine || row == NULL || !key->is_here || row->device_id[0] == '\0' ||
        strcmp(row->volume, OS) != 0 || key->record.external_id[0] == '\0' || key->by_person)
        return true;
    if (key->record.archived &&
        (is_newest(t, row, false) || (whole && !row->gone && is_newest(t, row, true))))
        return life_fail(l, "key %s of %s is its device's newest, and archived", key->id,
                         t->world.tenant);
    return true;
}

static bool is_shared(const life *l, const life_tenant *t, const char *organization)
{
    for (uint32_t i = 0; i < LIFE_TENANTS; i++)
        for (uint32_t k = 0; l->tenants[i].organizations[k] != NULL; k++)
            if (&l->tenants[i] != t && strcmp(l->tenants[i].organizations[k], organization) == 0)
                return true;
    return false;
}

/* What is published is to be seen, unless another tenant is on its way in the same folder. */
static bool check_folders(life *l, const life_tenant *t)
{
    for (uint32_t i = 0; t->is_pristine && i < t->key_count; i++) {
        const char *organization = t->keys[i].record.organization_id;
        const fake_folder *folder = fake_store_folder(l->store, organization);
        if (organization[0] != '\0' && (folder == NULL || folder->hidden) &&
            !is_shared(l, t, organization))
            return life_fail(l, "the folder of %s is hidden after a sync", organization);
    }
    return true;
}

bool life_check(life *l)
{
    bool fine = l->failure[0] == '\0';
    for (uint32_t i = 0; fine && i < LIFE_TENANTS; i++) {
        life_tenant *t = &l->tenants[i];
        for (uint32_t k = 0; fine && k < t->key_count; k++)
            fine = check_held(l, t, &t->keys[k]) && check_archive(l, t, &t->keys[k]) &&
                   check_gone(l, t, &t->keys[k]) && check_newest(l, t, &t->keys[k]);
        fine = fine && check_folders(l, t) && life_check_places(l, t);
    }
    return fine;
}
