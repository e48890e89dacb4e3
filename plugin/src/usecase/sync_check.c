/* SPDX-License-Identifier: Apache-2.0
 *
 * The permission doctor: asks Microsoft for as little as shows whether a sync can work, and keeps
 * what it found. Reads no secret and documents nothing. */
#include "graph/decode.h"
#include "graph/decode_tenant.h"
#include "graph/endpoints.h"
#include "state/findings.h"
#include "usecase/sync.h"
#include "usecase/sync_contacts.h"

#include <string.h>

#define URL_MAX 1024u

void bkey_sync_check_reply(bkey_sync *sync, const bkey_net_reply *reply)
{
    if (sync->is_check && bkey_is_ok(reply->error) && reply->date_s != 0)
        bkey_preflight_clock(&sync->preflight, sync->ports->wall_ms(sync->ports->self),
                             reply->date_s * 1000);
}

/* What is asked, and what becomes of the answer. */
typedef struct question {
    bool (*url)(const char *graph_url, sup_buffer *out);
    void (*judge)(bkey_sync *sync, const bkey_net_reply *reply);
    void (*fail)(bkey_sync *sync, bkey_err err); /* NULL: no answer tells nothing */
} question;

/* No answer is a finding, not an error; only what ends the tick is one. */
static bkey_err ask(bkey_sync *sync, const question *asked)
{
    bkey_net_reply reply;
    sup_buffer url;
    memset(&reply, 0, sizeof reply);
    sup_buffer_init(&url, URL_MAX);
    bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
    if (bkey_is_ok(err) && !asked->url(sync->connection.graph_url, &url))
        err = bkey_fail(BKEY_E_URL);
    if (bkey_is_ok(err))
        err = bkey_sync_request_get(sync, sup_buffer_text(&url), &reply);
    sup_buffer_done(&url);
    if (bkey_is_ok(err)) {
        bkey_sync_check_reply(sync, &reply);
        asked->judge(sync, &reply);
        sync->net->release(sync->net->self, &reply);
        return bkey_ok();
    }
    if (bkey_err_category(err) == BKEY_CAT_OVER || bkey_err_category(err) == BKEY_CAT_LOCAL)
        return err;
    if (asked->fail != NULL)
        asked->fail(sync, err);
    return bkey_ok();
}

static void fail_devices(bkey_sync *sync, bkey_err err)
{
    if (bkey_is(err, BKEY_E_NO_INTUNE))
        bkey_preflight_add(&sync->preflight,
                           (sync->granted & BKEY_PERM_DIRECTORY) != 0 ? BKEY_PREFLIGHT_NO_INTUNE
                                                                      : BKEY_PREFLIGHT_NO_DEVICES,
                           0);
    else if (bkey_is(err, BKEY_E_PERM_DEVICES))
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_DEVICES_REFUSED, 0);
    else
        bkey_preflight_fail(&sync->preflight, BKEY_PREFLIGHT_DEVICES_FAILED, err, 0);
}

static void judge_devices(bkey_sync *sync, const bkey_net_reply *reply)
{
    if (reply->status != 200)
        fail_devices(sync, bkey_decode_failure(BKEY_CALL_DEVICES, reply->status, reply->body));
}

static void fail_keys(bkey_sync *sync, bkey_err err)
{
    if (bkey_is(err, BKEY_E_PERM_KEY_LIST))
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_KEYS_REFUSED, 0);
    else
        bkey_preflight_fail(&sync->preflight, BKEY_PREFLIGHT_KEYS_FAILED, err, 0);
}

static void judge_keys(bkey_sync *sync, const bkey_net_reply *reply)
{
    if (reply->status == 400)
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_USER_AGENT, 0);
    else if (reply->status != 200)
        fail_keys(sync, bkey_decode_failure(BKEY_CALL_KEYS, reply->status, reply->body));
}

static void judge_policy(bkey_sync *sync, const bkey_net_reply *reply)
{
    bool allowed = false;
    if (reply->status == 200 && bkey_decode_tenant_policy(reply->body, &allowed))
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_SELF_SERVICE, allowed ? 1 : 0);
}

static void judge_licences(bkey_sync *sync, const bkey_net_reply *reply)
{
    bool found = false;
    if (reply->status == 200 &&
        bkey_decode_tenant_licences(reply->body, sync->settings.licence_types, &found) && !found)
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_NO_LICENCE, 0);
}

static bkey_err ask_all(bkey_sync *sync)
{
    static const struct {
        uint32_t permission;
        bool needs_keys; /* with the box off no request goes to the keys (S1.13) */
        bool needs_devices;
        question asked;
    } questions[] = {
        {BKEY_PERM_DEVICES,
         false,
         true,
         {bkey_endpoints_device_probe, judge_devices, fail_devices}},
        {BKEY_PERM_KEY_LIST, true, false, {bkey_endpoints_keys, judge_keys, fail_keys}},
        {BKEY_PERM_LICENCES, false, false, {bkey_endpoints_licences, judge_licences, NULL}},
        {BKEY_PERM_POLICY, false, false, {bkey_endpoints_policy, judge_policy, NULL}},
    };
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < sizeof questions / sizeof questions[0]; i++) {
        if ((sync->granted & questions[i].permission) == 0 ||
            (questions[i].needs_keys && !sync->settings.sync_bitlocker_keys) ||
            (questions[i].needs_devices && !sync->settings.sync_intune_devices))
            continue;
        err = ask(sync, &questions[i].asked);
    }
    return err;
}

static bkey_err look(bkey_sync *sync)
{
    bkey_err err = bkey_sync_preflight_begin(sync);
    if (!bkey_is_ok(err)) /* without the add-on nothing is asked */
        return bkey_ok();
    err = bkey_sync_token_obtain(sync);
    if (bkey_is_ok(err) && bkey_sync_partner_is_alone(sync))
        return err;
    if (sync->access_token != NULL) {
        bkey_sync_contacts_check(sync);
        return ask_all(sync);
    }
    return bkey_preflight_first(&sync->preflight) != NULL ? bkey_ok() : err;
}

static bkey_err keep(bkey_sync *sync)
{
    bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    bkey_findings findings = {.checked_ms = 0};
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_findings_get(&place, &findings);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_ok();
    findings.checked_ms = sync->ports->wall_ms(sync->ports->self);
    findings.found = sync->preflight;
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_findings_seal(&place, &findings, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&sync->batch, &sealed);
        err = bkey_batch_apply(&sync->batch);
    }
    bkey_sealed_done(&sealed);
    return err;
}

bkey_err bkey_sync_check_run(bkey_sync *sync)
{
    bkey_err err = look(sync);
    sync->detail[0] = '\0';
    return bkey_is_ok(err) ? keep(sync) : err;
}
