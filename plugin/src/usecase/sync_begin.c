/* SPDX-License-Identifier: Apache-2.0
 *
 * Before anything is asked or written: the connection, the settings of this run, and every missing
 * prerequisite in one answer (S1.17, S1.18). Must not use the network. */
#include "usecase/sync.h"

#include <stdio.h>
#include <string.h>

#include "state/canary.h"
#include "usecase/selftest.h"

_Static_assert(BKEY_SELFTEST_TEXT_SIZE <= BKEY_SYNC_DETAIL_SIZE, "a sentence fits a detail");

static bkey_err load_setting(bkey_sync *sync, const bkey_settings_spec *spec)
{
    const bkey_ports *ports = sync->ports;
    const char *problem = NULL;
    bkey_err err;
    if (spec->kind == BKEY_SETTINGS_BOOL || spec->kind == BKEY_SETTINGS_INT) {
        int64_t number = 0;
        err = ports->setting_int(ports->self, spec->key, &number);
        if (bkey_is_ok(err))
            problem = bkey_settings_set_int(&sync->settings, spec->key, number);
    } else {
        char text[BKEY_SETTINGS_NAME_SIZE];
        err = ports->setting_text(ports->self, spec->key, text, sizeof text);
        if (bkey_is_ok(err))
            problem = bkey_settings_set(&sync->settings, spec->key, strlen(spec->key), text,
                                        strlen(text));
    }
    if (problem != NULL) {
        (void)snprintf(sync->detail, sizeof sync->detail, "Setting %s: %s", spec->key, problem);
        return bkey_fail(BKEY_E_SETTING);
    }
    return err;
}

/* One consistent snapshot: the whole run keeps the generation that it began with. */
bkey_err bkey_sync_begin_settings(bkey_sync *sync)
{
    const bkey_ports *ports = sync->ports;
    uint64_t generation;
    bkey_err err = bkey_ok();
    do {
        generation = ports->settings_generation(ports->self);
        bkey_settings_init(&sync->settings);
        for (size_t i = 0; bkey_is_ok(err) && i < bkey_settings_count(); i++)
            err = load_setting(sync, bkey_settings_at(i));
    } while (bkey_is_ok(err) && generation != ports->settings_generation(ports->self));
    return err;
}

bkey_err bkey_sync_begin_load(bkey_sync *sync)
{
    const bkey_place place = bkey_connection_place(sync->vault, sync->call);
    return bkey_connection_get(&place, &sync->tenant, &sync->connection);
}

static bkey_err check_canary(bkey_sync *sync, const char *organization_id)
{
    const bkey_place place = {sync->vault, sync->call, sync->tenant, organization_id};
    bkey_err err = bkey_canary_check(&place);
    if (bkey_is_ok(err) || bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    bkey_selftest_describe(sync->ports, &place, err, sync->detail);
    return err;
}

bkey_err bkey_sync_begin_canaries(bkey_sync *sync)
{
    bkey_err err = check_canary(sync, "");
    for (uint32_t i = 0; bkey_is_ok(err) && i < sync->connection.organization_count; i++)
        err = check_canary(sync, sync->connection.organization_ids[i]);
    return err;
}

typedef struct problems {
    bkey_sync *sync;
    bkey_err first;
} problems;

static void add_problem(problems *to, bool wrong, uint32_t reason, const char *clause)
{
    char *detail = to->sync->detail;
    size_t len = strlen(detail);
    if (!wrong)
        return;
    if (bkey_is_ok(to->first))
        to->first = bkey_fail(reason);
    (void)snprintf(detail + len, BKEY_SYNC_DETAIL_SIZE - len, "%s%s",
                   len == 0 ? "The sync did not start and changed nothing: " : "; ", clause);
}

bkey_err bkey_sync_begin_check(bkey_sync *sync)
{
    const bkey_ports *ports = sync->ports;
    const bkey_settings *settings = &sync->settings;
    const bool application = bkey_connection_is_application(&sync->connection);
    const uint32_t kind = application ? BKEY_GRANT_APPLICATION : BKEY_GRANT_DELEGATED;
    problems found = {sync, bkey_ok()};
    add_problem(&found, !ports->entitled(ports->self), BKEY_E_ENTITLEMENT,
                "the add-on is not active for this account");
    add_problem(&found, !settings->sync_bitlocker_keys, BKEY_E_SWITCHED_OFF,
                "the setting sync_bitlocker_keys is off");
    add_problem(&found, !settings->sync_intune_devices, BKEY_E_SWITCHED_OFF,
                "the setting sync_intune_devices is off, and keys need devices");
    add_problem(&found, (settings->accepted_grants & kind) == 0, BKEY_E_PERM_TYPE,
                application ? "the connection signs in as an application, but the setting "
                              "accepted_grants allows delegated permissions only"
                            : "the connection signs in for a user, but the setting "
                              "accepted_grants allows application permissions only");
    if (!bkey_is_ok(found.first)) {
        size_t len = strlen(sync->detail);
        (void)snprintf(sync->detail + len, BKEY_SYNC_DETAIL_SIZE - len, ".");
    }
    return found.first;
}
