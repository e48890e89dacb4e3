/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of the simulated login host, and the data behind them. */
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
#define _GNU_SOURCE
#include "sample-host/graphsim/events.h"
#include "sample-host/graphsim/permission.h"
#include "sample-host/graphsim/token.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

static const char *const own = "http://127.0.0.1:80";
static sim_world world;

static void start(void)
{
    sim_options options = {.devices = 6, .keys = 9, .tenants = 2, .seed = 5};
    char err[256] = "";
    cr_assert(sodium_init() >= 0);
    cr_assert(sim_world_init(&world, &options, err), "%s", err);
}

static void stop(void)
{
    sim_world_done(&world);
}

static sim_token_state read_back(const sup_buffer *header, const sim_claims **claims)
{
    return sim_token_read(&world, sup_buffer_text(header), own, claims);
}

static void write_header(sup_buffer *header, bool application, const char *audience)
{
    sup_buffer_init(header, 65536);
    sup_buffer_add_str(header, "Bearer ");
    sim_token_facts facts = sim_token_own(&world.tenants[1], application, audience);
    sim_token_write(&world, &facts, header);
}

Test(sim_token, good_token_tells_tenant_and_permissions, .init = start, .fini = stop)
{
    sup_buffer header;
    const sim_claims *claims = NULL;
    write_header(&header, false, own);
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_GOOD);
    cr_assert_eq(claims->tenant, &world.tenants[1]);
    cr_assert(!claims->application && claims->role);
    cr_assert(sim_permission_has(claims->permissions, "BitlockerKey.Read.All"));
    cr_assert_not(sim_permission_has(claims->permissions, "BitlockerKey.Read"));
    sup_buffer_done(&header);
}

Test(sim_token, application_token_has_roles_and_no_directory_role, .init = start, .fini = stop)
{
    sup_buffer header;
    const sim_claims *claims = NULL;
    write_header(&header, true, "https://graph.microsoft.com");
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_GOOD);
    cr_assert(claims->application && !claims->role);
    cr_assert(sim_permission_has(claims->permissions, "Device.Read.All"));
    sup_buffer_done(&header);
}

Test(sim_token, token_ends_by_the_simulated_clock, .init = start, .fini = stop)
{
    sup_buffer header;
    const sim_claims *claims = NULL;
    write_header(&header, true, own);
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_GOOD);
    world.clock.offset_ms += 3590 * 1000;
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_GOOD);
    world.clock.offset_ms += 20 * 1000;
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_EXPIRED);
    sup_buffer_done(&header);
}

Test(sim_token, wrong_audience_is_refused, .init = start, .fini = stop)
{
    sup_buffer header;
    const sim_claims *claims = NULL;
    write_header(&header, true, "https://vault.azure.net");
    cr_assert_eq(read_back(&header, &claims), SIM_TOKEN_WRONG_AUDIENCE);
    sup_buffer_done(&header);
}

Test(sim_token, noise_is_no_token, .init = start, .fini = stop)
{
    static const char *const bad[] = {"Bearer ",       "Bearer x",         "Bearer a.b.c",
                                      "Bearer a..SIM", "Bearer a.!!!.SIM", "Bearer e30.W10.SIM"};
    const sim_claims *claims = NULL;
    cr_assert_eq(sim_token_read(&world, NULL, own, &claims), SIM_TOKEN_MISSING);
    cr_assert_eq(sim_token_read(&world, "Basic x", own, &claims), SIM_TOKEN_MISSING);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(sim_token_read(&world, bad[i], own, &claims), SIM_TOKEN_MALFORMED, "%s",
                     bad[i]);
    cr_assert_null(claims);
}

Test(sim_token, old_refresh_tokens_stay_good, .init = start, .fini = stop)
{
    sim_tenant *tenant = &world.tenants[0];
    sup_buffer first;
    sup_buffer second;
    sup_buffer_init(&first, 1024);
    sup_buffer_init(&second, 1024);
    sim_token_write_refresh(&world, tenant, &first);
    sim_token_write_refresh(&world, tenant, &second);
    cr_assert_str_neq(sup_buffer_text(&first), sup_buffer_text(&second));
    cr_assert_eq(sim_token_refresh_state(&world, tenant, tenant->refresh_token), SIM_REFRESH_GOOD);
    cr_assert_eq(sim_token_refresh_state(&world, tenant, sup_buffer_text(&first)),
                 SIM_REFRESH_GOOD);
    cr_assert_eq(sim_token_refresh_state(&world, tenant, sup_buffer_text(&second)),
                 SIM_REFRESH_GOOD);
    cr_assert_eq(sim_token_refresh_state(&world, &world.tenants[1], sup_buffer_text(&first)),
                 SIM_REFRESH_UNKNOWN);
    cr_assert_eq(sim_token_refresh_state(&world, tenant, "1.SIM-refresh-0-3-1-0000000000000000"),
                 SIM_REFRESH_UNKNOWN);
    sup_buffer_done(&first);
    sup_buffer_done(&second);
}

static size_t count_keys(const sim_tenant *tenant, const char *device)
{
    size_t count = 0;
    size_t at = 0;
    for (size_t from = 0; sim_tenant_next_key(tenant, from, device, &at); from = at + 1)
        count++;
    return count;
}

Test(sim_token, keys_of_a_device_are_found_without_a_scan_of_ids, .init = start, .fini = stop)
{
    sim_tenant *tenant = &world.tenants[0];
    sim_key key;
    cr_assert(sim_tenant_read_key(tenant, 1, &key));
    cr_assert_eq(count_keys(tenant, NULL), 9);
    cr_assert_eq(count_keys(tenant, key.device), 2);
    cr_assert_eq(count_keys(tenant, "00000000-0000-0000-0000-000000000001"), 0);
}

Test(sim_token, events_change_generated_rows, .init = start, .fini = stop)
{
    sim_tenant *tenant = &world.tenants[0];
    sim_key key;
    size_t at = 0;
    char err[256] = "";
    cr_assert(sim_tenant_read_key(tenant, 1, &key));
    (void)sim_tenant_count_read(tenant, 1);
    json_t *events = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:b}]", "type", "set_key",
                               "tenant", tenant->id, "id", key.id, "key", "not a password", "type",
                               "remove_device", "tenant", tenant->domain, "id", "none", "keys", 1);
    cr_assert_not(sim_events_apply(&world, events, err));
    cr_assert_str_eq(err, "event 2: there is no such device");
    json_decref(events);
    cr_assert(sim_tenant_find_key(tenant, key.id, &at) && at == 9);
    cr_assert_eq(sim_tenant_count_read(tenant, at), 2, "reads follow the row");
    char device[64];
    memcpy(device, key.device, sizeof device);
    cr_assert(sim_tenant_read_key(tenant, at, &key));
    cr_assert_str_eq(key.password, "not a password");
    cr_assert_eq(count_keys(tenant, device), 2);
    events = json_pack("{s:s, s:s, s:s, s:b}", "type", "remove_device", "tenant", tenant->id, "id",
                       device, "keys", 1);
    cr_assert(sim_events_apply(&world, events, err), "%s", err);
    json_decref(events);
    cr_assert_eq(count_keys(tenant, NULL), 7);
    cr_assert_not(sim_tenant_find_device(tenant, device, &at));
}
