/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios of signing in: device codes beside a working credential, partners, challenges, tokens
 * that end. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"
#define LATER_NS (UINT64_C(6) * 1000000000u) /* a poll is due */

static const char *const both[] = {"org-a", "org-b", NULL};

static void add_key(sync_world *w)
{
    (void)fake_graph_add_key(w->graph, sync_world_device(w, "PC-1", "SER-1", "org-a"), OS, 10);
}

static bool is_synced(const sync_world *w, const sync_run *run)
{
    return IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(w->store->record_count == 1) &&
           IS(w->graph->key_reads == 1);
}

static bool is_signin(const sync_world *w, const char *wanted)
{
    char text[4096];
    sync_world_signin(w, text, sizeof text);
    if (strstr(text, wanted) != NULL)
        return true;
    (void)fprintf(stderr, "  sign-in: %s\n", text);
    return false;
}

/* S1.24: the credential so far works on while a new sign-in waits. */
static void prepare_begun(sync_world *w)
{
    add_key(w);
    (void)IS(bkey_is_ok(sync_world_connect(w, "device", both)));
}

static bool check_begun(const sync_world *w, const sync_run *run)
{
    return is_synced(w, run) && IS(is_signin(w, "\"user_code\":\"USER-")) &&
           IS(is_signin(w, "https://login.example/device"));
}

static void prepare_polled(sync_world *w)
{
    prepare_begun(w);
    (void)sync_world_tick(w, NULL);
    (void)fake_graph_add_key(w->graph, sync_world_device(w, "PC-2", "SER-2", "org-b"), OS, 10);
    w->later_ns = LATER_NS;
    if (w->argument != NULL)
        (void)snprintf(w->graph->device_answer, sizeof w->graph->device_answer, "%s", w->argument);
}

/* S1.24: whatever becomes of it, keys are synced; killed anywhere, too. */
static bool check_polled(const sync_world *w, const sync_run *run)
{
    static const char *const ends[][2] = {{"authorization_pending", "\"state\":\"waiting\""},
                                          {"slow_down", "\"poll_ms\":10000"},
                                          {"authorization_declined", "was declined"},
                                          {"access_denied", "was declined"},
                                          {"expired_token", "in time"},
                                          {"bad_verification_code", "in time"},
                                          {"invalid_grant", "\"state\":\"failed\""}};
    bool fine = IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(w->store->record_count == 2) &&
                IS(sync_world_state(w, 'L') == 1);
    if (w->argument == NULL)
        return fine && IS(is_signin(w, "\"state\":\"done\"")) && IS(sync_world_state(w, 'T') == 1);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(ends[i][0], w->argument) == 0)
            return fine && IS(is_signin(w, ends[i][1]));
    return false;
}

static void prepare_too_late(sync_world *w)
{
    prepare_polled(w);
    w->later_ns = UINT64_C(901) * 1000000000u;
}

static bool check_too_late(const sync_world *w, const sync_run *run)
{
    return IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(w->store->record_count == 2) &&
           IS(is_signin(w, "in time"));
}

/* A tenant that has no connection yet, on a host that has others. */
static void begin_first(sync_world *w, const char *grant)
{
    w->tenant = WORLD_TENANT_2;
    (void)snprintf(w->graph->tenant, sizeof w->graph->tenant, "%s", w->tenant);
    add_key(w);
    (void)IS(bkey_is_ok(sync_world_connect(w, grant, both)));
}

static bool has_rows(const sync_world *w, uint32_t connections, uint32_t credentials)
{
    return IS(sync_world_state(w, 'C') == connections) &&
           IS(sync_world_state(w, 'T') == credentials) && IS(sync_world_state(w, 'L') == 1);
}

/* S1.24: until somebody signed in there is no connection, and the scheduled tick says why. */
static void prepare_first_begun(sync_world *w)
{
    begin_first(w, "device");
}

static bool check_first_begun(const sync_world *w, const sync_run *run)
{
    return IS(run->result.outcome == BKEY_OUTCOME_REFUSED) &&
           IS(strstr(run->result.summary, "not completed yet") != NULL) && has_rows(w, 1, 1) &&
           IS(w->store->record_count == 0) && IS(is_signin(w, "\"user_code\":\"USER-"));
}

/* S1.24: whenever it is killed, there is no sign-in or the whole one; then keys come. */
static void prepare_first_polled(sync_world *w)
{
    begin_first(w, "device");
    (void)sync_world_tick(w, NULL);
    w->later_ns = LATER_NS;
}

/* A code that Microsoft counted as used before the crash is lost: the person begins anew. Until
 * then there is no connection without its credential, and no credential without its connection. */
static bool begin_anew(sync_world *w, const char *grant)
{
    if (!IS(sync_world_state(w, 'C') == sync_world_state(w, 'T')))
        return false;
    if (!w->graph->device_used || sync_world_state(w, 'C') == 2)
        return true;
    (void)sync_world_tick(w, NULL);
    if (!IS(is_signin(w, "\"state\":\"failed\"")) ||
        !IS(bkey_is_ok(sync_world_connect(w, grant, both))))
        return false;
    w->graph->device_used = false;
    return true;
}

