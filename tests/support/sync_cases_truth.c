/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"
#define FIXED "fixedDataVolume"
#define HOUR_NS (UINT64_C(3600) * 1000000000u)
#define DAY_MS (INT64_C(86400) * 1000)

static void set(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}
#define SET(field, text) set((field), sizeof(field), (text))

static void tick(const sync_world *w)
{
    (void)sync_world_tick(w, NULL);
}

static bool tag_is(const sync_world *w, uint32_t key, const char *tag)
{
    const fake_record *row = sync_world_record(w, &w->graph->keys[key]);
    return row != NULL && strcmp(row->tag, tag) == 0;
}

static bkey_tracked tracked(const sync_world *w, uint32_t device)
{
    bkey_tracked row = {.presence = 0};
    (void)sync_world_tracked(w, &w->graph->devices[device], &row);
    return row;
}

static bool presence_is(const sync_world *w, uint32_t device, bkey_presence wanted)
{
    const bkey_tracked row = tracked(w, device);
    if (row.presence == wanted)
        return true;
    (void)fprintf(stderr, "  device %u is %s\n", device, bkey_tracked_presence_name(row.presence));
    return false;
}

static bool status_is(const sync_world *w, uint32_t device, bkey_escrow status, bkey_escrow_why why)
{
    const bkey_tracked row = tracked(w, device);
    if (row.status == status && row.why == why)
        return true;
    (void)fprintf(stderr, "  device %u is %s, %s\n", device, bkey_escrow_status_name(row.status),
                  bkey_escrow_status_reason(row.why));
    return false;
}

static bool has_told(const sync_world *w, const char *part)
{
    for (uint32_t i = 0; i < w->store->activity_count; i++)
        if (strstr(w->store->activities[i].detail, part) != NULL)
            return true;
    return false;
}

static bool nothing_was_lost(const sync_world *w, uint32_t keys)
{
    return IS(sync_world_state(w, 'S') == keys) && IS(w->store->record_count == keys) &&
           IS(fake_store_count(w->store, BKEY_ACTION_ARCHIVED) == 0);
}

/* Three devices of org-a with a key each, in Intune and in the directory. */
static void prepare_three(sync_world *w)
{
    w->graph->directory = true;
    w->graph->report = true;
    for (uint32_t i = 0; i < 3; i++) {
        char name[16];
        char serial[16];
        (void)snprintf(name, sizeof name, "PC-%u", i);
        (void)snprintf(serial, sizeof serial, "TRUTH-%u", i);
        fake_device *device = sync_world_device(w, name, serial, "org-a");
        SET(device->join, "AzureAd");
        SET(device->owner, "11111111-0000-4000-8000-000000000001");
        (void)fake_graph_add_key(w->graph, device, OS, 10);
    }
}

static void prepare_all_sources(sync_world *w)
{
    prepare_three(w);
    SET(w->graph->devices[1].join, "ServerAd");
    SET(w->graph->devices[2].join, "Workplace");
    (void)sync_world_device(w, "PC-PENDING", "TRUTH-9", "org-a");
}

/* S3.9 S3.10 S3.43 S2.24 */
static bool check_all_sources(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(tracked(w, 0).join == BKEY_JOIN_ENTRA) &&
           IS(tracked(w, 1).join == BKEY_JOIN_HYBRID) &&
           IS(tracked(w, 2).join == BKEY_JOIN_WORKPLACE) &&
           IS(tracked(w, 3).join == BKEY_JOIN_PENDING) && IS(w->store->record_count == 3) &&
           IS(tracked(w, 0).sources == (BKEY_SOURCE_INTUNE | BKEY_SOURCE_ENTRA)) &&
           IS(status_is(w, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD)) &&
           IS(sync_world_state(w, 'E') == 5);
}

static void prepare_no_intune(sync_world *w)
{
    prepare_three(w);
    w->graph->no_intune = true;
}

