/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that ends a sync for good: after it every key, record and folder is as it was, and no
 * key was read. The keys that were there are shown still. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"

/* A synced device with two keys, of which one has been archived, and a new key to be read. */
static void prepare_synced(sync_world *w)
{
    fake_device *one = sync_world_device(w, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(w->graph, one, OS, 10);
    (void)fake_graph_add_key(w->graph, one, OS, 20);
    (void)sync_world_tick(w, NULL);
    (void)fake_graph_add_key(w->graph, one, OS, 30);
}

/* For ever; the argument is the body of the answer. */
static void fail_for_ever(sync_world *w, fake_route route, int32_t status)
{
    fake_graph_fault fault = {route, 0, -1, status, -1, ""};
    prepare_synced(w);
    if (w->argument != NULL)
        (void)snprintf(fault.body, sizeof fault.body, "%s", w->argument);
    fake_graph_add_fault(w->graph, &fault);
}

static bool is_untouched(const sync_world *w, const sync_run *run)
{
    const fake_record *older = sync_world_record(w, &w->graph->keys[0]);
    const fake_record *newer = sync_world_record(w, &w->graph->keys[1]);
    return IS(w->store->record_count == 2) && IS(older != NULL) && IS(newer != NULL) &&
           IS(older->archived) && IS(!newer->archived) && IS(strcmp(newer->tag, "current") == 0) &&
           IS(sync_world_state(w, 'S') == 2) && IS(w->graph->key_reads == 2) &&
           IS(run->result.store_changes == 0) && IS(run->result.key_reads == 0) &&
           IS(run->result.archived == 0);
}

static bool is_ended_by(const sync_world *w, const sync_run *run, uint32_t reason)
{
    if (!bkey_is(run->result.error, reason))
        (void)fprintf(stderr, "  %s: %s\n", bkey_err_name(run->result.error), run->result.summary);
    return IS(bkey_is(run->result.error, reason)) && IS(strlen(run->result.summary) > 40) &&
           is_untouched(w, run);
}

/* S1.10 S1.17 S1.73 */
#define CHECK(name, reason)                                                                        \
    static bool name(const sync_world *w, const sync_run *run)                                     \
    {                                                                                              \
        return is_ended_by(w, run, (reason));                                                      \
    }

CHECK(check_sign_in, BKEY_E_SIGN_IN)
CHECK(check_consent, BKEY_E_CONSENT)
CHECK(check_policy, BKEY_E_POLICY)
CHECK(check_app_credential, BKEY_E_APP_CREDENTIAL)
CHECK(check_tenant, BKEY_E_TENANT)
CHECK(check_remote, BKEY_E_REMOTE_FAULT)
CHECK(check_throttled, BKEY_E_THROTTLED)
CHECK(check_devices, BKEY_E_PERM_DEVICES)
CHECK(check_key_list, BKEY_E_PERM_KEY_LIST)
CHECK(check_key_read, BKEY_E_PERM_KEY_READ)
CHECK(check_type, BKEY_E_PERM_TYPE)
CHECK(check_body, BKEY_E_BODY)
CHECK(check_next_link, BKEY_E_NEXT_LINK)
CHECK(check_loop, BKEY_E_PAGES)
CHECK(check_status, BKEY_E_STATUS)
CHECK(check_not_found, BKEY_E_NOT_FOUND)
CHECK(check_refused_token, BKEY_E_TOKEN_REFUSED)
CHECK(check_wrong_tenant, BKEY_E_WRONG_TENANT)
CHECK(check_entitlement, BKEY_E_ENTITLEMENT)
CHECK(check_off, BKEY_E_SWITCHED_OFF)
CHECK(check_network, BKEY_E_NETWORK)

static void prepare_sign_in(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_TOKEN, 400);
}

static void prepare_sign_in_401(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_TOKEN, 401);
}

static void prepare_devices_403(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_DEVICES, 403);
}

static void prepare_devices_404(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_DEVICES, 404);
}

static void prepare_devices_503(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_DEVICES, 503);
}

static void prepare_keys_403(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 403);
}

static void prepare_keys_400(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 400);
}

static void prepare_keys_404(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 404);
}

static void prepare_keys_401(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 401);
}

static void prepare_keys_429(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 429);
}

static void prepare_keys_200(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 200);
}

static void prepare_keys_broken(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_KEYS, 0);
}

