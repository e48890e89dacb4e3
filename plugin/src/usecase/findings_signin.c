/* SPDX-License-Identifier: Apache-2.0
 *
 * See findings_signin.h. */
#include "usecase/findings_signin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS 60000

typedef struct looking {
    const sup_guid *tenant;
    bkey_signin *signin; /* its secrets stay closed */
    bool found;
} looking;

static bkey_err take_signin(void *context, const bkey_signin *signin)
{
    looking *to = context;
    if (!sup_guid_equal(&signin->target.tenant, to->tenant) || !bkey_signin_is_open(signin))
        return bkey_ok();
    *to->signin = *signin;
    to->found = true;
    return bkey_ok();
}

static void say_minutes(const bkey_signin *signin, int64_t now_ms, char *out, size_t cap)
{
    const int64_t left_ms = signin->ends_ms - now_ms;
    const int64_t minutes = (left_ms + MINUTE_MS - 1) / MINUTE_MS;
    out[0] = '\0';
    if (signin->ends_ms != 0 && left_ms > 0)
        (void)snprintf(out, cap, " within %" PRId64 " minute%s", minutes, minutes == 1 ? "" : "s");
}

static void say_what(const bkey_signin *signin, int64_t now_ms, char *out, size_t cap)
{
    char within[48];
    say_minutes(signin, now_ms, within, sizeof within);
    if (signin->ends_ms != 0 && now_ms >= signin->ends_ms)
        (void)snprintf(out, cap, "The sign-in was begun, and nobody completed it in time.");
    else if (signin->state == BKEY_SIGNIN_ANSWERED)
        (void)snprintf(out, cap,
                       "The sign-in was completed at Microsoft's page; the next sync uses it.");
    else if (signin->way == BKEY_SIGNIN_CODE)
        (void)snprintf(out, cap,
                       "The sign-in waits for a person at Microsoft's page%s; the status of the "
                       "sign-in shows the page's address again.",
                       within);
    else if (signin->user_code[0] == '\0')
        (void)snprintf(out, cap,
                       "The sign-in was begun, and Microsoft was not asked for its code yet; the "
                       "status of the sign-in asks for it and shows it.");
    else
        (void)snprintf(out, cap,
                       "The sign-in waits for a person: open %s in a browser and type the code "
                       "%s%s.",
                       signin->address, signin->user_code, within);
}

static void describe(const bkey_signin *signin, bool is_first, int64_t now_ms,
                     bkey_findings_signin *out)
{
    const bool is_over = signin->ends_ms != 0 && now_ms >= signin->ends_ms;
    say_what(signin, now_ms, out->what, sizeof out->what);
    out->text = (bkey_preflight_text){
        .name = is_over ? "sign-in-expired" : "sign-in-waits",
        .severity = is_first ? BKEY_PREFLIGHT_ERROR : BKEY_PREFLIGHT_NOTE,
        .brief = "the sign-in waits for a person",
        .what = out->what,
        .hides = is_first ? "The tenant is not connected until then, so no key is synced."
                          : "The sync goes on with the credential that it has.",
        .who = is_over ? "An administrator of this host must begin the sign-in again."
                       : "Whoever is to sign in at Microsoft; an administrator of this host can "
                         "take the sign-in back."};
}

static bkey_err is_connected(const bkey_place *root, const sup_guid *tenant, bool *out_connected)
{
    bkey_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_connection_get(root, tenant, connection);
    free(connection);
    *out_connected = bkey_is_ok(err);
    return bkey_is(err, BKEY_E_NOT_CONNECTED) ? bkey_ok() : err;
}

bkey_err bkey_findings_signin_find(const bkey_findings_query *query, const sup_guid *tenant,
                                   bkey_findings_signin *out, bool *out_found)
{
    const bkey_place root = bkey_connection_place(query->vault, query->call);
    looking to = {.tenant = tenant, .signin = calloc(1, sizeof(bkey_signin))};
    bool connected = false;
    if (to.signin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_signin_scan(&root, take_signin, &to);
    if (bkey_is_ok(err) && to.found)
        err = is_connected(&root, tenant, &connected);
    if (bkey_is_ok(err) && to.found)
        describe(to.signin, !connected, query->ports->wall_ms(query->ports->self), out);
    if (bkey_is_ok(err))
        *out_found = to.found;
    free(to.signin);
    return err;
}
