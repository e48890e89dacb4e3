/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/sync_cases.h"

#include <stdio.h>
#include <string.h>

#define OS "operatingSystemVolume"
#define FIXED "fixedDataVolume"
#define FOLDER "BitLocker Keys (via Network Glue)"

bool sync_case_is(bool fine, const char *what, int line)
{
    if (!fine)
        (void)fprintf(stderr, "  line %d: not so: %s\n", line, what);
    return fine;
}

static const fake_key *key(const sync_world *w, uint32_t index)
{
    return &w->graph->keys[index];
}

static bool is_shown(const sync_world *w, uint32_t index, const char *tag, bool archived)
{
    const fake_record *row = sync_world_record(w, key(w, index));
    return row != NULL && strcmp(row->tag, tag) == 0 && row->archived == archived;
}

static bool is_done(const sync_run *run)
{
    if (run->result.outcome == BKEY_OUTCOME_DONE)
        return true;
    (void)fprintf(stderr, "  outcome %d: %s\n", (int)run->result.outcome, run->result.summary);
    return false;
}

static void tick(const sync_world *w)
{
    (void)sync_world_tick(w, NULL);
}

/* S1.1 S1.4 S1.27 S1.44 S1.45 S1.47 S1.51 S1.89 */
static void prepare_first(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    fake_device *two = sync_world_device(w, "PC-2", "SER-2", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, FIXED, 10);
    (void)fake_graph_add_key(w->graph, two, OS, 11);
}

static bool check_first(const sync_world *w, const sync_run *run)
{
    const fake_record *row = sync_world_record(w, key(w, 0));
    const fake_folder *folder = fake_store_folder(w->store, "org-a");
    return IS(is_done(run)) && IS(w->store->record_count == 3) && IS(row != NULL) &&
           IS(strcmp(row->title, "PC-1") == 0) && IS(strcmp(row->username, key(w, 0)->id) == 0) &&
           IS(strcmp(row->category, FOLDER) == 0) && IS(strcmp(row->data, "v=os") == 0) &&
           IS(strcmp(row->configuration_id, "conf-1") == 0) && IS(folder != NULL) &&
           IS(!folder->hidden) && IS(strcmp(folder->name, FOLDER) == 0) &&
           IS(w->store->folder_count == 1) &&
           IS(fake_store_count(w->store, BKEY_ACTION_CREATED) == 3) &&
           IS(fake_store_count(w->store, BKEY_ACTION_MATCHED) == 2) &&
           IS(w->graph->key_reads == 3) && IS(sync_world_state(w, 'S') == 3);
}

/* S1.2 S1.67 S1.69 S1.90 */
static void prepare_rotation(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    tick(w);
    (void)fake_graph_add_key(w->graph, one, OS, 12);
}

static bool check_rotation(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "superseded", true)) &&
           IS(is_shown(w, 1, "current", false)) &&
           IS(fake_store_count(w->store, BKEY_ACTION_ARCHIVED) == 1) &&
           IS(sync_world_state(w, 'S') == 2) && IS(w->graph->key_reads == 2);
}

static void prepare_generations(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 30);
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, OS, 20);
}

/* S1.67 S1.68 */
static bool check_generations(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "current", false)) &&
           IS(is_shown(w, 1, "superseded", true)) && IS(is_shown(w, 2, "superseded", true));
}

/* S1.2 S1.48 */
static void prepare_rename(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, OS, 20);
    tick(w);
    (void)snprintf(one->name, sizeof one->name, "PC-NEW");
}

static bool check_rename(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(strcmp(sync_world_record(w, key(w, 0))->title, "PC-NEW") == 0) &&
           IS(strcmp(sync_world_record(w, key(w, 1))->title, "PC-NEW") == 0) &&
           IS(is_shown(w, 0, "superseded", true)) &&
           IS(fake_store_count(w->store, BKEY_ACTION_RENAMED) == 2) &&
           IS(strcmp(w->store->activities[w->store->activity_count - 1].detail, "PC-1 -> PC-NEW") ==
              0) &&
           IS(w->graph->key_reads == 2);
}

/* S1.16 S1.75 S1.76 */
static void prepare_appears(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", NULL);
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    tick(w);
    (void)fake_store_add_configuration(w->store, "org-b", "conf-late", "PC-1", "SER-1");
}