/* Customers without Intune: the keys of the directory's devices are held, and placed later. */
static bool check_no_intune(const sync_world *w, const sync_run *run)
{
    return IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(sync_world_state(w, 'S') == 3) &&
           IS(w->store->record_count == 0) && IS(run->result.unmatched == 3) &&
           IS(tracked(w, 0).sources == BKEY_SOURCE_ENTRA) &&
           IS(tracked(w, 0).join == BKEY_JOIN_ENTRA);
}

static void prepare_intune_ends(sync_world *w)
{
    prepare_three(w);
    tick(w);
    w->graph->no_intune = true;
    SET(w->graph->devices[0].name, "PC-RENAMED");
}

/* S1.48 S1.73: a licence that ends loses no key, and names still follow the directory. */
static bool check_intune_ends(const sync_world *w, const sync_run *run)
{
    (void)run;
    const fake_record *row = sync_world_record(w, &w->graph->keys[0]);
    return IS(nothing_was_lost(w, 3)) && IS(strcmp(row->title, "PC-RENAMED") == 0) &&
           IS(tag_is(w, 1, "current")) && IS(presence_is(w, 0, BKEY_PRESENCE_LISTED)) &&
           IS(tracked(w, 0).unknown_since_ms != BKEY_TRACKED_NEVER) &&
           IS(status_is(w, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD));
}

static void prepare_soft(sync_world *w)
{
    prepare_three(w);
    tick(w);
    SET(w->graph->devices[1].removed, "changed");
}

/* S3.49: softly deleted, as the directory tells it; Intune forgets late. */
static bool check_soft(const sync_world *w, const sync_run *run)
{
    (void)run;
    const bkey_tracked row = tracked(w, 1);
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_SOFT_DELETED)) &&
           IS(presence_is(w, 0, BKEY_PRESENCE_LISTED)) && IS(has_told(w, "can be restored")) &&
           IS(bkey_tracked_days_left(&row, row.presence_since_ms + DAY_MS) == 29) &&
           IS(bkey_tracked_days_left(&row, row.presence_since_ms + 31 * DAY_MS) == 0);
}

static void prepare_hard(sync_world *w)
{
    prepare_soft(w);
    tick(w);
    SET(w->graph->devices[1].removed, "deleted");
    w->graph->devices[1].gone = true;
    w->graph->keys[1].gone = true;
}

static bool check_hard(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_HARD_DELETED)) &&
           IS(tag_is(w, 1, "gone_at_source")) && IS(has_told(w, "for good")) &&
           IS(w->graph->key_reads == 3);
}

static void prepare_restored(sync_world *w)
{
    prepare_soft(w);
    tick(w);
    w->graph->devices[1].removed[0] = '\0';
}

static bool check_restored(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_LISTED)) &&
           IS(has_told(w, "lists the device again"));
}

static void prepare_lost_changes(sync_world *w)
{
    prepare_soft(w);
    w->graph->lost_changes = true;
}

/* The directory forgets addresses after a week: then a device is missing, and how is not known. */
static bool check_lost_changes(const sync_world *w, const sync_run *run)
{
    (void)run;
    const bkey_tracked row = tracked(w, 1);
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_MISSING)) &&
           IS(bkey_tracked_days_left(&row, row.presence_since_ms) == -1);
}

static void prepare_denied(sync_world *w)
{
    prepare_three(w);
    tick(w);
    w->graph->directory = false;
    w->graph->report = false;
    SET(w->graph->devices[1].removed, "deleted");
}

/* S1.73: a permission that was lost says nothing of any device. */
static bool check_denied(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_LISTED)) &&
           IS(tracked(w, 1).join == BKEY_JOIN_ENTRA);
}

static void prepare_half_a_page(sync_world *w)
{
    const fake_graph_fault cut = {FAKE_ROUTE_DIRECTORY, 1, -1, 200, -1, "{\"value\":[{\"id\":"};
    prepare_three(w);
    tick(w);
    w->graph->page_size = 1;
    fake_graph_add_fault(w->graph, &cut);
}

