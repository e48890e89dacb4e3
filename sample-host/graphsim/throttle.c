/* SPDX-License-Identifier: Apache-2.0
 *
 * The documented budgets. Must not know what an answer looks like. */
#include "throttle.h"

#include <stdlib.h>
#include <string.h>

typedef enum sim_service { NO_SERVICE, DIRECTORY, REPORTS, INTUNE, KEYS } sim_service;

enum { PER_APP = 1, PER_TENANT = 2 };

/* Units beyond `most` per window are refused. Directory budgets count resource units, except those
 * of writes. The first row's `most` depends on the tenant's size, the last one's on switches. */
static const struct {
    sim_service service; /* NO_SERVICE: all */
    bool writes;         /* counts writes only */
    unsigned scope;
    uint64_t most;
    int64_t window_ms;
    const char *reason;
} budgets[] = {
    {DIRECTORY, false, PER_APP | PER_TENANT, 0, 10000, "ResourceUnitLimitExceeded"},
    {NO_SERVICE, false, PER_APP, 130000, 10000, NULL},
    {DIRECTORY, false, PER_APP, 150000, 20000, "ResourceUnitLimitExceeded"},
    {DIRECTORY, true, PER_APP, 70000, 300000, "WriteLimitExceeded"},
    {DIRECTORY, true, PER_APP | PER_TENANT, 3000, 150000, "WriteLimitExceeded"},
    {DIRECTORY, true, PER_TENANT, 18000, 300000, "WriteLimitExceeded"},
    {REPORTS, false, PER_APP | PER_TENANT, 5, 10000, NULL},
    {INTUNE, false, PER_APP | PER_TENANT, 2000, 20000, NULL},
    {INTUNE, true, PER_APP | PER_TENANT, 200, 20000, NULL},
    {INTUNE, false, PER_TENANT, 4000, 20000, NULL},
    {INTUNE, true, PER_TENANT, 400, 20000, NULL},
    {KEYS, false, PER_APP | PER_TENANT, 0, 0, NULL},
};

#define BUDGETS (sizeof budgets / sizeof budgets[0])

static const struct {
    sim_service service;
    uint64_t units;
} costs[SIM_ROUTE_COUNT] = {
    [SIM_ROUTE_MANAGED_DEVICES] = {INTUNE, 0},
    [SIM_ROUTE_MANAGED_DEVICE] = {INTUNE, 0},
    [SIM_ROUTE_ENCRYPTION_STATES] = {INTUNE, 0},
    [SIM_ROUTE_ROTATE] = {INTUNE, 0},
    [SIM_ROUTE_REMOTE_ACTIONS] = {INTUNE, 0},
    [SIM_ROUTE_RECOVERY_KEYS_LIST] = {KEYS, 0},
    [SIM_ROUTE_RECOVERY_KEY_GET_METADATA] = {KEYS, 0},
    [SIM_ROUTE_RECOVERY_KEY_GET_SECRET] = {KEYS, 0},
    [SIM_ROUTE_DEVICES] = {DIRECTORY, 1},
    [SIM_ROUTE_DEVICE] = {DIRECTORY, 1},
    [SIM_ROUTE_DEVICES_DELTA] = {DIRECTORY, 1},
    [SIM_ROUTE_OWNERS] = {DIRECTORY, 1},
    [SIM_ROUTE_OWNERS_CHANGE] = {DIRECTORY, 1},
    [SIM_ROUTE_USERS] = {DIRECTORY, 2},
    [SIM_ROUTE_USER] = {DIRECTORY, 1},
    [SIM_ROUTE_USER_DEVICES] = {DIRECTORY, 1},
    [SIM_ROUTE_LICENSE_DETAILS] = {DIRECTORY, 2},
    [SIM_ROUTE_SUBSCRIBED_SKUS] = {DIRECTORY, 3},
    [SIM_ROUTE_ORGANIZATION] = {DIRECTORY, 1},
    [SIM_ROUTE_DIRECTORY_AUDITS] = {REPORTS, 0},
    [SIM_ROUTE_AUTHORIZATION_POLICY] = {DIRECTORY, 1},
    [SIM_ROUTE_AUTHORIZATION_POLICY_CHANGE] = {DIRECTORY, 1},
    [SIM_ROUTE_CUSTOMERS] = {DIRECTORY, 1},
    [SIM_ROUTE_CONTRACTS] = {DIRECTORY, 3},
};