static bool check_appears(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "current", false)) &&
           IS(strcmp(sync_world_record(w, key(w, 0))->organization_id, "org-b") == 0) &&
           IS(fake_store_folder(w->store, "org-a") == NULL) && IS(w->graph->key_reads == 1) &&
           IS(sync_world_state(w, 'S') == 1);
}

static void prepare_unmatched(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "To be filled by O.E.M.", "org-a");
    fake_device *two = sync_world_device(w, "PC-2", "SER-2", NULL);
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, two, OS, 10);
    (void)fake_graph_add_key(w->graph, NULL, OS, 10);
}

/* S1.16 S1.28 S1.75: keys wait, unseen, and no folder is made for them. */
static bool check_unmatched(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 0) && IS(w->store->folder_count == 0) &&
           IS(sync_world_state(w, 'S') == 3) && IS(run->result.created == 0);
}

/* S1.73 */
static void prepare_gone(sync_world *w)
{
    prepare_first(w);
    tick(w);
    w->graph->keys[0].gone = true;
}

static bool check_gone(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "gone_at_source", false)) &&
           IS(is_shown(w, 1, "current", false)) &&
           IS(fake_store_count(w->store, BKEY_ACTION_ARCHIVED) == 0);
}

static void prepare_device_gone(sync_world *w)
{
    prepare_first(w);
    tick(w);
    w->graph->devices[0].gone = true;
    w->graph->devices[1].gone = true;
    w->graph->keys[2].gone = true;
}

/* S1.73 S3.49: what left the inventory keeps its records and its place. */
static bool check_device_gone(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "current", false)) &&
           IS(is_shown(w, 2, "gone_at_source", false)) &&
           IS(strcmp(sync_world_record(w, key(w, 2))->title, "PC-2") == 0) &&
           IS(fake_store_count(w->store, BKEY_ACTION_ARCHIVED) == 0);
}

/* S1.52 */
static void prepare_volumes(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, FIXED, 10);
    (void)fake_graph_add_key(w->graph, one, FIXED, 30);
    fake_key *burst = fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)snprintf(burst->created, sizeof burst->created, "2026-01-11T08:09:59Z");
}

static bool check_volumes(const sync_world *w, const sync_run *run)
{
    bool fine = IS(is_done(run));
    for (uint32_t i = 0; i < 4; i++)
        fine = IS(is_shown(w, i, "current", false)) && fine;
    return fine;
}

/* S2.3 S2.4 */
static void prepare_malformed(sync_world *w)
{
    prepare_first(w);
    (void)snprintf(w->graph->keys[1].password, sizeof w->graph->keys[1].password,
                   "720896-000011-000022-000033-000044-000055-000066-000077");
}

static bool check_malformed(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(run->result.failed == 1) && IS(w->store->record_count == 3) &&
           IS(strcmp(sync_world_record(w, key(w, 1))->data, "v=fixed;m=1") == 0) &&
           IS(sync_world_state(w, 'S') == 3);
}

/* S1.28 */
static void prepare_one_404(sync_world *w)
{
    prepare_first(w);
    w->graph->keys[1].status = 404;
}

static bool check_one_404(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(run->result.failed == 1) && IS(w->store->record_count == 2) &&
           IS(!fake_store_folder(w->store, "org-a")->hidden);
}

static void prepare_throttled(sync_world *w)
{
    const fake_graph_fault many = {FAKE_ROUTE_SECRET, 1, 2, 429, 30000, "{}"};
    const fake_graph_fault listing = {FAKE_ROUTE_KEYS, 0, 1, 429, 7000, "{}"};
    prepare_first(w);
    fake_graph_add_fault(w->graph, &many);
    fake_graph_add_fault(w->graph, &listing);
}

static bool check_all_three(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 3) && IS(run->result.failed == 0) &&
           IS(w->graph->key_reads >= 3);
}

static void prepare_bad_minute(sync_world *w)
{
    const fake_graph_fault broken = {FAKE_ROUTE_SECRET, 0, 3, 503, -1, "<html>"};
    const fake_graph_fault reset = {FAKE_ROUTE_DEVICES, 0, 2, 0, -1, ""};
    const fake_graph_fault login = {FAKE_ROUTE_TOKEN, 0, 1, 503, 1000, ""};
    prepare_first(w);
    fake_graph_add_fault(w->graph, &broken);
    fake_graph_add_fault(w->graph, &reset);
    fake_graph_add_fault(w->graph, &login);
}

/* S1.3 S1.49 */
static void prepare_two_organizations(sync_world *w)
{
    fake_device *one = sync_world_device(w, "SAME", "SER-1", "org-a");
    fake_device *two = sync_world_device(w, "SAME", "SER-2", "org-b");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, two, OS, 10);
}