/* S1.73: devices behind the broken page are not gone. */
static bool check_half_a_page(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 1, BKEY_PRESENCE_LISTED)) &&
           IS(presence_is(w, 2, BKEY_PRESENCE_LISTED)) && IS(!has_told(w, "does not list"));
}

static void prepare_left_intune(sync_world *w)
{
    prepare_three(w);
    w->graph->directory = false;
    tick(w);
    w->graph->devices[2].gone = true;
}

static bool check_left_intune(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(nothing_was_lost(w, 3)) && IS(presence_is(w, 2, BKEY_PRESENCE_MISSING)) &&
           IS(has_told(w, "does not list the device any more"));
}

static void prepare_states(sync_world *w)
{
    prepare_three(w);
    SET(w->graph->devices[0].backup, "recoveryKeyBackupFailed,tpmNotReady");
    SET(w->graph->devices[1].backup, "osVolumeUnprotected,networkError");
    w->graph->devices[2].not_encrypted = true;
    (void)sync_world_device(w, "PC-WAITS", "TRUTH-7", "org-a");
    fake_device *unread = sync_world_device(w, "PC-UNREAD", "TRUTH-8", "org-a");
    fake_graph_add_key(w->graph, unread, OS, 12)->status = 404;
}

/* S2.25 S2.26 S2.27 S2.28 S3.47 */
static bool check_states(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(status_is(w, 0, BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_BACKUP_FAILED)) &&
           IS(status_is(w, 1, BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_NO_NETWORK)) &&
           IS(status_is(w, 2, BKEY_ESCROW_NOT_AVAILABLE, BKEY_ESCROW_WHY_NOT_ENCRYPTED)) &&
           IS(status_is(w, 3, BKEY_ESCROW_PENDING, BKEY_ESCROW_WHY_NO_KEY)) &&
           IS(status_is(w, 4, BKEY_ESCROW_PENDING, BKEY_ESCROW_WHY_NOT_COPIED)) &&
           IS(tracked(w, 4).unheld == 1);
}

static void prepare_grace_over(sync_world *w)
{
    w->graph->directory = true;
    (void)sync_world_device(w, "PC-WAITS", "TRUTH-7", "org-a");
    tick(w);
    w->later_ns = 49 * HOUR_NS;
}

/* S2.29: no key for two days is no longer Pending, and somebody is told. */
static bool check_grace_over(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(status_is(w, 0, BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_NO_KEY)) &&
           IS(has_told(w, "no key of its operating system volume is known"));
}

static void prepare_escrowed_late(sync_world *w)
{
    prepare_grace_over(w);
    tick(w);
    (void)fake_graph_add_key(w->graph, &w->graph->devices[0], OS, 20);
}

static bool check_escrowed_late(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(status_is(w, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD)) &&
           IS(tracked(w, 0).waiting_since_ms == BKEY_TRACKED_NEVER);
}

static void prepare_report_ends(sync_world *w)
{
    prepare_three(w);
    SET(w->graph->devices[0].backup, "recoveryKeyBackupFailed");
    tick(w);
    w->graph->report = false;
    w->graph->devices[0].backup[0] = '\0';
}

/* S3.47: without the report its last word holds. */
static bool check_report_ends(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(status_is(w, 0, BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_BACKUP_FAILED));
}

static void prepare_owner(sync_world *w)
{
    prepare_three(w);
    tick(w);
    SET(w->graph->devices[0].owner, "22222222-0000-4000-8000-000000000002");
    w->graph->devices[1].owner[0] = '\0';
}

/* S3.37: a new owner has a status of its own; no owner at all is no change. */
static bool check_owner(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(status_is(w, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_OWNER_CHANGED)) &&
           IS(status_is(w, 1, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD));
}

static void prepare_set_up_anew(sync_world *w)
{
    prepare_three(w);
    tick(w);
    w->graph->devices[0].gone = true;
    fake_device *again = fake_graph_add_device(w->graph, "PC-0", "TRUTH-0");
    SET(again->join, "AzureAd");
    (void)fake_graph_add_key(w->graph, again, OS, 25);
}