uint64_t sim_throttle_units(sim_route route, bool selects, bool expands, bool small_page)
{
    if (costs[route].service != DIRECTORY)
        return 0;
    uint64_t added = costs[route].units + (expands ? 1U : 0U);
    uint64_t saved = (selects ? 1U : 0U) + (small_page ? 1U : 0U);
    return added > saved ? added - saved : 1;
}

static uint64_t mix(uint64_t value)
{
    value ^= value >> 31;
    value *= UINT64_C(0x9e3779b97f4a7c15);
    return value ^ value >> 29;
}

static uint64_t key_of(size_t which, const sim_charge *charge)
{
    uint64_t key = mix(which + 1);
    if ((budgets[which].scope & PER_TENANT) != 0)
        key = mix(key ^ (charge->tenant + 1));
    if ((budgets[which].scope & PER_APP) != 0)
        for (const char *at = charge->app; *at != '\0'; at++)
            key = mix(key ^ (uint64_t)(unsigned char)*at);
    return key | 1;
}

static sim_bucket *find(sim_bucket *table, size_t size, uint64_t key)
{
    size_t at = (size_t)key & (size - 1);
    while (table[at].key != 0 && table[at].key != key)
        at = (at + 1) & (size - 1);
    return &table[at];
}

static bool grow(sim_throttle *throttle)
{
    size_t size = throttle->size == 0 ? 256 : throttle->size * 2;
    sim_bucket *table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < throttle->size; i++)
        if (throttle->table[i].key != 0)
            *find(table, size, throttle->table[i].key) = throttle->table[i];
    free(throttle->table);
    throttle->table = table;
    throttle->size = size;
    return true;
}

static sim_bucket *bucket_of(sim_throttle *throttle, uint64_t key)
{
    if (throttle->used * 2 >= throttle->size && !grow(throttle))
        return NULL;
    sim_bucket *bucket = find(throttle->table, throttle->size, key);
    throttle->used += bucket->key == 0;
    bucket->key = key;
    return bucket;
}

static uint64_t most_of(size_t which, const sim_switches *switches, const sim_charge *charge)
{
    if (budgets[which].service == KEYS)
        return (uint64_t)switches->values[SIM_SWITCH_KEYS_LIMIT];
    if (switches->values[SIM_SWITCH_THROTTLE] == 0)
        return 0;
    if (which == 0)
        return charge->users < 50 ? 3500 : charge->users <= 500 ? 5000 : 8000;
    return budgets[which].most;
}

static void charge_one(sim_bucket *bucket, size_t which, uint64_t most, int64_t window_ms,
                       const sim_charge *charge, sim_verdict *verdict)
{
    bool directory = budgets[which].service == DIRECTORY;
    if (bucket->used == 0 || charge->now_ms - bucket->started_ms >= window_ms ||
        charge->now_ms < bucket->started_ms) {
        bucket->started_ms = charge->now_ms;
        bucket->used = 0;
    }
    bucket->used += directory && !budgets[which].writes ? charge->units : 1;
    double share = (double)bucket->used / (double)most;
    if (directory && share > verdict->share)
        verdict->share = share;
    if (bucket->used <= most)
        return;
    int64_t left = (bucket->started_ms + window_ms - charge->now_ms + 999) / 1000;
    verdict->allowed = false;
    verdict->reason = budgets[which].reason;
    if (left > verdict->retry_after_s)
        verdict->retry_after_s = left;
}

sim_verdict sim_throttle_charge(sim_throttle *throttle, const sim_switches *switches,
                                const sim_charge *charge)
{
    sim_verdict verdict = {.allowed = true};
    sim_service asked = costs[charge->route].service;
    for (size_t i = 0; i < BUDGETS; i++) {
        if ((budgets[i].service != NO_SERVICE && budgets[i].service != asked) ||
            (budgets[i].writes && !charge->write))
            continue;
        uint64_t most = most_of(i, switches, charge);
        sim_bucket *bucket = most > 0 ? bucket_of(throttle, key_of(i, charge)) : NULL;
        int64_t window = budgets[i].service == KEYS
                             ? switches->values[SIM_SWITCH_KEYS_WINDOW_S] * 1000
                             : budgets[i].window_ms;
        if (bucket != NULL)
            charge_one(bucket, i, most, window, charge, &verdict);
    }
    return verdict;
}

void sim_throttle_reset(sim_throttle *throttle)
{
    if (throttle->table != NULL)
        memset(throttle->table, 0, throttle->size * sizeof *throttle->table);
    throttle->used = 0;
}

void sim_throttle_done(sim_throttle *throttle)
{
    free(throttle->table);
    *throttle = (sim_throttle){0};
}
