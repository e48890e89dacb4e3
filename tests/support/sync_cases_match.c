/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/sync_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OS "operatingSystemVolume"
#define JUNK "To be filled by O.E.M."
#define WIRED "3C:52:82:11:22:33"
#define WIFI "3C:52:82:11:22:44"

static const fake_key *key(const sync_world *w, uint32_t index)
{
    return &w->graph->keys[index];
}

static bool is_in(const sync_world *w, uint32_t index, const char *organization)
{
    const fake_record *row = sync_world_record(w, key(w, index));
    return row != NULL && strcmp(row->organization_id, organization) == 0;
}

static bool is_linked(const sync_world *w, uint32_t index, const char *configuration)
{
    const fake_record *row = sync_world_record(w, key(w, index));
    return row != NULL && strcmp(row->configuration_id, configuration) == 0;
}

/* Held, in nobody's folder. */
static bool is_waiting(const sync_world *w, uint32_t index)
{
    return sync_world_record(w, key(w, index)) == NULL;
}

static bool is_done(const sync_run *run)
{
    if (run->result.outcome == BKEY_OUTCOME_DONE)
        return true;
    (void)fprintf(stderr, "  outcome %d: %s\n", (int)run->result.outcome, run->result.summary);
    return false;
}

static bool is_listed(const sync_world *w, const char *state, const char *sentence)
{
    char *json = sync_world_ask(w, state, NULL, "");
    bool is = strstr(json, sentence) != NULL;
    if (!is)
        (void)fprintf(stderr, "  %s: %s\n", state, json);
    free(json);
    return is;
}

static fake_device *add_device(sync_world *w, const char *name, const char *serial,
                               const char *organization)
{
    fake_device *device = sync_world_device(w, name, serial, organization);
    (void)fake_graph_add_key(w->graph, device, OS, 10);
    return device;
}

static void tick(const sync_world *w)
{
    (void)sync_world_tick(w, NULL);
}

static void decide(const sync_world *w, bkey_match_change_kind kind, const char *device,
                   const char *to)
{
    if (!bkey_is_ok(sync_world_decide(w, kind, device, to, "")))
        abort();
}

/* S1.104: the addresses count when the serial number is junk; each is asked for once. */
static void prepare_mac(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", JUNK, NULL);
    fake_device *two = add_device(w, "PC-2", "", NULL);
    (void)snprintf(one->wired, sizeof one->wired, "%s", WIRED);
    (void)snprintf(two->wifi, sizeof two->wifi, "%s", "3C5282112244");
    (void)add_device(w, "PC-3", "SER-3", "org-a");
    fake_configuration *first =
        fake_store_add_configuration(w->store, "org-a", "by-wire", "A", "None");
    fake_configuration *second = fake_store_add_configuration(w->store, "org-b", "by-air", "B", "");
    (void)snprintf(first->mac, sizeof first->mac, "%s", "3c-52-82-11-22-33");
    (void)snprintf(second->mac, sizeof second->mac, "%s", WIFI);
}

static bool check_mac(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_linked(w, 0, "by-wire")) &&
           IS(is_in(w, 1, "org-b")) && IS(is_linked(w, 1, "by-air")) && IS(is_in(w, 2, "org-a")) &&
           IS(w->graph->requests[FAKE_ROUTE_ADDRESSES] >= 2) && IS(sync_world_state(w, 'M') == 0) &&
           IS(is_listed(w, "matched", "by network address"));
}

/* S1.104: a dock's address, and a private one, go from machine to machine. */
static void prepare_dock(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", JUNK, NULL);
    (void)snprintf(one->wired, sizeof one->wired, "%s", "00:50:B6:11:22:33");
    (void)snprintf(one->wifi, sizeof one->wifi, "%s", "DA:A1:19:11:22:33");
    fake_configuration *row = fake_store_add_configuration(w->store, "org-a", "dock", "A", "");
    (void)snprintf(row->mac, sizeof row->mac, "%s", "00:50:B6:11:22:33 " WIRED);
}

static bool check_dock(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(sync_world_state(w, 'M') == 1) &&
           IS(run->result.unmatched == 1) && IS(w->graph->requests[FAKE_ROUTE_ADDRESSES] >= 1);
}

static void prepare_dock_again(sync_world *w)
{
    prepare_dock(w);
    tick(w);
    w->graph->requests[FAKE_ROUTE_ADDRESSES] = 0;
    (void)add_device(w, "PC-2", "SER-2", "org-a");
}

static bool check_dock_again(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_in(w, 1, "org-a")) &&
           IS(w->graph->requests[FAKE_ROUTE_ADDRESSES] == 0);
}

