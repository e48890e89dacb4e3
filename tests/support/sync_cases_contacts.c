/* SPDX-License-Identifier: Apache-2.0
 *
 * Users and the host's contacts: who is whom, and what is left alone (S1.102, S1.103). */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"
#define SCOPES                                                                                     \
    "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All User.Read.All "                 \
    "LicenseAssignment.Read.All"
#define USER(n) WORLD_TENANT ":5e000000-0000-4000-8000-00000000000" n

static void set(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}
#define SET(field, text) set((field), sizeof(field), (text))

/* One organization, one key, and the permissions for users. */
static void prepare_ready(sync_world *w)
{
    static const char *const one[] = {"org-a", NULL};
    (void)sync_world_connect(w, "refresh", one);
    SET(w->graph->scopes, SCOPES);
    (void)fake_graph_add_key(w->graph, sync_world_device(w, "PC-1", "SER-1", "org-a"), OS, 10);
}

static fake_user *add_user(sync_world *w, const char *first, const char *last, const char *address)
{
    char name[130];
    (void)snprintf(name, sizeof name, "%s %s", first, last);
    fake_user *user = fake_graph_add_user(w->graph, name, address);
    SET(user->first, first);
    SET(user->last, last);
    return user;
}

static fake_contact *add_named(sync_world *w, const char *name, const char *first, const char *last)
{
    fake_contact *contact = fake_store_add_contact(w->store, "org-a", name, "");
    SET(contact->first_name, first);
    SET(contact->last_name, last);
    return contact;
}

/* `link` = "": none. */
static bool is_linked(const sync_world *w, const char *name, const char *link)
{
    const fake_contact *row = fake_store_contact(w->store, name);
    if (row != NULL && strcmp(row->external_id, link) == 0)
        return true;
    (void)fprintf(stderr, "  %s: %s\n", name, row != NULL ? row->external_id : "not there");
    return false;
}

/* Keys come first, whatever becomes of contacts. */
static bool has_key(const sync_world *w)
{
    return IS(w->store->record_count == 1) && IS(w->graph->key_reads == 1);
}

static bool has_told(const sync_run *run, const char *part)
{
    if (strstr(run->result.summary, part) != NULL)
        return true;
    (void)fprintf(stderr, "  %s\n", run->result.summary);
    return false;
}

static void prepare_new(sync_world *w)
{
    prepare_ready(w);
    fake_user *ana = add_user(w, "Ana", "Ruiz", "ana@fernhill.example");
    SET(ana->proxies, "\"smtp:a.ruiz@fernhill.example\",\"SMTP:ANA@fernhill.example\","
                      "\"X500:/o=Fernhill\",\"SPO:x@y\",\"smtp:not an address\"");
    add_user(w, "Guy", "Guest", "guest@else.example")->guest = true;
    add_user(w, "Dora", "Disabled", "dora@fernhill.example")->disabled = true;
    SET(add_user(w, "Uli", "Unlicensed", "uli@fernhill.example")->licences, "");
    SET(add_user(w, "Piet", "Planless", "piet@fernhill.example")->licences,
        "{\"skuId\":\"" FAKE_SKU "\",\"disabledPlans\":[\"" FAKE_PLAN "\"]}");
    SET(add_user(w, "", "", "")->name, "  ");
}

static bool check_new(const sync_world *w, const sync_run *run)
{
    const fake_contact *ana = fake_store_contact(w->store, "Ana Ruiz");
    return has_key(w) && IS(w->store->contact_count == 2) && IS(ana != NULL) &&
           IS(is_linked(w, "Ana Ruiz", USER("1"))) &&
           IS(strcmp(ana->emails, "ana@fernhill.example a.ruiz@fernhill.example") == 0) &&
           IS(strcmp(ana->first_name, "Ana") == 0) && IS(strcmp(ana->last_name, "Ruiz") == 0) &&
           IS(is_linked(w, "5e000000-0000-4000-8000-000000000006", USER("6"))) &&
           IS(fake_store_count(w->store, BKEY_ACTION_CREATED) == 3) &&
           IS(has_told(run, "Contacts: 2 created, 0 updated, 0 not told apart."));
}

static void prepare_alias(sync_world *w)
{
    prepare_ready(w);
    (void)fake_store_add_contact(w->store, "org-a", "Ana (boss)",
                                 "old@else.example A.RUIZ@Fernhill.example");
    (void)add_named(w, "Namesake", "Ana", "Ruiz"); /* an address says more than a name */
    SET(add_user(w, "Ana", "Ruiz", "ana@fernhill.example")->proxies,
        "\"smtp:a.ruiz@fernhill.example\"");
}

