/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers who are reached by a partner's sign-in (S1.108). Must not know how a token is got. */
#include "usecase/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bkey_sync_partner_is_alone(const bkey_sync *sync)
{
    return sync->connection.organization_count == 0 &&
           sup_guid_equal(&sync->connection.partner, &sync->tenant);
}

static bkey_err load_partner(bkey_sync *sync, bkey_connection *partner)
{
    const bkey_place place = bkey_connection_place(sync->vault, sync->call);
    bkey_err err = bkey_connection_get(&place, &sync->connection.partner, partner);
    if (!bkey_is(err, BKEY_E_NOT_CONNECTED))
        return err;
    (void)snprintf(sync->detail, sizeof sync->detail,
                   "The partner through which this customer is reached is not connected any more, "
                   "so keys are not being updated: an administrator of this host must connect the "
                   "partner's tenant again.");
    return bkey_fail(BKEY_E_SIGN_IN);
}

bkey_err bkey_sync_partner_resolve(bkey_sync *sync)
{
    bkey_connection *own = &sync->connection;
    if (!bkey_connection_is_customer(own))
        return bkey_ok();
    bkey_connection *partner = calloc(1, sizeof *partner);
    if (partner == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = load_partner(sync, partner);
    if (bkey_is_ok(err)) {
        own->grant = partner->grant;
        memcpy(own->client_id, partner->client_id, sizeof own->client_id);
        memcpy(own->login_url, partner->login_url, sizeof own->login_url);
        memcpy(own->graph_url, partner->graph_url, sizeof own->graph_url);
    }
    free(partner);
    return err;
}

static bool is_one_of(uint32_t reason, const uint32_t *list)
{
    while (*list != 0 && *list != reason)
        list++;
    return *list != 0;
}

/* The whole detail becomes the sentence of the missing relation. */
static void tell_no_relation(bkey_sync *sync)
{
    int len = snprintf(sync->detail, sizeof sync->detail,
                       "The partner's sign-in has no way into this customer: the customer must "
                       "accept the partner's delegated admin relationship and the app needs "
                       "consent there.");
    if (sync->aadsts != 0)
        (void)snprintf(sync->detail + len, sizeof sync->detail - (size_t)len,
                       " (Microsoft says AADSTS%" PRIu32 ".)", sync->aadsts);
}

/* What is missing is told already; this is where it is missing. */
static void tell_no_role(bkey_sync *sync, bkey_err err)
{
    if (sync->detail[0] == '\0')
        (void)snprintf(sync->detail, sizeof sync->detail, "%s", bkey_err_text(err));
    const size_t len = strlen(sync->detail);
    (void)snprintf(sync->detail + len, sizeof sync->detail - len,
                   " This customer is reached by a partner's sign-in: an administrator of the "
                   "partner must look at the roles of the delegated admin relationship.");
}

void bkey_sync_partner_explain(bkey_sync *sync, bkey_err err)
{
    static const uint32_t no_relation[] = {BKEY_E_TENANT, BKEY_E_CONSENT, 0};
    static const uint32_t no_role[] = {BKEY_E_PERM_DEVICES, BKEY_E_PERM_KEY_LIST,
                                       BKEY_E_PERM_KEY_READ, BKEY_E_TOKEN_REFUSED, 0};
    if (!bkey_connection_is_customer(&sync->connection))
        return;
    if (is_one_of(err.reason, no_relation))
        tell_no_relation(sync);
    else if (is_one_of(err.reason, no_role))
        tell_no_role(sync, err);
}
