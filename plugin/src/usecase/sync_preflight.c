/* SPDX-License-Identifier: Apache-2.0
 *
 * Every missing prerequisite of a run in one answer, before any write (S1.17, S1.18). Must not use
 * the network. */
#include "usecase/findings_view.h"
#include "usecase/sync.h"

#define ALL_GRANTED UINT32_MAX

/* The permissions without which nothing can be synced. */
static const struct {
    uint32_t bit;
    bkey_preflight_code missing;
    bkey_preflight_code refused; /* granted, and refused all the same */
    uint32_t reason;             /* of such a refusal */
} wanted[] = {
    {BKEY_PERM_DEVICES, BKEY_PREFLIGHT_PERM_DEVICES, BKEY_PREFLIGHT_DEVICES_REFUSED,
     BKEY_E_PERM_DEVICES},
    {BKEY_PERM_KEY_LIST, BKEY_PREFLIGHT_PERM_KEY_LIST, BKEY_PREFLIGHT_KEYS_REFUSED,
     BKEY_E_PERM_KEY_LIST},
    {BKEY_PERM_KEY_READ, BKEY_PREFLIGHT_PERM_KEY_READ, BKEY_PREFLIGHT_KEYS_REFUSED,
     BKEY_E_PERM_KEY_READ},
};

#define WANTED_COUNT (sizeof wanted / sizeof wanted[0])

bkey_err bkey_sync_preflight_begin(bkey_sync *sync)
{
    const bkey_ports *ports = sync->ports;
    const bool application = bkey_connection_is_application(&sync->connection);
    const bool entitled = ports->entitled(ports->self);
    if (!entitled)
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_ADD_ON, 0);
    bkey_preflight_settings(&sync->preflight, &sync->settings, application);
    /* Without the add-on not one request goes to Microsoft (S1.5, S1.83). */
    if (entitled)
        return bkey_ok();
    bkey_findings_view_sentence(&sync->preflight, sync->detail, sizeof sync->detail);
    return bkey_fail(BKEY_E_ENTITLEMENT);
}

void bkey_sync_preflight_claims(bkey_sync *sync, const bkey_token_claims *claims)
{
    const bool known = claims->readable && claims->has_permissions;
    sync->granted = known ? claims->permissions : ALL_GRANTED;
    if (!known || bkey_sync_partner_is_alone(sync))
        return;
    bkey_preflight_kind(&sync->preflight, &sync->settings, claims->application);
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        if ((claims->permissions & wanted[i].bit) == 0)
            bkey_preflight_add(&sync->preflight, wanted[i].missing, 0);
    }
}

/* True when somebody has to act; what passes by itself stays an ordinary failure. */
static bool is_problem(const bkey_sync *sync, bkey_err err)
{
    const bkey_category category = bkey_err_category(err);
    if (category == BKEY_CAT_RETRY)
        return sync->is_check && (bkey_err_is_silence(err) || bkey_is(err, BKEY_E_THROTTLED) ||
                                  bkey_is(err, BKEY_E_REMOTE_FAULT));
    return category == BKEY_CAT_CONFIG || category == BKEY_CAT_AUTH ||
           category == BKEY_CAT_DENIED || category == BKEY_CAT_REMOTE;
}

bkey_err bkey_sync_preflight_verdict(bkey_sync *sync, bkey_err err)
{
    if (!bkey_is_ok(err) && is_problem(sync, err))
        bkey_preflight_fail(&sync->preflight, BKEY_PREFLIGHT_ACCESS, err, sync->aadsts);
    const bkey_preflight_problem *first = bkey_preflight_first(&sync->preflight);
    if (first == NULL || sync->is_check) { /* a check goes on, and keeps what is in the list */
        if (!bkey_is_ok(err) && sync->aadsts != 0)
            bkey_findings_view_refusal(err, sync->aadsts, sync->detail, sizeof sync->detail);
        return err;
    }
    if (sync->preflight.count > 1 ||
        !bkey_findings_view_at(sync->connection.login_url, err, sync->detail, sizeof sync->detail))
        bkey_findings_view_sentence(&sync->preflight, sync->detail, sizeof sync->detail);
    return bkey_fail(first->reason);
}

void bkey_sync_preflight_explain(bkey_sync *sync, bkey_err err)
{
    bkey_preflight found = {.count = 0};
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        if (bkey_is(err, wanted[i].reason) && sync->granted != ALL_GRANTED &&
            (sync->granted & wanted[i].bit) != 0)
            bkey_preflight_add(&found, wanted[i].refused, 0);
    }
    if (found.count > 0)
        bkey_findings_view_sentence(&found, sync->detail, sizeof sync->detail);
}
