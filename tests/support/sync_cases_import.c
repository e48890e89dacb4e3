/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/sync_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OS "operatingSystemVolume"
#define AD_ID "6be30336-0065-4001-8006-000006052470"
#define AD_PASSWORD "000011-000022-000033-000044-000055-000066-000077-000088"
#define OTHER "000011-000022-000033-000044-000055-000066-000077-000099"

static bool is_done(const sync_run *run)
{
    if (run->result.outcome == BKEY_OUTCOME_DONE)
        return true;
    (void)fprintf(stderr, "  outcome %d: %s\n", (int)run->result.outcome, run->result.summary);
    return false;
}

/* One row; a key of its own when `id` is NULL. */
static void import(const sync_world *w, const char *organization, const char *computer,
                   const char *serial)
{
    char file[512];
    (void)snprintf(file, sizeof file,
                   "Computer,Serial,Key ID,Password,Created\n%s,%s,%s,%s,2026-02-01T00:00:00Z\n",
                   computer, serial, AD_ID, AD_PASSWORD);
    char *answer = sync_world_import(w, organization, file, false, NULL);
    if (answer == NULL || strstr(answer, "\"new\":1") == NULL)
        abort();
    free(answer);
}

static void import_key(const sync_world *w, const fake_key *key, const char *password,
                       const char *wanted)
{
    char file[512];
    (void)snprintf(file, sizeof file, "Name;Password\n2026-01-01T00:00:00-00:00{%s};%s\n", key->id,
                   password);
    char *answer = sync_world_import(w, "org-a", file, false, NULL);
    if (answer == NULL || strstr(answer, wanted) == NULL) {
        (void)fprintf(stderr, "  %s\n", answer != NULL ? answer : "");
        abort();
    }
    free(answer);
}

static const fake_record *imported(const sync_world *w)
{
    fake_key key;
    (void)snprintf(key.id, sizeof key.id, "%s", AD_ID);
    return sync_world_record(w, &key);
}

static bool is_shown(const sync_world *w, const char *organization, const char *configuration)
{
    const fake_record *row = imported(w);
    return row != NULL && strcmp(row->organization_id, organization) == 0 &&
           strcmp(row->configuration_id, configuration) == 0 && strcmp(row->tag, "current") == 0 &&
           !row->archived;
}

static bool is_found(const sync_world *w, const char *sentence)
{
    char *json = sync_world_ask(w, "", AD_ID, "");
    bool is = strstr(json, sentence) != NULL;
    if (!is)
        (void)fprintf(stderr, "  %s\n", json);
    free(json);
    return is;
}

static void tick(const sync_world *w)
{
    (void)sync_world_tick(w, NULL);
}

/* S3.6: a key that only a file brought follows its device. */
static void prepare_follows(sync_world *w)
{
    (void)sync_world_device(w, "PC-1", "SER-1", "org-a");
    import(w, "org-b", "ANOTHER-NAME", "ser-1");
}

static bool check_follows(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, "org-a", "conf-1")) &&
           IS(strcmp(imported(w)->title, "PC-1") == 0) &&
           IS(strcmp(imported(w)->data, "v=unknown;o=2") == 0) && IS(w->graph->key_reads == 0);
}

/* DESIGN 5: no absence archives it, no date lets it supersede another or be superseded. */
static void prepare_lineage(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, "", 5);
    import(w, "org-a", "PC-1", "SER-1");
    tick(w);
    w->graph->keys[1].gone = true;
    (void)fake_graph_add_key(w->graph, one, OS, 90);
}

static bool check_lineage(const sync_world *w, const sync_run *run)
{
    const fake_record *old = sync_world_record(w, &w->graph->keys[0]);
    const fake_record *gone = sync_world_record(w, &w->graph->keys[1]);
    return IS(is_done(run)) && IS(is_shown(w, "org-a", "conf-1")) && IS(old->archived) &&
           IS(!gone->archived) && IS(strcmp(gone->tag, "gone_at_source") == 0);
}

/* S3.6: the tenant lists what is imported: one key, two origins, read once to compare. */
static void prepare_listed_later(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    fake_key *key = fake_graph_add_key(w->graph, one, OS, 10);
    import_key(w, key, key->password, "\"new\":1");
}

static bool check_two_origins(const sync_world *w, const sync_run *run)
{
    const fake_record *row = sync_world_record(w, &w->graph->keys[0]);
    return IS(is_done(run)) && IS(row != NULL) && IS(strcmp(row->data, "v=os;o=3") == 0) &&
           IS(w->store->record_count == 1) && IS(sync_world_state(w, 'K') == 1) &&
           IS(sync_world_state(w, 'S') == 1) && IS(strcmp(row->configuration_id, "conf-1") == 0);
}

static bool check_listed_later(const sync_world *w, const sync_run *run)
{
    return check_two_origins(w, run) && IS(w->graph->key_reads == 1) &&
           IS(strstr(run->result.summary, "replaced") == NULL);
}