/* D8: trouble with an address holds nothing back. */
static void prepare_no_address(sync_world *w)
{
    const fake_graph_fault gone = {.route = FAKE_ROUTE_ADDRESSES,
                                   .count = -1,
                                   .status = 404,
                                   .retry_after_ms = -1,
                                   .body = "{}"};
    prepare_mac(w);
    fake_graph_add_fault(w->graph, &gone);
}

static bool check_no_address(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_waiting(w, 1)) &&
           IS(is_in(w, 2, "org-a"));
}

/* S1.105 D8 */
static void prepare_ambiguous(sync_world *w)
{
    (void)add_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_store_add_configuration(w->store, "org-b", "other", "PC-1", "ser-1");
    (void)add_device(w, "PC-2", "SER-2", "org-a");
}

static bool check_ambiguous(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_in(w, 1, "org-a")) &&
           IS(is_listed(w, "quarantined", "More than one configuration fits.")) &&
           IS(is_listed(w, "quarantined", "\"configuration_id\":\"other\"")) &&
           IS(run->result.unmatched == 1);
}

/* D8 */
static void prepare_clones(sync_world *w)
{
    (void)add_device(w, "PC-1", "SER-1", "org-a");
    (void)add_device(w, "PC-2", "SER-1", NULL);
}

static bool check_clones(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_waiting(w, 1)) &&
           IS(w->store->folder_count == 0) &&
           IS(is_listed(w, "quarantined", "Another device has the same serial number"));
}

/* D8: the board of PC-1 went into a machine of somebody else. */
static void prepare_board(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    tick(w);
    (void)snprintf(one->serial, sizeof one->serial, "NEW-BOARD");
    (void)add_device(w, "PC-X", "SER-1", NULL);
}

static bool check_board(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_waiting(w, 1)) &&
           IS(is_listed(w, "quarantined", "is another device's"));
}

/* D8: a machine of another tenant that may write to the same organizations has the number too. */
static void prepare_rival(sync_world *w)
{
    sync_world partner;
    sync_world_share(&partner, w);
    (void)add_device(&partner, "PC-9", "SER-1", "org-a");
    tick(&partner);
    fake_graph_free(partner.graph);
    (void)add_device(w, "PC-1", "SER-1", NULL);
    (void)add_device(w, "PC-2", "SER-2", NULL);
    (void)fake_store_add_configuration(w->store, "org-b", "second", "PC-2", "SER-2");
}

static bool check_rival(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_linked(w, 1, "second")) &&
           IS(is_listed(w, "quarantined", "A device of another tenant has the same serial"));
}

/* D8: it was org-a's; now a configuration of org-b has its serial number. */
static void prepare_customer(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    tick(w);
    (void)fake_store_add_configuration(w->store, "org-b", "bought", "PC-1", "SER-1");
    (void)fake_graph_add_key(w->graph, one, OS, 20);
}

static bool check_customer(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_linked(w, 0, "conf-1")) &&
           IS(is_waiting(w, 1)) && IS(sync_world_state(w, 'S') == 2) &&
           IS(is_listed(w, "quarantined", "new keys wait"));
}

static void prepare_customer_decided(sync_world *w)
{
    prepare_customer(w);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_SET, "PC-1", "bought");
}

/* S1.77: nothing is left where it was, and both logs tell it. */
static bool check_customer_decided(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-b")) && IS(is_in(w, 1, "org-b")) &&
           IS(is_linked(w, 1, "bought")) && IS(sync_world_state(w, 'M') == 0) &&
           IS(fake_store_count(w->store, BKEY_ACTION_MOVED) == 1) && IS(w->graph->key_reads == 2);
}

/* D8 */
static void prepare_torn(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    one->twice = true;
}

static bool check_torn(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) &&
           IS(is_listed(w, "quarantined", "twice with two serial numbers"));
}

/* D8: it was org-a's; of two rows of it one says that it may be org-b's now. */
static void prepare_torn_customer(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    tick(w);
    one->twice = true;
    (void)fake_store_add_configuration(w->store, "org-b", "bought", "PC-1", "SER-1-2");
    (void)fake_graph_add_key(w->graph, one, OS, 20);
}

/* D8: its configuration is deleted; two of org-b, not one, have its serial number. */
static void prepare_lost_customer(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    tick(w);
    w->store->configuration_count = 0;
    (void)fake_store_add_configuration(w->store, "org-b", "bought", "PC-1", "SER-1");
    (void)fake_store_add_configuration(w->store, "org-b", "typed-again", "PC-1", "ser-1");
    (void)fake_graph_add_key(w->graph, one, OS, 20);
}