static void prepare_secret_403(sync_world *w)
{
    fail_for_ever(w, FAKE_ROUTE_SECRET, 403);
}

static void prepare_foreign_link(sync_world *w)
{
    prepare_synced(w);
    w->graph->page_size = 1;
    w->graph->foreign_link = true;
}

static void prepare_loop(sync_world *w)
{
    prepare_synced(w);
    w->graph->loop_pages = true;
}

static void prepare_scopes(sync_world *w)
{
    prepare_synced(w);
    (void)snprintf(w->graph->scopes, sizeof w->graph->scopes, "%s", w->argument);
}

static void prepare_application(sync_world *w)
{
    prepare_synced(w);
    w->graph->application = true;
}

static void prepare_other_tenant(sync_world *w)
{
    prepare_synced(w);
    (void)snprintf(w->graph->tenant, sizeof w->graph->tenant, WORLD_TENANT_2);
}

static void prepare_no_add_on(sync_world *w)
{
    prepare_synced(w);
    w->not_entitled = true;
}

/* The argument is the setting that is off. */
static void prepare_off(sync_world *w)
{
    prepare_synced(w);
    w->settings[0] = w->argument;
    w->settings[1] = "false";
}

static const sync_case cases[] = {
    {.name = "AADSTS50173 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50173: "
                 "x\",\"error_codes\":[50173]}"},
    {.name = "AADSTS700082 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700082: "
                 "x\",\"error_codes\":[700082]}"},
    {.name = "AADSTS70008 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70008: "
                 "x\",\"error_codes\":[70008]}"},
    {.name = "AADSTS50034 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50034: "
                 "x\",\"error_codes\":[50034]}"},
    {.name = "AADSTS50057 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50057: "
                 "x\",\"error_codes\":[50057]}"},
    {.name = "AADSTS50089 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50089: "
                 "x\",\"error_codes\":[50089]}"},
    {.name = "AADSTS50132 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50132: "
                 "x\",\"error_codes\":[50132]}"},
    {.name = "AADSTS50076 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50076: "
                 "x\",\"error_codes\":[50076],\"suberror\":\"basic_action\",\"claims\":\"{}\"}"},
    {.name = "AADSTS50079 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_sign_in,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"interaction_required\",\"error_description\":\"AADSTS50079: "
                 "x\",\"error_codes\":[50079]}"},
    {.name = "AADSTS65001 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_consent,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS65001: "
                 "x\",\"error_codes\":[65001],\"suberror\":\"consent_required\"}"},
    {.name = "AADSTS700016 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_tenant,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: "
                 "x\",\"error_codes\":[700016]}"},
    {.name = "AADSTS90094 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_consent,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"access_denied\",\"error_description\":\"AADSTS90094: "
                 "x\",\"error_codes\":[90094]}"},
    {.name = "AADSTS53003 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_policy,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS53003: "
                 "x\",\"error_codes\":[53003]}"},
    {.name = "AADSTS53000 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_policy,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"interaction_required\",\"error_description\":\"AADSTS53000: "
                 "x\",\"error_codes\":[53000]}"},
    {.name = "AADSTS500021 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_policy,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS500021: "
                 "x\",\"error_codes\":[500021]}"},
    {.name = "AADSTS7000215 at sign-in",
     .prepare = prepare_sign_in_401,
     .check = check_app_credential,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
                 "x\",\"error_codes\":[7000215]}"},
    {.name = "AADSTS7000222 at sign-in",
     .prepare = prepare_sign_in_401,
     .check = check_app_credential,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: "
                 "x\",\"error_codes\":[7000222]}"},
    {.name = "AADSTS700027 at sign-in",
     .prepare = prepare_sign_in_401,
     .check = check_app_credential,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700027: "
                 "x\",\"error_codes\":[700027]}"},
    {.name = "AADSTS90002 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_tenant,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: "
                 "x\",\"error_codes\":[90002]}"},
    {.name = "AADSTS90038 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_tenant,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90038: "
                 "x\",\"error_codes\":[90038]}"},
    {.name = "AADSTS500011 at sign-in",
     .prepare = prepare_sign_in,
     .check = check_tenant,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":\"invalid_resource\",\"error_description\":\"AADSTS500011: "
                 "x\",\"error_codes\":[500011]}"},
    {.name = "the sign-in service is down",
     .prepare = prepare_sign_in,
     .check = check_remote,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":\"temporarily_unavailable\",\"error_description\":\"AADSTS90033: "
                 "x\",\"error_codes\":[90033]}"},
    {.name = "the sign-in service finds us in a loop",
     .prepare = prepare_sign_in,
     .check = check_throttled,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50196: "
                 "x\",\"error_codes\":[50196]}"},
    {.name = "devices may not be listed",
     .prepare = prepare_devices_403,
     .check = check_devices,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"{\\\"ErrorCode\\\":"
                 "\\\"Forbidden\\\",\\\"Message\\\":\\\"x\\\"}\"}}"},
    {.name = "the listing of devices does not exist",
     .prepare = prepare_devices_404,
     .check = check_not_found,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}"},
    {.name = "the listing of devices stays unavailable",
     .prepare = prepare_devices_503,
     .check = check_remote,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = ""},
    {.name = "keys may not be listed",
     .prepare = prepare_keys_403,
     .check = check_key_list,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":{\"code\":\"authorization_error\",\"message\":\"x\"}}"},
    {.name = "the listing of keys is refused as a bad request",
     .prepare = prepare_keys_400,
     .check = check_status,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":{\"code\":\"BadRequest\",\"message\":\"x\"}}"},
    {.name = "the listing of keys does not exist",
     .prepare = prepare_keys_404,
     .check = check_not_found,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}"},
    {.name = "every token is refused by the listing of keys",
     .prepare = prepare_keys_401,
     .check = check_refused_token,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"x\"}}"},
    {.name = "the listing of keys stays throttled",
     .prepare = prepare_keys_429,
     .check = check_throttled,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"error\":{\"code\":\"TooManyRequests\"}}"},
    {.name = "a page of a proxy in place of a listing",
     .prepare = prepare_keys_200,
     .check = check_body,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "<html><body>Sign in</body></html>"},
    {.name = "a listing that ends in the middle",
     .prepare = prepare_keys_200,
     .check = check_body,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"value\":[{\"id\":\"ce000000-0000-4000-8000-000000000001\""},
    {.name = "a listing that is no list",
     .prepare = prepare_keys_200,
     .check = check_body,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = "{\"value\":{\"id\":\"x\"}}"},
    {.name = "a listing that is nothing",
     .prepare = prepare_keys_200,
     .check = check_body,
     .outcome = BKEY_OUTCOME_FAILED,
     .argument = ""},
    {.name = "the line stays broken",
     .prepare = prepare_keys_broken,
     .check = check_network,
     .outcome = BKEY_OUTCOME_FAILED},
    {.name = "new keys may not be read",
     .prepare = prepare_secret_403,
     .check = check_key_read,
     .outcome = BKEY_OUTCOME_REFUSED,
     .unread = 1,
     .argument = "{\"error\":{\"code\":\"authorization_error\",\"message\":\"x\"}}"},
    {.name = "a list continues at another host",
     .prepare = prepare_foreign_link,
     .check = check_next_link,
     .outcome = BKEY_OUTCOME_FAILED},
    {.name = "a list leads back to itself",
     .prepare = prepare_loop,
     .check = check_loop,
     .outcome = BKEY_OUTCOME_FAILED},
    {.name = "the permission to read keys is withdrawn",
     .prepare = prepare_scopes,
     .check = check_key_read,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "DeviceManagementManagedDevices.Read.All BitlockerKey.ReadBasic.All"},
    {.name = "the permission to list devices is withdrawn",
     .prepare = prepare_scopes,
     .check = check_devices,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "BitlockerKey.Read.All"},
    {.name = "permissions of the other type",
     .prepare = prepare_application,
     .check = check_type,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "a token of another tenant",
     .prepare = prepare_other_tenant,
     .check = check_wrong_tenant,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "the add-on is lost",
     .prepare = prepare_no_add_on,
     .check = check_entitlement,
     .outcome = BKEY_OUTCOME_REFUSED},
    {.name = "the sync of keys is switched off",
     .prepare = prepare_off,
     .check = check_off,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "sync_bitlocker_keys"},
    {.name = "the sync of devices is switched off",
     .prepare = prepare_off,
     .check = check_off,
     .outcome = BKEY_OUTCOME_REFUSED,
     .argument = "sync_intune_devices"},
};

const sync_case_list sync_cases_refusals = SYNC_CASE_LIST(cases);