/* Same serial number, another device id: both sets of keys are shown, and the old one says so. */
static bool check_set_up_anew(const sync_world *w, const sync_run *run)
{
    (void)run;
    const bkey_tracked old = tracked(w, 0);
    const bkey_tracked again = tracked(w, 3);
    char id[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&old.successor, id);
    return IS(strcmp(id, w->graph->devices[3].id) == 0) && IS(nothing_was_lost(w, 4)) &&
           IS(has_told(w, "set up anew")) && IS(sup_guid_is_zero(&again.successor));
}

static void prepare_configuration_gone(sync_world *w)
{
    prepare_three(w);
    tick(w);
    w->store->configurations[0] = w->store->configurations[--w->store->configuration_count];
    w->store->configurations[1].archived = true;
}

/* S1.78 S1.79 */
static bool check_configuration_gone(const sync_world *w, const sync_run *run)
{
    (void)run;
    const fake_record *deleted = sync_world_record(w, &w->graph->keys[0]);
    const fake_record *archived = sync_world_record(w, &w->graph->keys[1]);
    const fake_record *linked = sync_world_record(w, &w->graph->keys[2]);
    return IS(nothing_was_lost(w, 3)) && IS(strcmp(deleted->data, "v=os;c=1") == 0) &&
           IS(strcmp(deleted->configuration_id, "") == 0) &&
           IS(strcmp(archived->data, "v=os;c=1") == 0) && IS(strcmp(linked->data, "v=os") == 0) &&
           IS(strcmp(linked->configuration_id, "conf-3") == 0) && IS(!deleted->archived);
}

/* S1.48: current and archived records alike, and both names are told. */
static void prepare_renamed(sync_world *w)
{
    prepare_three(w);
    (void)fake_graph_add_key(w->graph, &w->graph->devices[0], OS, 2);
    tick(w);
    SET(w->graph->devices[0].name, "PC-OTHER");
}

static bool check_renamed(const sync_world *w, const sync_run *run)
{
    (void)run;
    const fake_record *old = sync_world_record(w, &w->graph->keys[3]);
    return IS(strcmp(old->title, "PC-OTHER") == 0) && IS(old->archived) &&
           IS(strcmp(sync_world_record(w, &w->graph->keys[0])->title, "PC-OTHER") == 0) &&
           IS(has_told(w, "PC-0 -> PC-OTHER"));
}

static void prepare_orphan(sync_world *w)
{
    prepare_three(w);
    fake_key *orphan = fake_graph_add_key(w->graph, NULL, OS, 10);
    SET(orphan->device_id, "0ff00000-0000-4000-8000-0000000000ff");
    (void)fake_graph_add_key(w->graph, NULL, FIXED, 10);
}

/* Keys of no known device are held, and nobody's. */
static bool check_orphan(const sync_world *w, const sync_run *run)
{
    return IS(run->result.unmatched == 2) && IS(sync_world_state(w, 'S') == 5) &&
           IS(w->store->record_count == 3) && IS(sync_world_state(w, 'E') == 4);
}

/* Enrolled twice: Intune lists the machine under both enrolments, the newer one first. */
static void prepare_twice(sync_world *w)
{
    prepare_three(w);
    fake_device *newer = &w->graph->devices[0];
    fake_device *older = fake_graph_add_device(w->graph, "PC-OLD", newer->serial);
    SET(older->id, newer->id);
    SET(older->join, newer->join);
    SET(older->owner, "11111111-0000-4000-8000-000000000002");
    SET(older->seen, "2026-01-01T00:00:00Z");
    SET(newer->seen, "2026-01-20T00:00:00Z");
}

/* S1.48 S1.49 */
static bool check_twice(const sync_world *w, const sync_run *run)
{
    const fake_record *row = sync_world_record(w, &w->graph->keys[0]);
    return IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(w->store->record_count == 3) &&
           IS(row != NULL && strcmp(row->title, "PC-0") == 0);
}