static bool check_lost_customer(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_linked(w, 0, "")) &&
           IS(is_waiting(w, 1)) && IS(is_listed(w, "quarantined", "new keys wait"));
}

/* D8: org-a, where PC-1 is matched and nothing is shown yet, is merged into another one. */
static void prepare_merged(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    (void)add_device(w, "PC-2", "SER-2", "org-b");
    w->graph->keys[0].status = 404;
    w->graph->report = true;
    tick(w);
    w->store->organizations[0] = w->store->organizations[--w->store->organization_count];
    w->store->configurations[0] = w->store->configurations[--w->store->configuration_count];
    w->graph->keys[0].status = 0;
    (void)snprintf(one->backup, sizeof one->backup, "recoveryKeyBackupFailed");
}

static bool check_merged(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_in(w, 1, "org-b")) &&
           IS(sync_world_state(w, 'S') == 2) &&
           IS(strstr(run->result.summary, "no longer exist: connect again") != NULL);
}

static void prepare_merged_decided(sync_world *w)
{
    prepare_merged(w);
    (void)fake_store_add_configuration(w->store, "org-b", "now", "PC-1", "SER-1");
    decide(w, BKEY_MATCH_CHANGE_SET, "PC-1", "now");
}

static bool check_merged_decided(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-b")) && IS(is_linked(w, 0, "now"));
}

/* S1.104 S1.106 */
static void prepare_names(sync_world *w)
{
    (void)add_device(w, "FERN-PC", "SER-1", NULL);
    (void)add_device(w, "SAME", "SER-2", NULL);
    (void)add_device(w, "", "SER-3", NULL);
    (void)fake_store_add_configuration(w->store, "org-a", "fern", "fern-pc", "");
    (void)fake_store_add_configuration(w->store, "org-a", "same-a", "SAME", "");
    (void)fake_store_add_configuration(w->store, "org-b", "same-b", "SAME", "");
    (void)fake_store_add_configuration(w->store, "org-b", "blank", "", "");
}

static bool check_names(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 0) &&
           IS(is_listed(w, "suggested", "FERN-PC")) && IS(is_listed(w, "suggested", "\"fern\"")) &&
           IS(is_listed(w, "unmatched", "same-a")) && IS(is_listed(w, "unmatched", "same-b")) &&
           IS(run->result.unmatched == 3);
}

/* S1.76 S1.106 */
static void prepare_set(sync_world *w)
{
    prepare_names(w);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_SET, "fern-PC", "fern");
}

static bool check_set(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_linked(w, 0, "fern")) &&
           IS(is_waiting(w, 1)) && IS(sync_world_state(w, 'M') == 2) &&
           IS(is_listed(w, "matched", "by a person"));
}

/* S1.77 S1.106: it is out at once, and stays out though its serial number says otherwise. */
static void prepare_undo(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 5);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_UNDO, "PC-1", "");
    if (w->store->record_count != 0)
        abort();
    (void)fake_graph_add_key(w->graph, one, OS, 30);
}

static bool check_expelled(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 0) && IS(run->result.unmatched == 3) &&
           IS(sync_world_state(w, 'S') == 3) && IS(w->graph->key_reads == 3) &&
           IS(is_listed(w, "unmatched", "waits for a person"));
}

static bool check_undo(const sync_world *w, const sync_run *run)
{
    return check_expelled(w, run) && IS(fake_store_count(w->store, BKEY_ACTION_MOVED) == 2);
}

static void prepare_undo_twice(sync_world *w)
{
    prepare_undo(w);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_UNDO, "PC-1", "");
}

static bool check_undo_twice(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 3) && IS(is_in(w, 0, "org-a")) &&
           IS(w->graph->key_reads == 3) && IS(sync_world_state(w, 'M') == 0);
}

/* S1.77: the decision is there, the rows did not follow: the tick completes it. */
static void prepare_undo_half(sync_world *w)
{
    prepare_undo(w);
    fake_record *row = &w->store->records[w->store->record_count++];
    memset(row, 0, sizeof *row);
    (void)snprintf(row->external_id, sizeof row->external_id, "%s:%s", w->tenant, key(w, 0)->id);
    (void)snprintf(row->organization_id, sizeof row->organization_id, "org-a");
    (void)snprintf(row->title, sizeof row->title, "PC-1");
    row->revision = 7;
}

/* S1.106 */
static void prepare_ignore(sync_world *w)
{
    (void)add_device(w, "PC-1", "SER-1", "org-a");
    (void)add_device(w, "PC-2", "SER-2", NULL);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_IGNORE, "PC-1", "");
    decide(w, BKEY_MATCH_CHANGE_IGNORE, "PC-2", "");
}