static bool mend_polled(sync_world *w)
{
    const bool lost = w->graph->device_used && sync_world_state(w, 'C') == 1;
    if (!begin_anew(w, "device"))
        return false;
    if (lost) {
        (void)sync_world_tick(w, NULL);
        w->later_ns += LATER_NS;
    }
    return true;
}

static bool mend_answered(sync_world *w)
{
    const bool lost = w->graph->device_used && sync_world_state(w, 'C') == 1;
    return begin_anew(w, "code") && (!lost || IS(bkey_is_ok(sync_world_answer(w, "b-code"))));
}

static void prepare_first_answered(sync_world *w)
{
    begin_first(w, "code");
    (void)IS(bkey_is_ok(sync_world_answer(w, "a-code")));
}

static bool check_first_done(const sync_world *w, const sync_run *run)
{
    return is_synced(w, run) && has_rows(w, 2, 2) && IS(is_signin(w, "\"state\":\"done\""));
}

/* S1.108: a customer has no credential of its own, and its partner's is renewed durably. */
static void prepare_customer(sync_world *w)
{
    sync_world partner = *w;
    partner.tenant = WORLD_TENANT_2;
    partner.partner = WORLD_TENANT_2;
    (void)IS(bkey_is_ok(sync_world_connect(&partner, "refresh", both)));
    w->partner = WORLD_TENANT_2;
    w->graph->renews = true;
    (void)IS(bkey_is_ok(sync_world_connect(w, NULL, both)));
    add_key(w);
}

static bool check_customer(const sync_world *w, const sync_run *run)
{
    return is_synced(w, run) && IS(sync_world_state(w, 'T') == 1);
}

/* Microsoft refuses the partner here; what is documented stays, and the sentence says why. */
static void prepare_no_relation(sync_world *w)
{
    prepare_customer(w);
    const fake_graph_fault refused = {
        FAKE_ROUTE_TOKEN, 0, -1, 400, -1, "{\"error\":\"invalid_grant\",\"error_codes\":[50020]}"};
    fake_graph_add_fault(w->graph, &refused);
    w->graph->renews = false;
}

static bool check_no_relation(const sync_world *w, const sync_run *run)
{
    return IS(run->result.outcome == BKEY_OUTCOME_REFUSED) &&
           IS(strstr(run->result.summary, "delegated admin relationship") != NULL) &&
           IS(strstr(run->result.summary, "AADSTS50020") != NULL) &&
           IS(w->store->record_count == 0);
}

/* S1.24 */
static void prepare_challenged(sync_world *w)
{
    const fake_graph_fault refused = {FAKE_ROUTE_DEVICES, 0, 1, 401, -1, "{}"};
    add_key(w);
    (void)snprintf(w->graph->challenge, sizeof w->graph->challenge, "%s",
                   "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0=");
    fake_graph_add_fault(w->graph, &refused);
}

static bool check_challenged(const sync_world *w, const sync_run *run)
{
    return is_synced(w, run) && IS(w->graph->requests[FAKE_ROUTE_TOKEN] >= 2);
}

/* S1.24: a token is renewed before it ends, not after it was refused. */
static void prepare_short_life(sync_world *w)
{
    const fake_graph_fault wait = {FAKE_ROUTE_KEYS, 0, 1, 429, 30000, "{}"};
    add_key(w);
    (void)snprintf(w->graph->token_answer, sizeof w->graph->token_answer, "%s",
                   ",\"expires_in\":40}");
    fake_graph_add_fault(w->graph, &wait);
}

static const sync_case cases[] = {
    {.name = "a device code is asked for", .prepare = prepare_begun, .check = check_begun},
    {.name = "a device code was used", .prepare = prepare_polled, .check = check_polled},
    {.name = "a device code was declined",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "authorization_declined"},
    {.name = "a device code was declined in other words",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "access_denied"},
    {.name = "a device code expired",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "expired_token"},
    {.name = "a device code is not known",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "bad_verification_code"},
    {.name = "a device code is refused",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "invalid_grant"},
    {.name = "a device code is asked about too often",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "slow_down"},
    {.name = "a device code waits for its person",
     .prepare = prepare_polled,
     .check = check_polled,
     .argument = "authorization_pending"},
    {.name = "nobody asked about a device code in time",
     .prepare = prepare_too_late,
     .check = check_too_late},
    {.name = "the very first sign-in asks for a device code",
     .prepare = prepare_first_begun,
     .check = check_first_begun,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "the very first sign-in by a device code",
     .prepare = prepare_first_polled,
     .check = check_first_done,
     .mend = mend_polled},
    {.name = "the very first sign-in by a page",
     .prepare = prepare_first_answered,
     .check = check_first_done,
     .mend = mend_answered},
    {.name = "a customer of a partner", .prepare = prepare_customer, .check = check_customer},
    {.name = "a partner without a way into the customer",
     .prepare = prepare_no_relation,
     .check = check_no_relation,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "a claims challenge", .prepare = prepare_challenged, .check = check_challenged},
    {.name = "a token near its end", .prepare = prepare_short_life, .check = check_challenged},
};

const sync_case_list sync_cases_signin = SYNC_CASE_LIST(cases);
