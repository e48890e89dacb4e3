/* SPDX-License-Identifier: Apache-2.0
 *
 * Before anything is asked or written: the connection, the settings of this run, and whether stored
 * state opens. Must not use the network. */
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
    bkey_err err = bkey_connection_get(&place, &sync->tenant, &sync->connection);
    return bkey_is_ok(err) ? bkey_sync_organizations_follow(sync) : err;
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
