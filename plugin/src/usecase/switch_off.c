/* SPDX-License-Identifier: Apache-2.0
 *
 * See switch_off.h. */
#include "usecase/switch_off.h"

#include <string.h>

#include "state/findings.h"
#include "usecase/batch.h"

static bkey_err write_off(const bkey_findings_query *query, const bkey_place *place,
                          const bkey_switch_off *off)
{
    bkey_sealed sealed;
    bkey_batch batch;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_init(&batch, query->ports, query->call, false);
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(place);
    if (bkey_is_ok(err))
        err = bkey_findings_seal_off(place, off, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&batch, &sealed);
        err = bkey_batch_apply(&batch);
    }
    bkey_sealed_done(&sealed);
    bkey_batch_done(&batch);
    return err;
}

bkey_err bkey_switch_off_note(const bkey_findings_query *query, bool is_on)
{
    const bkey_place place = {.vault = query->vault, .call = query->call, .organization_id = ""};
    bkey_switch_off off;
    bkey_err err = bkey_findings_get_off(&place, &off);
    if (!bkey_is_ok(err) || is_on == (off.since_ms == 0))
        return err;
    off.since_ms = is_on ? 0 : query->ports->wall_ms(query->ports->self);
    return write_off(query, &place, &off);
}

bkey_err bkey_switch_off_read(const bkey_findings_query *query, bool *out_is_off,
                              int64_t *out_since_ms)
{
    const bkey_place place = {.vault = query->vault, .call = query->call, .organization_id = ""};
    const bkey_ports *ports = query->ports;
    bkey_switch_off off = {0, 0};
    int64_t is_on = 1;
    bkey_err err = ports->setting_int(ports->self, "sync_bitlocker_keys", &is_on);
    if (bkey_is_ok(err) && is_on == 0)
        err = bkey_findings_get_off(&place, &off);
    if (bkey_is_ok(err)) {
        *out_is_off = is_on == 0;
        *out_since_ms = off.since_ms;
    }
    return err;
}