/* A wrong password must not keep the right one out. */
static void prepare_told_wrong(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    fake_key *key = fake_graph_add_key(w->graph, one, OS, 10);
    import_key(w, key, OTHER, "\"new\":1");
}

static bool check_told_wrong(const sync_world *w, const sync_run *run)
{
    sync_world copy = *w;
    /* What is held now is Microsoft's: the same import again finds another password. */
    return check_two_origins(w, run) && IS(w->graph->key_reads == 1) &&
           IS(strstr(run->result.summary, "1 imported passwords were not Microsoft's") != NULL) &&
           (import_key(&copy, &copy.graph->keys[0], OTHER, "\"conflicts\":1"), true);
}

/* S3.6: the other way round. */
static void prepare_held_before(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    fake_key *key = fake_graph_add_key(w->graph, one, OS, 10);
    tick(w);
    import_key(w, key, key->password, "\"same\":1");
}

/* Another password for a held key changes nothing at all. */
static void prepare_conflict(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    fake_key *key = fake_graph_add_key(w->graph, one, OS, 10);
    tick(w);
    import_key(w, key, OTHER, "\"conflicts\":1");
}

static bool check_conflict(const sync_world *w, const sync_run *run)
{
    const fake_record *row = sync_world_record(w, &w->graph->keys[0]);
    return IS(is_done(run)) && IS(strcmp(row->data, "v=os") == 0) &&
           IS(run->result.store_changes == 0) && IS(sync_world_state(w, 'I') == 0);
}

/* What has two origins and goes from the one that can be listed is gone there. */
static void prepare_gone(sync_world *w)
{
    prepare_held_before(w);
    tick(w);
    w->graph->keys[0].gone = true;
}

static bool check_gone(const sync_world *w, const sync_run *run)
{
    const fake_record *row = sync_world_record(w, &w->graph->keys[0]);
    return IS(is_done(run)) && IS(!row->archived) && IS(strcmp(row->tag, "gone_at_source") == 0) &&
           IS(strcmp(row->data, "v=os;o=3") == 0);
}

/* A name alone places nothing; the key is found all the same. */
static void prepare_name_only(sync_world *w)
{
    (void)sync_world_device(w, "PC-1", "SER-1", "org-a");
    import(w, "org-a", "PC-1", "");
}

static bool check_name_only(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(imported(w) == NULL) && IS(run->result.unmatched == 1) &&
           IS(is_found(w, "\"device\":\"PC-1\"")) && IS(is_found(w, "\"unmatched\""));
}

/* Cloned serial numbers say nothing of whose key it is. */
static void prepare_cloned(sync_world *w)
{
    (void)sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)sync_world_device(w, "PC-2", "SER-1", NULL);
    import(w, "org-a", "PC-1", "SER-1");
}

static bool check_waits(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(imported(w) == NULL) && IS(is_found(w, AD_ID));
}

/* A computer that the tenant does not know, documented where the person said. */
static void prepare_documented(sync_world *w)
{
    (void)fake_store_add_configuration(w->store, w->argument, "conf-x", "PC-X", "SER-X");
    import(w, "org-a", "PC-X", "SER-X");
}

static bool check_documented(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, "org-a", "conf-x")) &&
           IS(strcmp(imported(w)->title, "PC-X") == 0) && IS(sync_world_state(w, 'D') == 0);
}

/* It is placed by its own device as soon as there is one, wherever that is. */
static void prepare_device_later(sync_world *w)
{
    (void)fake_store_add_configuration(w->store, "org-a", "conf-x", "PC-X", "SER-X");
    import(w, "org-a", "PC-X", "SER-X");
    tick(w);
    w->store->configurations[0].archived = true;
    (void)sync_world_device(w, "PC-NEW", "SER-X", "org-b");
}

static bool check_device_later(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, "org-b", "conf-1")) &&
           IS(strcmp(imported(w)->title, "PC-NEW") == 0);
}

static const sync_case cases[] = {
    {.name = "imported key follows its device", prepare_follows, check_follows},
    {.name = "imported key has no lineage", prepare_lineage, check_lineage},
    {.name = "imported key listed later", prepare_listed_later, check_listed_later, .confirms = 1},
    {.name = "imported password is not the tenant's",
     prepare_told_wrong,
     check_told_wrong,
     .confirms = 1},
    {.name = "imported key held before", prepare_held_before, check_two_origins},
    {.name = "imported key in conflict", prepare_conflict, check_conflict},
    {.name = "imported key gone at source", prepare_gone, check_gone},
    {.name = "imported key with a name alone", prepare_name_only, check_name_only},
    {.name = "imported key of a cloned serial", prepare_cloned, check_waits},
    {.name = "imported key of a documented computer",
     prepare_documented,
     check_documented,
     .argument = "org-a"},
    {.name = "imported key documented elsewhere",
     prepare_documented,
     check_waits,
     .argument = "org-b"},
    {.name = "imported key whose device comes later", prepare_device_later, check_device_later},
};

const sync_case_list sync_cases_import = SYNC_CASE_LIST(cases);
