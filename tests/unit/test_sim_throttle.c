/* SPDX-License-Identifier: Apache-2.0
 *
 * The documented budgets of the simulated cloud. */
/* LINK: sample-host/graphsim/throttle.c sample-host/graphsim/switches.c */
/* LIBS: -ljansson */
#include "sample-host/graphsim/throttle.h"

#include <criterion/criterion.h>

static sim_throttle throttle;
static sim_switches switches;

static void start(void)
{
    throttle = (sim_throttle){0};
    sim_switches_init(&switches);
}

static void stop(void)
{
    sim_throttle_done(&throttle);
}

/* How many of `count` such requests at once are let through. */
static size_t passed(sim_charge charge, size_t count)
{
    size_t good = 0;
    for (size_t i = 0; i < count; i++)
        good += sim_throttle_charge(&throttle, &switches, &charge).allowed;
    return good;
}

static sim_charge ask(sim_route route)
{
    return (sim_charge){.route = route, .app = "app", .now_ms = 1000000, .units = 1};
}

Test(sim_throttle, intune_budgets_per_app_and_per_tenant, .init = start, .fini = stop)
{
    sim_charge read = ask(SIM_ROUTE_MANAGED_DEVICES);
    cr_assert_eq(passed(read, 2100), 2000);
    read.app = "other";
    cr_assert_eq(passed(read, 2100), 1900, "the tenant's 4,000 count refused ones too");
    read.tenant = 1;
    cr_assert_eq(passed(read, 10), 10);
    sim_charge write = ask(SIM_ROUTE_ROTATE);
    write.tenant = 2;
    write.write = true;
    cr_assert_eq(passed(write, 300), 200);
}

Test(sim_throttle, window_ends_by_the_clock_and_tells_when, .init = start, .fini = stop)
{
    sim_charge audit = ask(SIM_ROUTE_DIRECTORY_AUDITS);
    cr_assert_eq(passed(audit, 5), 5);
    audit.now_ms += 3500;
    sim_verdict verdict = sim_throttle_charge(&throttle, &switches, &audit);
    cr_assert(!verdict.allowed && verdict.retry_after_s == 7);
    audit.now_ms += 6500;
    cr_assert(sim_throttle_charge(&throttle, &switches, &audit).allowed);
}

Test(sim_throttle, directory_budget_grows_with_the_tenant, .init = start, .fini = stop)
{
    static const struct {
        size_t users;
        size_t most;
    } sizes[] = {{49, 3500}, {50, 5000}, {500, 5000}, {501, 8000}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        sim_charge charge = ask(SIM_ROUTE_DEVICES);
        charge.users = sizes[i].users;
        charge.tenant = i;
        cr_assert_eq(passed(charge, 9000), sizes[i].most);
    }
}

Test(sim_throttle, units_follow_the_options, .init = start, .fini = stop)
{
    cr_assert_eq(sim_throttle_units(SIM_ROUTE_USERS, false, false, false), 2);
    cr_assert_eq(sim_throttle_units(SIM_ROUTE_USERS, true, false, true), 1);
    cr_assert_eq(sim_throttle_units(SIM_ROUTE_SUBSCRIBED_SKUS, false, true, false), 4);
    cr_assert_eq(sim_throttle_units(SIM_ROUTE_MANAGED_DEVICES, false, false, false), 0);
}

Test(sim_throttle, keys_have_a_budget_only_by_switch, .init = start, .fini = stop)
{
    sim_charge charge = ask(SIM_ROUTE_RECOVERY_KEY_GET_SECRET);
    cr_assert_eq(passed(charge, 5000), 5000);
    switches.values[SIM_SWITCH_KEYS_LIMIT] = 100;
    cr_assert_eq(passed(charge, 500), 100);
    sim_throttle_reset(&throttle);
    switches.values[SIM_SWITCH_THROTTLE] = 0;
    cr_assert_eq(passed(charge, 500), 100);
}

Test(sim_throttle, all_of_graph_has_one_budget_per_app, .init = start, .fini = stop)
{
    sim_charge charge = ask(SIM_ROUTE_RECOVERY_KEYS_LIST);
    size_t good = 0;
    for (size_t tenant = 0; tenant < 14; tenant++) {
        charge.tenant = tenant;
        good += passed(charge, 10000);
    }
    cr_assert_eq(good, 130000);
}