static bool check_two_organizations(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->folder_count == 2) &&
           IS(strcmp(sync_world_record(w, key(w, 0))->organization_id, "org-a") == 0) &&
           IS(strcmp(sync_world_record(w, key(w, 1))->organization_id, "org-b") == 0);
}

/* S1.51 */
static void prepare_pages(sync_world *w)
{
    prepare_first(w);
    w->graph->page_size = 1;
    w->graph->duplicate_rows = true;
    w->graph->empty_page = true;
    w->graph->renews = true;
}

static bool check_pages(const sync_world *w, const sync_run *run)
{
    return check_all_three(w, run) && IS(w->graph->requests[FAKE_ROUTE_KEYS] >= 4);
}

static void prepare_token_ends(sync_world *w)
{
    prepare_first(w);
    w->graph->token_uses = 2;
}

static void prepare_many(sync_world *w)
{
    for (uint32_t i = 0; i < 100; i++) {
        char name[32];
        char serial[32];
        (void)snprintf(name, sizeof name, "PC-%03u", i);
        (void)snprintf(serial, sizeof serial, "SERIAL-%03u", i);
        fake_device *device = sync_world_device(w, name, serial, i % 10 == 9 ? "org-b" : "org-a");
        (void)fake_graph_add_key(w->graph, device, OS, 10 + i % 7);
        (void)fake_graph_add_key(w->graph, device, FIXED, 10);
        (void)fake_graph_add_key(w->graph, device, OS, 40 + i % 11);
    }
}

static bool check_many(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 300) &&
           IS(run->result.created == 300 || run->error.reason == 0) &&
           IS(!fake_store_folder(w->store, "org-a")->hidden) &&
           IS(!fake_store_folder(w->store, "org-b")->hidden) && IS(w->graph->most_in_flight > 50);
}

/* S1.71 */
static void prepare_unarchived(sync_world *w)
{
    prepare_generations(w);
    tick(w);
    fake_record *row = sync_world_record(w, key(w, 1));
    row->archived = false;
    row->revision++;
    fake_device *two = sync_world_device(w, "PC-2", "SER-2", "org-a");
    (void)fake_graph_add_key(w->graph, two, OS, 10);
}

static bool check_unarchived(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 1, "superseded", false)) &&
           IS(is_shown(w, 2, "superseded", true)) && IS(is_shown(w, 3, "current", false));
}

/* S1.3 S1.77: the configuration goes to another organization, and its keys with it. */
static void prepare_moved(sync_world *w)
{
    prepare_first(w);
    tick(w);
    fake_configuration *row = &w->store->configurations[0];
    (void)snprintf(row->organization_id, sizeof row->organization_id, "org-b");
}

static bool check_moved(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) &&
           IS(strcmp(sync_world_record(w, key(w, 0))->organization_id, "org-b") == 0) &&
           IS(strcmp(sync_world_record(w, key(w, 1))->organization_id, "org-b") == 0) &&
           IS(strcmp(sync_world_record(w, key(w, 2))->organization_id, "org-a") == 0) &&
           IS(fake_store_count(w->store, BKEY_ACTION_MOVED) == 4) &&
           IS(sync_world_state(w, 'S') == 3) && IS(w->graph->key_reads == 3);
}

static void prepare_renamed_folder(sync_world *w)
{
    prepare_first(w);
    tick(w);
    w->settings[0] = "folder_name";
    w->settings[1] = "Recovery";
}

static bool check_renamed_folder(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) &&
           IS(strcmp(fake_store_folder(w->store, "org-a")->name, "Recovery") == 0) &&
           IS(strcmp(sync_world_record(w, key(w, 0))->category, "Recovery") == 0);
}

/* S1.73: a row that cannot be read may be any key, so none is gone, and none is archived for it. */
static void prepare_bad_row(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, FIXED, 10);
    (void)fake_graph_add_key(w->graph, one, FIXED, 11);
    tick(w);
    (void)fake_graph_add_key(w->graph, one, OS, 12);
    w->graph->keys[0].gone = true;
    fake_key *bad = fake_graph_add_key(w->graph, one, FIXED, 13);
    (void)snprintf(bad->id, sizeof bad->id, "no id");
}

static bool check_bad_row(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(run->result.failed == 1) && IS(run->result.archived == 0) &&
           IS(is_shown(w, 0, "current", false)) && IS(is_shown(w, 1, "current", false)) &&
           IS(is_shown(w, 2, "current", false));
}

