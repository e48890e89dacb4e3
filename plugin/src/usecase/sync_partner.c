/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers who are reached by a partner's sign-in (S1.108). Must not know how a token is got. */
#include "usecase/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void bkey_sync_partner_explain(bkey_sync *sync, bkey_err err)
{
    static const uint32_t no_relation[] = {BKEY_E_TENANT, BKEY_E_CONSENT, 0};
    static const uint32_t no_role[] = {BKEY_E_PERM_DEVICES, BKEY_E_PERM_KEY_LIST,
                                       BKEY_E_PERM_KEY_READ, BKEY_E_TOKEN_REFUSED, 0};
    char said[BKEY_SYNC_DETAIL_SIZE];
    const char *text = NULL;
    if (!bkey_connection_is_customer(&sync->connection))
        return;
    if (is_one_of(err.reason, no_relation))
        text = "The partner's sign-in has no way into this customer: the customer must accept the "
               "partner's delegated admin relationship and the app needs consent there.";
    else if (is_one_of(err.reason, no_role))
        text = "The partner's delegated admin relationship with this customer lacks a role or "
               "permission that reads BitLocker keys, such as Security Reader with the app's "
               "BitlockerKey.Read.All: an administrator of the partner must add it.";
    if (text == NULL)
        return;
    memcpy(said, sync->detail, sizeof said);
    const char *mark = strstr(said, "(Microsoft says ");
    (void)snprintf(sync->detail, sizeof sync->detail, "%s%s%s", text, mark != NULL ? " " : "",
                   mark != NULL ? mark : "");
}
