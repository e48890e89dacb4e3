/* SPDX-License-Identifier: Apache-2.0
 *
 * What keeps a sync from starting, alone and together: everything is told, nothing is changed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"

/* A synced device, and a new key that must stay unread. */
static void prepare_synced(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)sync_world_tick(w, NULL);
    (void)fake_graph_add_key(w->graph, one, OS, 30);
}

static bool is_refused(const sync_world *w, const sync_run *run, const char *const *words)
{
    const char *at = run->result.summary;
    for (; *words != NULL; words++) {
        const char *found = strstr(at, *words);
        if (!IS(found != NULL)) {
            (void)fprintf(stderr, "  %s: %s\n", *words, run->result.summary);
            return false;
        }
        at = found;
    }
    return IS(w->store->record_count == 1) && IS(w->graph->key_reads == 1) &&
           IS(sync_world_state(w, 'S') == 1) && IS(sync_world_state(w, 'F') == 0) &&
           IS(run->result.store_changes == 0) &&
           IS(run->result.summary[strlen(run->result.summary) - 1] == '.');
}

static void set(sync_world *w, const char *const *pairs)
{
    for (size_t i = 0; pairs[i] != NULL; i++)
        w->settings[i] = pairs[i];
}

/* S1.12 */
static void prepare_contacts(sync_world *w)
{
    static const char *const pairs[] = {"sync_contacts", "false", NULL};
    prepare_synced(w);
    set(w, pairs);
}

static bool check_contacts(const sync_world *w, const sync_run *run)
{
    static const char *const words[] = {"sync_contacts", "administrator", NULL};
    return IS(bkey_is(run->result.error, BKEY_E_SWITCHED_OFF)) && is_refused(w, run, words);
}

static void prepare_licences(sync_world *w)
{
    static const char *const pairs[] = {"licence_types", "", NULL};
    prepare_synced(w);
    set(w, pairs);
}

static bool check_licences(const sync_world *w, const sync_run *run)
{
    static const char *const words[] = {"licence_types", "administrator", NULL};
    return IS(bkey_is(run->result.error, BKEY_E_SWITCHED_OFF)) && is_refused(w, run, words);
}

/* S1.17 S1.18: of this host and of Microsoft, in one answer. */
static void prepare_all(sync_world *w)
{
    static const char *const pairs[] = {"sync_bitlocker_keys",
                                        "false",
                                        "sync_intune_devices",
                                        "false",
                                        "sync_contacts",
                                        "false",
                                        "licence_types",
                                        "",
                                        NULL};
    prepare_synced(w);
    set(w, pairs);
    (void)snprintf(w->graph->scopes, sizeof w->graph->scopes, "User.Read");
}

static bool check_all(const sync_world *w, const sync_run *run)
{
    static const char *const words[] = {"sync_bitlocker_keys",
                                        "sync_intune_devices",
                                        "sync_contacts",
                                        "licence_types",
                                        "DeviceManagementManagedDevices.Read.All",
                                        "BitlockerKey.ReadBasic.All",
                                        "BitlockerKey.Read.All",
                                        NULL};
    return IS(w->graph->requests[FAKE_ROUTE_KEYS] == 1) && is_refused(w, run, words);
}

/* A setting and a sign-in that has ended. */
static void prepare_setting_and_sign_in(sync_world *w)
{
    static const fake_graph_fault revoked = {
        FAKE_ROUTE_TOKEN, 0, -1, 400, -1, "{\"error\":\"x\",\"error_codes\":[50173]}"};
    prepare_contacts(w);
    fake_graph_add_fault(w->graph, &revoked);
}

static bool check_setting_and_sign_in(const sync_world *w, const sync_run *run)
{
    static const char *const words[] = {"sync_contacts", "Microsoft gives no access", NULL};
    return is_refused(w, run, words);
}

/* S1.10: the token names the permission still, the service does not honour it. */
static void prepare_withdrawn(sync_world *w)
{
    static const fake_graph_fault forbidden = {FAKE_ROUTE_KEYS, 0, -1, 403, -1, "{}"};
    prepare_synced(w);
    fake_graph_add_fault(w->graph, &forbidden);
}

static bool check_withdrawn(const sync_world *w, const sync_run *run)
{
    static const char *const words[] = {"BitlockerKey.Read.All", "directory role",
                                        "Security Reader", NULL};
    return IS(bkey_is(run->result.error, BKEY_E_PERM_KEY_LIST)) && is_refused(w, run, words);
}

static const sync_case cases[] = {
    {.name = "contacts are not selected",
     .prepare = prepare_contacts,
     .check = check_contacts,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "no licence type is selected",
     .prepare = prepare_licences,
     .check = check_licences,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "everything is missing at once",
     .prepare = prepare_all,
     .check = check_all,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "a setting is off and the sign-in has ended",
     .prepare = prepare_setting_and_sign_in,
     .check = check_setting_and_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "the directory role is lost",
     .prepare = prepare_withdrawn,
     .check = check_withdrawn,
     .outcome = BKEY_OUTCOME_REFUSED},
};

const sync_case_list sync_cases_preflight = SYNC_CASE_LIST(cases);