static bool check_ignore(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(w->store->record_count == 0) && IS(run->result.unmatched == 0) &&
           IS(is_listed(w, "ignored", "PC-1")) && IS(is_listed(w, "ignored", "PC-2"));
}

/* S1.102 S1.106 */
static void prepare_create(sync_world *w)
{
    (void)add_device(w, "PC-1", "SER-1", NULL);
    tick(w);
    decide(w, BKEY_MATCH_CHANGE_CREATE, "PC-1", "org-b");
}

static bool check_create(const sync_world *w, const sync_run *run)
{
    const fake_configuration *made = &w->store->configurations[w->store->configuration_count - 1];
    return IS(is_done(run)) && IS(w->store->configuration_count == 1) &&
           IS(strcmp(made->organization_id, "org-b") == 0) &&
           IS(strcmp(made->serial, "SER-1") == 0) && IS(strcmp(made->hostname, "PC-1") == 0) &&
           IS(is_in(w, 0, "org-b")) && IS(is_linked(w, 0, made->configuration_id)) &&
           IS(is_listed(w, "matched", "created for it"));
}

/* S3.49 S1.16: what left the inventory keeps its name among those that wait. */
static void prepare_waiting_gone(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", NULL);
    tick(w);
    one->gone = true;
}

static bool check_waiting_gone(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_waiting(w, 0)) && IS(is_listed(w, "unmatched", "PC-1")) &&
           IS(is_listed(w, "unmatched", "not in Intune's inventory"));
}

/* S1.48: the list of matches says what the device is called today. */
static void prepare_renamed(sync_world *w)
{
    fake_device *one = add_device(w, "PC-1", "SER-1", "org-a");
    tick(w);
    (void)snprintf(one->name, sizeof one->name, "PC-NEW");
}

static bool check_renamed(const sync_world *w, const sync_run *run)
{
    return IS(is_done(run)) && IS(is_in(w, 0, "org-a")) && IS(is_listed(w, "matched", "PC-NEW"));
}

static const sync_case cases[] = {
    {.name = "addresses match what has no serial number",
     .prepare = prepare_mac,
     .check = check_mac,
     .may_wait = true},
    {.name = "a dock's address is nobody's", .prepare = prepare_dock, .check = check_dock},
    {.name = "an address is asked for once",
     .prepare = prepare_dock_again,
     .check = check_dock_again},
    {.name = "no address is to be had", .prepare = prepare_no_address, .check = check_no_address},
    {.name = "one serial number, two organizations",
     .prepare = prepare_ambiguous,
     .check = check_ambiguous},
    {.name = "cloned serial numbers", .prepare = prepare_clones, .check = check_clones},
    {.name = "a serial number that another tenant's device has",
     .prepare = prepare_rival,
     .check = check_rival},
    {.name = "a board in another machine", .prepare = prepare_board, .check = check_board},
    {.name = "a machine changed customers", .prepare = prepare_customer, .check = check_customer},
    {.name = "a machine listed twice may have changed customers",
     .prepare = prepare_torn_customer,
     .check = check_customer},
    {.name = "a lost configuration, and several of another customer",
     .prepare = prepare_lost_customer,
     .check = check_lost_customer},
    {.name = "an organization of the connection was merged",
     .prepare = prepare_merged,
     .check = check_merged},
    {.name = "a device of a merged organization is matched anew",
     .prepare = prepare_merged_decided,
     .check = check_merged_decided},
    {.name = "and a person says whose it is",
     .prepare = prepare_customer_decided,
     .check = check_customer_decided},
    {.name = "a device with two serial numbers", .prepare = prepare_torn, .check = check_torn},
    {.name = "names only suggest", .prepare = prepare_names, .check = check_names},
    {.name = "a person matches a device", .prepare = prepare_set, .check = check_set},
    {.name = "a match is taken back", .prepare = prepare_undo, .check = check_undo},
    {.name = "and evidence may decide again",
     .prepare = prepare_undo_twice,
     .check = check_undo_twice},
    {.name = "a match is taken back half way",
     .prepare = prepare_undo_half,
     .check = check_expelled},
    {.name = "devices are ignored", .prepare = prepare_ignore, .check = check_ignore},
    {.name = "a configuration is created for a device",
     .prepare = prepare_create,
     .check = check_create},
    {.name = "a device without a match left the inventory",
     .prepare = prepare_waiting_gone,
     .check = check_waiting_gone},
    {.name = "a matched device was renamed", .prepare = prepare_renamed, .check = check_renamed},
};

const sync_case_list sync_cases_match = SYNC_CASE_LIST(cases);