static bool check_alias(const sync_world *w, const sync_run *run)
{
    const fake_contact *ana = fake_store_contact(w->store, "Ana (boss)");
    return has_key(w) && IS(w->store->contact_count == 2) &&
           IS(is_linked(w, "Ana (boss)", USER("1"))) && IS(is_linked(w, "Namesake", "")) &&
           IS(strcmp(ana->emails, "old@else.example A.RUIZ@Fernhill.example") == 0) &&
           IS(strcmp(ana->first_name, "Ana") == 0) &&
           IS(has_told(run, "Contacts: 0 created, 1 updated"));
}

static void prepare_rest(sync_world *w)
{
    prepare_ready(w);
    (void)fake_store_add_contact(w->store, "org-a", "By sign-in", "bo@login.example");
    (void)add_named(w, "By name", " cleo ", "ORTÍZ");
    (void)add_named(w, "Half a name", "Dan", "");
    fake_user *bo = add_user(w, "Bo", "Berg", "bo@login.example");
    SET(bo->mail, "bo.berg@fernhill.example");
    (void)add_user(w, "Cleo", "Ortíz", "cleo@fernhill.example");
    (void)add_user(w, "Dan", "", "dan@fernhill.example");
}

static bool check_rest(const sync_world *w, const sync_run *run)
{
    const fake_contact *cleo = fake_store_contact(w->store, "By name");
    return has_key(w) && IS(is_linked(w, "By sign-in", USER("1"))) &&
           IS(is_linked(w, "By name", USER("2"))) && IS(is_linked(w, "Half a name", "")) &&
           IS(is_linked(w, "Dan", USER("3"))) &&
           IS(strcmp(cleo->emails, "cleo@fernhill.example") == 0) &&
           IS(strcmp(cleo->last_name, "ORTÍZ") == 0) &&
           IS(has_told(run, "Contacts: 1 created, 2 updated, 0 not told apart."));
}

static void prepare_ambiguous(sync_world *w)
{
    prepare_ready(w);
    (void)fake_store_add_contact(w->store, "org-a", "One", "office@fernhill.example");
    (void)fake_store_add_contact(w->store, "org-a", "Two", "office@fernhill.example");
    (void)add_named(w, "John", "John", "Smith");
    (void)add_user(w, "Olga", "Office", "office@fernhill.example");
    (void)add_user(w, "John", "Smith", "j1@fernhill.example");
    (void)add_user(w, "John", "Smith", "j2@fernhill.example");
    fake_contact *taken = fake_store_add_contact(w->store, "org-a", "Three", "t@fernhill.example");
    taken->taken = true;
    (void)add_user(w, "Tom", "Taken", "t@fernhill.example");
}

static bool check_ambiguous(const sync_world *w, const sync_run *run)
{
    return has_key(w) && IS(w->store->contact_count == 4) && IS(is_linked(w, "One", "")) &&
           IS(is_linked(w, "Two", "")) && IS(is_linked(w, "John", "")) &&
           IS(is_linked(w, "Three", "")) &&
           IS(has_told(run, "Contacts: 0 created, 0 updated, 4 not told apart."));
}

/* Two of one name without a contact are two contacts. */
static void prepare_linked(sync_world *w)
{
    prepare_ready(w);
    (void)add_user(w, "John", "Smith", "j1@fernhill.example");
    (void)add_user(w, "John", "Smith", "j2@fernhill.example");
    (void)sync_world_tick(w, NULL);
    SET(w->graph->users[0].name, "Jon Smythe");
    SET(w->graph->users[0].first, "Jon");
    SET(w->graph->users[0].mail, "jon@fernhill.example");
    w->graph->users[1].disabled = true;
    w->store->contacts[0].emails[0] = '\0';
}

static bool check_linked(const sync_world *w, const sync_run *run)
{
    const fake_contact *rows = w->store->contacts;
    return has_key(w) && IS(w->store->contact_count == 2) &&
           IS(strcmp(rows[0].external_id, USER("1")) == 0) &&
           IS(strcmp(rows[0].name, "John Smith") == 0) &&
           IS(strcmp(rows[0].first_name, "John") == 0) &&
           IS(strcmp(rows[0].emails, "jon@fernhill.example") == 0) &&
           IS(strcmp(rows[1].external_id, USER("2")) == 0) &&
           IS(has_told(run, "Contacts: 0 created, 1 updated"));
}