/* S1.28: keys that Microsoft keeps refusing hold back no other, however it refuses them. */
static void prepare_hard_keys(sync_world *w)
{
    char serial[16];
    w->settings[0] = "parallel_reads";
    w->settings[1] = "2";
    for (uint32_t i = 0; i < 16; i++) {
        (void)snprintf(serial, sizeof serial, "HARD-%u", i);
        fake_device *one = sync_world_device(w, serial, serial, "org-a");
        fake_key *row = fake_graph_add_key(w->graph, one, OS, 10);
        row->status = i < 2 ? 0 : i < 12 ? 500 : i < 15 ? 401 : 0;
    }
}

static bool check_hard_keys(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(run->result.failed == 13) && IS(run->result.created == 3) &&
           IS(is_shown(w, 0, "current", false)) && IS(is_shown(w, 15, "current", false));
}

/* S1.28: another connection's first publication into the same organization stopped half way. */
static void prepare_shared(sync_world *w)
{
    static bkey_busy *busy;
    const sync_fault fault = {.kind = FAKE_FAULT_ERROR, .apply_at = 2, .reason = BKEY_E_STORE_BUSY};
    sync_world partner;
    if (busy == NULL && !bkey_is_ok(bkey_busy_new(&busy)))
        return;
    w->busy = busy;
    sync_world_share(&partner, w);
    prepare_many(&partner);
    for (int i = 0; i < 50 && fake_store_folder(w->store, "org-a") == NULL; i++)
        (void)sync_world_tick(&partner, &fault);
    fake_graph_free(partner.graph);
    (void)fake_graph_add_key(w->graph, sync_world_device(w, "PC-X", "SER-X", "org-a"), OS, 10);
}

static bool check_shared(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_shown(w, 0, "current", false)) &&
           IS(w->store->record_count < 300) && IS(fake_store_folder(w->store, "org-a")->hidden);
}

static const sync_case cases[] = {
    {.name = "first sync", .prepare = prepare_first, .check = check_first},
    {.name = "a rotation adds a newer key", .prepare = prepare_rotation, .check = check_rotation},
    {.name = "three generations at once",
     .prepare = prepare_generations,
     .check = check_generations},
    {.name = "the device was renamed", .prepare = prepare_rename, .check = check_rename},
    {.name = "a configuration appears later", .prepare = prepare_appears, .check = check_appears},
    {.name = "junk serial, no configuration, no device",
     .prepare = prepare_unmatched,
     .check = check_unmatched},
    {.name = "a key is gone at the source", .prepare = prepare_gone, .check = check_gone},
    {.name = "devices left the inventory",
     .prepare = prepare_device_gone,
     .check = check_device_gone},
    {.name = "two data volumes and a burst", .prepare = prepare_volumes, .check = check_volumes},
    {.name = "a malformed password", .prepare = prepare_malformed, .check = check_malformed},
    {.name = "one key answers 404",
     .prepare = prepare_one_404,
     .check = check_one_404,
     .unread = 1},
    {.name = "throttled", .prepare = prepare_throttled, .check = check_all_three},
    {.name = "a bad minute at Microsoft", .prepare = prepare_bad_minute, .check = check_all_three},
    {.name = "two organizations, equal names",
     .prepare = prepare_two_organizations,
     .check = check_two_organizations},
    {.name = "duplicate rows, an empty page, renewed tokens",
     .prepare = prepare_pages,
     .check = check_pages},
    {.name = "the token ends on the way", .prepare = prepare_token_ends, .check = check_all_three},
    {.name = "many devices", .prepare = prepare_many, .check = check_many},
    {.name = "a user's unarchive holds", .prepare = prepare_unarchived, .check = check_unarchived},
    {.name = "a configuration changed its organization",
     .prepare = prepare_moved,
     .check = check_moved},
    {.name = "a row of the listing is damaged", .prepare = prepare_bad_row, .check = check_bad_row},
    {.name = "keys that stay refused",
     .prepare = prepare_hard_keys,
     .check = check_hard_keys,
     .unread = 64},
    {.name = "an organization shared with a connection that stopped half way",
     .prepare = prepare_shared,
     .check = check_shared},
    {.name = "the folder gets another name",
     .prepare = prepare_renamed_folder,
     .check = check_renamed_folder},
};

const sync_case_list sync_cases_usual = SYNC_CASE_LIST(cases);
