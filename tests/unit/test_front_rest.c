/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves what the REST server decides without a network: routes, names it answers to, envelopes
 * (S2.48 S2.49), statuses (S2.47). */
/* LINK: sample-host/src/front/rest_route.c sample-host/src/front/rest_table.c */
/* LINK: sample-host/src/front/rest_answer.c sample-host/src/front/address.c */
/* LINK: sample-host/src/front/sentence.c */
/* LINK: sample-host/src/front/rest_stats.c sample-host/src/front/os_clock.c */
/* LINK: sample-host/src/base/host_error.c host-sdk/support/utf8.c host-sdk/support/hex.c */
/* LINK: host-sdk/support/buffer.c */
/* LIBS: -ljansson */
#include "sample-host/src/front/address.h"
#include "sample-host/src/front/rest_answer.h"
#include "sample-host/src/front/rest_route.h"
#include "sample-host/src/front/rest_stats.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(front_rest, routes_are_found_by_method_and_whole_path)
{
    static const struct {
        const char *method;
        const char *path;
        int result;
        const char *command;
    } rows[] = {
        {"GET", "/api/v1/organizations", FRONT_ROUTE_FOUND, "org list"},
        {"POST", "/api/v1/tenants/abc/sync", FRONT_ROUTE_FOUND, "sync queue"},
        {"GET", "/api/v1/tenants/abc/sync", FRONT_ROUTE_FOUND, "sync log"},
        {"HEAD", "/api/v1/organizations", FRONT_ROUTE_FOUND, "org list"},
        {"POST", "/api/v1/organizations", FRONT_ROUTE_FOUND, "org add"},
        {"PATCH", "/api/v1/organizations/abc", FRONT_ROUTE_FOUND, "org edit"},
        {"PATCH", "/api/v1/organizations/", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/api/v1/organizations/", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/api/v1/organization", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/api/v1/organizationsx", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/api/v1/organizations/a/b/c", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/API/v1/organizations", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "//api/v1/organizations", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "/", FRONT_ROUTE_NO_PATH, NULL},
        {"GET", "", FRONT_ROUTE_NO_PATH, NULL},
        {"PUT", "/api/v1/organizations", FRONT_ROUTE_NO_METHOD, NULL},
        {"get", "/api/v1/organizations", FRONT_ROUTE_NO_METHOD, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char allow[FRONT_ROUTE_ALLOW_SIZE];
        const front_route *route = NULL;
        int result = front_rest_route_find(rows[i].method, rows[i].path, &route, allow);
        cr_assert_eq(result, rows[i].result, "%s %s", rows[i].method, rows[i].path);
        if (rows[i].command != NULL)
            cr_assert_str_eq(route->command, rows[i].command);
        if (result == FRONT_ROUTE_NO_METHOD)
            cr_assert_str_eq(allow, "GET, POST");
    }
}

Test(front_rest, segments_become_arguments)
{
    static const struct {
        const char *path;
        const char *org; /* NULL = refused */
    } rows[] = {
        {"/x/abc", "abc"},       {"/x/a%2Fb", "a/b"}, {"/x/%e6%9d%b1", "\xe6\x9d\xb1"},
        {"/x/a%252Fb", "a%2Fb"}, {"/x/a+b", "a+b"},   {"/x/a%00b", NULL},
        {"/x/%ff", NULL},        {"/x/%", NULL},      {"/x/%4", NULL},
        {"/x/%zz", NULL},        {"/x/..", ".."},
    };
    static const front_route route = {"GET", "/x/{org}", "org show", 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *args = json_object();
        host_error err;
        bool ok = front_rest_route_args(&route, rows[i].path, args, &err);
        cr_assert_eq(ok, rows[i].org != NULL, "%s", rows[i].path);
        if (ok) {
            cr_assert_str_eq(json_string_value(json_object_get(args, "org")), rows[i].org);
        } else {
            cr_assert_eq(err.status, DPH_E_NOT_FOUND);
        }
        json_decref(args);
    }
}

static void long_path(char *path, size_t len)
{
    memset(path, 'a', len);
    memcpy(path, "/x/", 3);
    path[len] = '\0';
}

Test(front_rest, a_segment_has_a_longest_length)
{
    static const front_route route = {"GET", "/x/{org}", "org show", 0};
    char path[1024];
    json_t *args = json_object();
    long_path(path, 3 + 511);
    cr_assert(front_rest_route_args(&route, path, args, NULL));
    long_path(path, 3 + 512);
    cr_assert_not(front_rest_route_args(&route, path, args, NULL));
    json_decref(args);
}

Test(front_rest, only_its_own_names_are_answered)
{
    static const char *const names[] = {"docs.example", NULL};
    static const front_address local = {.bound = "127.0.0.1", .loopback = true, .port = 8420};
    static const front_address open = {
        .bound = "192.0.2.7", .tls = true, .port = 443, .names = names};
    static const struct {
        const front_address *address;
        const char *host;
        bool ok;
    } rows[] = {
        {&local, "127.0.0.1:8420", true},
        {&local, "localhost:8420", true},
        {&local, "LocalHost:8420", true},
        {&local, "[::1]:8420", true},
        {&local, "127.0.0.1", false},
        {&local, "127.0.0.1:8421", false},
        {&local, "127.0.0.1:84200", false},
        {&local, "evil.example:8420", false},
        {&local, "localhost.evil:8420", false},
        {&local, "localhos:8420", false},
        {&local, "::1:8420", false},
        {&local, "[127.0.0.1]:8420", false},
        {&local, "[::1", false},
        {&local, ":8420", false},
        {&local, "", false},
        {&local, NULL, false},
        {&local, "docs.example:8420", false},
        {&local, "127.0.0.1:8420 ", false},
        {&open, "192.0.2.7", true},
        {&open, "192.0.2.7:443", true},
        {&open, "docs.example", true},
        {&open, "127.0.0.1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_assert_eq(front_address_host_ok(rows[i].address, rows[i].host), rows[i].ok, "row %zu %s",
                     i, rows[i].host == NULL ? "(none)" : rows[i].host);
}

Test(front_rest, only_its_own_origin_is_accepted)
{
    static const front_address local = {.bound = "127.0.0.1", .loopback = true, .port = 8420};
    cr_assert(front_address_origin_ok(&local, NULL));
    cr_assert(front_address_origin_ok(&local, "http://127.0.0.1:8420"));
    cr_assert_not(front_address_origin_ok(&local, "https://127.0.0.1:8420"));
    cr_assert_not(front_address_origin_ok(&local, "null"));
    cr_assert_not(front_address_origin_ok(&local, ""));
    cr_assert_not(front_address_origin_ok(&local, "http://evil.example:8420"));
    cr_assert_not(front_address_origin_ok(&local, "http://127.0.0.1:8420/"));
}

/* S2.47 S2.49 */
Test(front_rest, replies_map_to_statuses_and_codes)
{
    static const struct {
        int exit_code;
        dph_status status;
        uint32_t code;
        unsigned http;
        const char *name;
    } rows[] = {
        {HOST_EXIT_REFUSED, DPH_E_NOT_FOUND, 0, 404, "NOT_FOUND"},
        {HOST_EXIT_REFUSED, DPH_E_DENIED, 12, 403, "FORBIDDEN"},
        {HOST_EXIT_REFUSED, DPH_E_CONFLICT, 0, 409, "CONFLICT"},
        {HOST_EXIT_REFUSED, DPH_E_UNAVAILABLE, HOST_CODE_BUSY, 409, "CONFLICT"},
        {HOST_EXIT_REFUSED, DPH_E_UNAVAILABLE, 0, 503, "UNAVAILABLE"},
        {HOST_EXIT_REFUSED, DPH_E_TOO_LARGE, 0, 413, "PAYLOAD_TOO_LARGE"},
        {HOST_EXIT_REFUSED, DPH_E_INVALID, 0, 400, "INVALID_REQUEST"},
        {HOST_EXIT_REFUSED, DPH_E_CORRUPT, 0, 500, "INTERNAL_ERROR"},
        {HOST_EXIT_REFUSED, -99, 0, 500, "INTERNAL_ERROR"},
        {HOST_EXIT_REFUSED, DPH_OK, 0, 500, "INTERNAL_ERROR"},
        {HOST_EXIT_USAGE, DPH_OK, 0, 400, "INVALID_REQUEST"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host_reply reply = {.exit_code = rows[i].exit_code,
                            .status = rows[i].status,
                            .code = rows[i].code,
                            .message = "why"};
        front_rest_answer answer = front_rest_answer_reply(&reply, false);
        const json_t *error = json_object_get(answer.json, "error");
        cr_assert_eq(answer.status, rows[i].http, "row %zu: %u", i, answer.status);
        cr_assert(json_is_false(json_object_get(answer.json, "success")));
        cr_assert_str_eq(json_string_value(json_object_get(error, "code")), rows[i].name);
        cr_assert(json_is_object(json_object_get(error, "details")));
        front_rest_answer_done(&answer);
    }
}

static void assert_answer(json_t *body, bool list, const char *want)
{
    host_reply reply = {.exit_code = HOST_EXIT_DONE, .body = body, .message = "done"};
    front_rest_answer answer = front_rest_answer_reply(&reply, list);
    char *text = json_dumps(answer.json, JSON_COMPACT | JSON_SORT_KEYS);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(text, want, "%s", text);
    free(text);
    front_rest_answer_done(&answer);
    json_decref(body);
}

/* S2.48 */
Test(front_rest, done_replies_come_in_the_success_envelope)
{
    assert_answer(json_pack("{s:[{s:i}],s:s}", "rows", "n", 1, "next", "x"), true,
                  "{\"data\":[{\"n\":1}],\"meta\":{\"next\":\"x\",\"total\":1},\"success\":true}");
    assert_answer(NULL, true, "{\"data\":[],\"meta\":{\"total\":0},\"success\":true}");
    assert_answer(json_pack("{s:i}", "id", 7), false,
                  "{\"data\":{\"id\":7},\"meta\":{},\"success\":true}");
    assert_answer(NULL, false, "{\"data\":{\"message\":\"done\"},\"meta\":{},\"success\":true}");
}

Test(front_rest, counts_are_told_by_class)
{
    front_rest_stats stats;
    sup_buffer text;
    sup_buffer_init(&text, 4096);
    front_rest_stats_init(&stats);
    front_rest_stats_count(&stats, 200);
    front_rest_stats_count(&stats, 204);
    front_rest_stats_count(&stats, 401);
    front_rest_stats_count(&stats, 0);
    front_rest_stats_text(&stats, true, &text);
    const char *got = sup_buffer_text(&text);
    cr_assert(strstr(got, "dochost_http_requests_total{status=\"2xx\"} 2\n") != NULL, "%s", got);
    cr_assert(strstr(got, "dochost_http_requests_total{status=\"4xx\"} 1\n") != NULL, "%s", got);
    cr_assert(strstr(got, "\ndochost_http_unauthorized_total 1\n") != NULL, "%s", got);
    sup_buffer_done(&text);
}

Test(front_rest, syncs_are_told_by_result)
{
    static const host_sync_counts syncs = {.units = 200,
                                           .running = 3,
                                           .queued = 1,
                                           .failing = 10,
                                           .done = 4000,
                                           .refused = 20,
                                           .failed = 30};
    static const char *const wanted[] = {"dochost_connections 200\n",
                                         "dochost_syncs_running 3\n",
                                         "dochost_syncs_queued 1\n",
                                         "dochost_connections_failing 10\n",
                                         "dochost_syncs_total{result=\"done\"} 4000\n",
                                         "dochost_syncs_total{result=\"refused\"} 20\n",
                                         "dochost_syncs_total{result=\"failed\"} 30\n"};
    sup_buffer text;
    sup_buffer_init(&text, 4096);
    front_rest_stats_syncs(&syncs, &text);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        cr_assert(strstr(sup_buffer_text(&text), wanted[i]) != NULL, "%s", wanted[i]);
    sup_buffer_done(&text);
}
