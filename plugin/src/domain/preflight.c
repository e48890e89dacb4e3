/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules: which facts are problems, and their order. See preflight.h. */
#include "domain/preflight.h"

/* An assertion is good for five minutes, and tokens are judged by the same measure. */
#define CLOCK_SLACK_MS (5 * 60 * 1000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define SIGN_IN_DAYS 90 /* an unused refresh token lives so long */
#define WARN_DAYS 30
#define SHORT_TOKEN_S 600 /* Microsoft gives no token for less than an hour */

static const struct {
    bkey_preflight_code code;
    uint32_t reason;
} usual_reasons[] = {
    {BKEY_PREFLIGHT_ADD_ON, BKEY_E_ENTITLEMENT},
    {BKEY_PREFLIGHT_KEYS_OFF, BKEY_E_SWITCHED_OFF},
    {BKEY_PREFLIGHT_INTUNE_OFF, BKEY_E_SWITCHED_OFF},
    {BKEY_PREFLIGHT_CONTACTS_OFF, BKEY_E_SWITCHED_OFF},
    {BKEY_PREFLIGHT_LICENCES_OFF, BKEY_E_SWITCHED_OFF},
    {BKEY_PREFLIGHT_PERM_TYPE, BKEY_E_PERM_TYPE},
    {BKEY_PREFLIGHT_PERM_DEVICES, BKEY_E_PERM_DEVICES},
    {BKEY_PREFLIGHT_PERM_KEY_LIST, BKEY_E_PERM_KEY_LIST},
    {BKEY_PREFLIGHT_PERM_KEY_READ, BKEY_E_PERM_KEY_READ},
    {BKEY_PREFLIGHT_NO_DEVICES, BKEY_E_NO_INTUNE},
    {BKEY_PREFLIGHT_DEVICES_REFUSED, BKEY_E_PERM_DEVICES},
    {BKEY_PREFLIGHT_KEYS_REFUSED, BKEY_E_PERM_KEY_READ},
    {BKEY_PREFLIGHT_USER_AGENT, BKEY_E_STATUS},
};

static uint32_t usual_reason(bkey_preflight_code code)
{
    for (size_t i = 0; i < sizeof usual_reasons / sizeof usual_reasons[0]; i++) {
        if (usual_reasons[i].code == code)
            return usual_reasons[i].reason;
    }
    return 0;
}

void bkey_preflight_fail(bkey_preflight *list, bkey_preflight_code code, bkey_err err,
                         int64_t number)
{
    uint32_t at = 0;
    while (at < list->count && list->items[at].code < code)
        at++;
    if (list->count == BKEY_PREFLIGHT_MAX || (at < list->count && list->items[at].code == code))
        return;
    for (uint32_t i = list->count; i > at; i--)
        list->items[i] = list->items[i - 1];
    list->items[at] = (bkey_preflight_problem){code, err.reason, number};
    list->count++;
}

void bkey_preflight_add(bkey_preflight *list, bkey_preflight_code code, int64_t number)
{
    bkey_preflight_fail(list, code, bkey_fail(usual_reason(code)), number);
}

bool bkey_preflight_has(const bkey_preflight *list, bkey_preflight_code code)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].code == code)
            return true;
    }
    return false;
}

const bkey_preflight_problem *bkey_preflight_first(const bkey_preflight *list)
{
    return list->count > 0 && list->items[0].code < BKEY_PREFLIGHT_CLOCK ? &list->items[0] : NULL;
}

void bkey_preflight_kind(bkey_preflight *list, const bkey_settings *settings, bool application)
{
    const uint32_t kind = application ? BKEY_GRANT_APPLICATION : BKEY_GRANT_DELEGATED;
    if ((settings->accepted_grants & kind) == 0)
        bkey_preflight_add(list, BKEY_PREFLIGHT_PERM_TYPE, (int64_t)kind);
}

void bkey_preflight_settings(bkey_preflight *list, const bkey_settings *settings, bool application)
{
    if (!settings->sync_bitlocker_keys)
        bkey_preflight_add(list, BKEY_PREFLIGHT_KEYS_OFF, 0);
    if (!settings->sync_intune_devices)
        bkey_preflight_add(list, BKEY_PREFLIGHT_INTUNE_OFF, 0);
    if (!settings->sync_contacts)
        bkey_preflight_add(list, BKEY_PREFLIGHT_CONTACTS_OFF, 0);
    if (settings->licence_types[0] == '\0')
        bkey_preflight_add(list, BKEY_PREFLIGHT_LICENCES_OFF, 0);
    bkey_preflight_kind(list, settings, application);
}

void bkey_preflight_clock(bkey_preflight *list, int64_t ours_ms, int64_t theirs_ms)
{
    const int64_t ahead_ms = ours_ms - theirs_ms;
    if (ahead_ms > CLOCK_SLACK_MS || ahead_ms < -CLOCK_SLACK_MS)
        bkey_preflight_add(list, BKEY_PREFLIGHT_CLOCK, ahead_ms / 1000);
}

void bkey_preflight_age(bkey_preflight *list, int64_t now_ms, int64_t since_ms)
{
    const int64_t days_left = SIGN_IN_DAYS - (now_ms - since_ms) / DAY_MS;
    if (days_left <= WARN_DAYS)
        bkey_preflight_add(list, BKEY_PREFLIGHT_SIGN_IN_ENDING, days_left > 0 ? days_left : 0);
}

void bkey_preflight_certificate(bkey_preflight *list, int64_t now_ms, int64_t ends_ms)
{
    /* A day that has begun counts: 0 is for what has ended. */
    const int64_t days_left = ends_ms > now_ms ? (ends_ms - now_ms + DAY_MS - 1) / DAY_MS : 0;
    if (days_left <= WARN_DAYS)
        bkey_preflight_add(list, BKEY_PREFLIGHT_CERT_ENDING, days_left);
}

void bkey_preflight_lifetime(bkey_preflight *list, int64_t seconds)
{
    if (seconds < SHORT_TOKEN_S)
        bkey_preflight_add(list, BKEY_PREFLIGHT_TOKEN_SHORT, seconds);
}

bool bkey_preflight_is_remote(const bkey_preflight_problem *problem)
{
    return problem->code >= BKEY_PREFLIGHT_ACCESS && problem->code < BKEY_PREFLIGHT_CLOCK;
}
