/* SPDX-License-Identifier: Apache-2.0
 *
 * Query options of the simulated Graph: selection, filter, page tokens, form decoding. */
/* LINK: sample-host/graphsim/assertion.c sample-host/graphsim/audits.c
 * sample-host/graphsim/authorize.c sample-host/graphsim/batch.c sample-host/graphsim/clock.c
 * sample-host/graphsim/cloud.c sample-host/graphsim/control.c sample-host/graphsim/counts.c
 * sample-host/graphsim/credential.c sample-host/graphsim/delta.c
 * sample-host/graphsim/device_code.c sample-host/graphsim/devices.c
 * sample-host/graphsim/directory_audits.c sample-host/graphsim/errors.c
 * sample-host/graphsim/errors_aadsts.c sample-host/graphsim/events.c
 * sample-host/graphsim/events_cloud.c sample-host/graphsim/faults.c sample-host/graphsim/filter.c
 * sample-host/graphsim/flows.c sample-host/graphsim/gen.c sample-host/graphsim/gzip.c
 * sample-host/graphsim/http.c sample-host/graphsim/ids.c sample-host/graphsim/json.c
 * sample-host/graphsim/kind.c sample-host/graphsim/kind_directory.c
 * sample-host/graphsim/kind_managed.c sample-host/graphsim/listing.c sample-host/graphsim/log.c
 * sample-host/graphsim/managed_devices.c sample-host/graphsim/misbehave.c
 * sample-host/graphsim/number.c sample-host/graphsim/objects.c sample-host/graphsim/odata.c
 * sample-host/graphsim/options.c sample-host/graphsim/organization.c
 * sample-host/graphsim/owners.c sample-host/graphsim/params.c sample-host/graphsim/partner.c
 * sample-host/graphsim/paths.c sample-host/graphsim/permission.c
 * sample-host/graphsim/recovery_keys.c sample-host/graphsim/rotation.c
 * sample-host/graphsim/route.c sample-host/graphsim/routes.c sample-host/graphsim/rows.c
 * sample-host/graphsim/scope.c sample-host/graphsim/signin.c sample-host/graphsim/switches.c
 * sample-host/graphsim/tenant.c sample-host/graphsim/tenant_rows.c
 * sample-host/graphsim/throttle.c sample-host/graphsim/token.c sample-host/graphsim/token_cache.c
 * sample-host/graphsim/users.c sample-host/graphsim/world.c host-sdk/support/buffer.c
 * host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/iso8601.c */
/* LIBS: -lsodium -ljansson -lcrypto -lz */
#include "sample-host/graphsim/odata.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const names[] = {"id", "deviceName", "key", NULL};

Test(sim_odata, select_sets_a_bit_per_name)
{
    uint64_t bits = 0;
    cr_assert(sim_odata_select("key", names, &bits));
    cr_assert_eq(bits, 4);
    cr_assert(sim_odata_select("id, key", names, &bits));
    cr_assert_eq(bits, 5);
}

Test(sim_odata, select_refuses_unknown_and_malformed)
{
    static const char *const bad[] = {"", "nope", "id,", ",id", "id key", "ID", "id,nope"};
    uint64_t bits = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_odata_select(bad[i], names, &bits), "%s", bad[i]);
    cr_assert_eq(bits, 77);
}

Test(sim_odata, filter_reads_one_comparison)
{
    sim_odata_filter filter;
    cr_assert(sim_odata_filter_read("deviceName eq 'O''Brien''s PC'", names, &filter));
    cr_assert_eq(filter.property, 1);
    cr_assert_str_eq(filter.literal, "O'Brien's PC");
    cr_assert(sim_odata_filter_read("id eq ''", names, &filter));
    cr_assert_str_eq(filter.literal, "");
}

Test(sim_odata, filter_refuses_anything_else)
{
    static const char *const bad[] = {"",          "id",           "id eq",
                                      "id eq '",   "id eq 'a",     "id eq a",
                                      "id ne 'a'", "other eq 'a'", "id eq 'a' or id eq 'b'",
                                      "id eq 'a''"};
    sim_odata_filter filter;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_odata_filter_read(bad[i], names, &filter), "%s", bad[i]);
}

Test(sim_odata, filter_refuses_a_literal_that_is_too_long)
{
    char text[2000];
    sim_odata_filter filter;
    memset(text, 'x', sizeof text);
    memcpy(text, "id eq '", 7);
    memcpy(text + sizeof text - 2, "'", 2);
    cr_assert_not(sim_odata_filter_read(text, names, &filter));
}

Test(sim_odata, top_takes_positive_numbers_only)
{
    size_t top = 0;
    cr_assert(sim_odata_top("999", &top) && top == 999);
    static const char *const bad[] = {"", "0", "-1", "1x", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_odata_top(bad[i], &top), "%s", bad[i]);
}

Test(sim_odata, page_token_round_trips_and_refuses_noise)
{
    char token[64];
    size_t position = 0;
    sim_odata_skip_token(1234567, token);
    cr_assert(sim_odata_skip_token_read(token, &position) && position == 1234567);
    static const char *const bad[] = {"", "!!!", "c2ltLXJvdy0", "c2ltLXJvdy14", "MTIz"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_odata_skip_token_read(bad[i], &position), "%s", bad[i]);
}

Test(sim_odata, next_link_keeps_the_other_options)
{
    sim_request request = {.scheme = "http",
                           .host = "127.0.0.1:80",
                           .target = "/v1.0/x?$skiptoken=old&$top=2&$select=id"};
    sim_call call = {.request = &request};
    sup_buffer out;
    sup_buffer_init(&out, 4096);
    sim_odata_next_link(&call, 4, &out);
    cr_assert_str_eq(sup_buffer_text(&out),
                     ",\"@odata.nextLink\":\"http://127.0.0.1:80/v1.0/x?$top=2&$select=id&"
                     "$skiptoken=c2ltLXJvdy00\"");
    sup_buffer_done(&out);
}

Test(sim_odata, form_is_decoded)
{
    sim_params params;
    const char *text = "a=1+2%203&b=%41%zz&c&a=later&d=x%3dy";
    cr_assert(sim_params_parse(text, strlen(text), &params));
    cr_assert_str_eq(sim_params_get(&params, "a"), "1 2 3");
    cr_assert_str_eq(sim_params_get(&params, "b"), "A%zz");
    cr_assert_str_eq(sim_params_get(&params, "c"), "");
    cr_assert_str_eq(sim_params_get(&params, "d"), "x=y");
    cr_assert_null(sim_params_get(&params, "e"));
    sim_params_done(&params);
}