static void prepare_gone(sync_world *w)
{
    prepare_ready(w);
    (void)add_user(w, "Ana", "Ruiz", "ana@fernhill.example");
    (void)add_user(w, "Bo", "Berg", "bo@fernhill.example");
    (void)sync_world_tick(w, NULL);
    w->graph->users[0].gone = true;
    (void)add_user(w, "Ana", "Ruiz", "ana@fernhill.example");              /* under another id */
    w->store->contacts[1] = w->store->contacts[--w->store->contact_count]; /* Bo: by a person */
}

static bool check_gone(const sync_world *w, const sync_run *run)
{
    return has_key(w) && IS(w->store->contact_count == 2) &&
           IS(is_linked(w, "Ana Ruiz", USER("1"))) && IS(is_linked(w, "Bo Berg", USER("2"))) &&
           IS(has_told(run, "Contacts: 1 created, 0 updated, 1 not told apart."));
}

static void prepare_unpermitted(sync_world *w)
{
    prepare_new(w);
    SET(w->graph->scopes, w->argument);
}

static bool check_unasked(const sync_world *w, const sync_run *run)
{
    return has_key(w) && IS(w->store->contact_count == 0) &&
           IS(w->graph->requests[FAKE_ROUTE_USERS] == 0) &&
           IS(strstr(run->result.summary, "ontacts") == NULL);
}

static void prepare_several(sync_world *w)
{
    static const char *const both[] = {"org-a", "org-b", NULL};
    prepare_new(w);
    (void)sync_world_connect(w, "refresh", both);
}

static void prepare_no_plan(sync_world *w)
{
    prepare_new(w);
    w->graph->no_plan = true;
}

static void prepare_refused(sync_world *w)
{
    const fake_graph_fault fault = {.route = FAKE_ROUTE_USERS, .count = -1, .status = 403};
    prepare_new(w);
    fake_graph_add_fault(w->graph, &fault);
}

static void prepare_failing(sync_world *w)
{
    const fake_graph_fault fault = {.route = FAKE_ROUTE_LICENCES, .count = -1, .status = 503};
    prepare_new(w);
    fake_graph_add_fault(w->graph, &fault);
}

static bool check_left(const sync_world *w, const sync_run *run)
{
    return has_key(w) && IS(w->store->contact_count == 0) &&
           IS(has_told(run, "Contacts were left as they are: "));
}

static void prepare_pages(sync_world *w)
{
    prepare_ready(w);
    (void)add_user(w, "Ana", "Ruiz", "ana@fernhill.example");
    (void)add_user(w, "Bo", "Berg", "bo@fernhill.example");
    (void)add_user(w, "Cleo", "Cruz", "cleo@fernhill.example");
    w->graph->page_size = 1;
    w->graph->duplicate_rows = true;
}

static bool check_pages(const sync_world *w, const sync_run *run)
{
    return has_key(w) && IS(w->store->contact_count == 3) &&
           IS(has_told(run, "Contacts: 3 created"));
}

static const sync_case cases[] = {
    {.name = "users become contacts", .prepare = prepare_new, .check = check_new},
    {.name = "a contact by any mail alias", .prepare = prepare_alias, .check = check_alias},
    {.name = "contacts by sign-in name and by name", .prepare = prepare_rest, .check = check_rest},
    {.name = "contacts that cannot be told apart",
     .prepare = prepare_ambiguous,
     .check = check_ambiguous},
    {.name = "linked contacts keep what they say",
     .prepare = prepare_linked,
     .check = check_linked},
    {.name = "users and contacts go and come", .prepare = prepare_gone, .check = check_gone},
    {.name = "users may not be read",
     .prepare = prepare_unpermitted,
     .check = check_unasked,
     .argument = "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All "
                 "LicenseAssignment.Read.All"},
    {.name = "licences may not be read",
     .prepare = prepare_unpermitted,
     .check = check_unasked,
     .argument = "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All User.Read.All"},
    {.name = "users of several organizations", .prepare = prepare_several, .check = check_unasked},
    {.name = "nobody has a selected plan", .prepare = prepare_no_plan, .check = check_unasked},
    {.name = "users are refused though granted", .prepare = prepare_refused, .check = check_left},
    {.name = "licences cannot be listed", .prepare = prepare_failing, .check = check_left},
    {.name = "users on many pages, some twice", .prepare = prepare_pages, .check = check_pages},
};

const sync_case_list sync_cases_contacts = SYNC_CASE_LIST(cases);