static void prepare_stale(sync_world *w)
{
    prepare_three(w);
    SET(w->graph->devices[0].seen, "2019-01-01T00:00:00Z");
}

static bool check_stale(const sync_world *w, const sync_run *run)
{
    (void)run;
    return IS(tracked(w, 0).is_stale) && IS(!tracked(w, 1).is_stale);
}

/* Half of the tenant is deleted at once; D3. */
static void prepare_clean_up(sync_world *w)
{
    w->graph->directory = true;
    for (uint32_t i = 0; i < 40; i++) {
        char text[24];
        (void)snprintf(text, sizeof text, "CLEAN-%02u", i);
        fake_device *device = sync_world_device(w, text, text, i % 2 == 0 ? "org-a" : "org-b");
        (void)fake_graph_add_key(w->graph, device, OS, 10);
    }
    tick(w);
    for (uint32_t i = 0; i < 20; i++) {
        SET(w->graph->devices[i].removed, "deleted");
        w->graph->devices[i].gone = true;
        w->graph->keys[i].gone = true;
    }
}

static bool check_clean_up(const sync_world *w, const sync_run *run)
{
    (void)run;
    bool fine = IS(nothing_was_lost(w, 40));
    for (uint32_t i = 0; i < 40; i++)
        fine = IS(presence_is(w, i, i < 20 ? BKEY_PRESENCE_HARD_DELETED : BKEY_PRESENCE_LISTED)) &&
               IS(tag_is(w, i, i < 20 ? "gone_at_source" : "current")) && fine;
    return fine;
}

static const sync_case cases[] = {
    {.name = "Intune, directory and report",
     .prepare = prepare_all_sources,
     .check = check_all_sources},
    {.name = "a tenant without Intune", .prepare = prepare_no_intune, .check = check_no_intune},
    {.name = "the Intune licence ends", .prepare = prepare_intune_ends, .check = check_intune_ends},
    {.name = "a device is softly deleted", .prepare = prepare_soft, .check = check_soft},
    {.name = "then it is gone for good", .prepare = prepare_hard, .check = check_hard},
    {.name = "or it is restored", .prepare = prepare_restored, .check = check_restored},
    {.name = "the directory does not tell how it went",
     .prepare = prepare_lost_changes,
     .check = check_lost_changes},
    {.name = "the directory's permission is lost",
     .prepare = prepare_denied,
     .check = check_denied},
    {.name = "half of the directory's list",
     .prepare = prepare_half_a_page,
     .check = check_half_a_page},
    {.name = "a device left Intune, no directory",
     .prepare = prepare_left_intune,
     .check = check_left_intune},
    {.name = "each escrow status", .prepare = prepare_states, .check = check_states, .unread = 1},
    {.name = "the grace time is over", .prepare = prepare_grace_over, .check = check_grace_over},
    {.name = "the key comes late", .prepare = prepare_escrowed_late, .check = check_escrowed_late},
    {.name = "the report is not readable any more",
     .prepare = prepare_report_ends,
     .check = check_report_ends},
    {.name = "another owner", .prepare = prepare_owner, .check = check_owner},
    {.name = "a machine is set up anew",
     .prepare = prepare_set_up_anew,
     .check = check_set_up_anew},
    {.name = "configurations are deleted and archived",
     .prepare = prepare_configuration_gone,
     .check = check_configuration_gone},
    {.name = "archived records are renamed too",
     .prepare = prepare_renamed,
     .check = check_renamed},
    {.name = "keys of no known device", .prepare = prepare_orphan, .check = check_orphan},
    {.name = "a machine that is enrolled twice", .prepare = prepare_twice, .check = check_twice},
    {.name = "a device that was not seen for long", .prepare = prepare_stale, .check = check_stale},
    {.name = "twenty devices are deleted", .prepare = prepare_clean_up, .check = check_clean_up},
};

const sync_case_list sync_cases_truth = SYNC_CASE_LIST(cases);
