/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets and assertions. Must not know what a grant is. */
#define _GNU_SOURCE
#include "credential.h"

#include "assertion.h"
#include "errors.h"
#include "json.h"
#include "support/iso8601.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static bool refuse(sim_call *call, int number, const char *detail)
{
    sim_errors_aadsts(call->world, call->response, number, detail);
    return false;
}

/* The secret of "Basic base64(id:secret)", where both are percent-encoded. */
static bool read_basic(const sim_call *call, char *out, size_t size)
{
    const char *header = call->request->authorization;
    char plain[512];
    size_t len = 0;
    sim_params decoded;
    if (header == NULL || strncmp(header, "Basic ", 6) != 0 ||
        sodium_base642bin((unsigned char *)plain, sizeof plain - 1, header + 6, strlen(header + 6),
                          NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    plain[len] = '\0';
    const char *colon = strchr(plain, ':');
    if (colon == NULL || !sim_params_parse(colon + 1, strlen(colon + 1), &decoded))
        return false;
    (void)snprintf(out, size, "%s", decoded.count > 0 ? decoded.names[0] : "");
    sim_params_done(&decoded);
    return true;
}

static bool check_secret(sim_call *call, const sim_tenant *owner, const char *secret)
{
    char text[160];
    int64_t ends;
    const char *expiry = sim_json_text(owner->facts, "clientSecretExpires", "");
    if (strcmp(secret, owner->client_secret) != 0) {
        (void)snprintf(text, sizeof text, "Client secret is wrong for app '%.64s'.",
                       owner->client_id);
        return refuse(call, 7000215, text);
    }
    if (sup_iso8601_parse(expiry, strlen(expiry), &ends) && ends <= sim_world_now(call->world))
        return refuse(call, 7000222, NULL);
    return true;
}

bool sim_credential_check(sim_call *call, const sim_params *form, const sim_tenant *owner,
                          sim_credential *out)
{
    char basic[256];
    char problem[256];
    const json_t *is_public = json_object_get(owner->facts, "publicClient");
    const char *assertion = sim_params_get(form, "client_assertion");
    const char *secret = sim_params_get(form, "client_secret");
    if (secret == NULL && assertion == NULL && read_basic(call, basic, sizeof basic))
        secret = basic;
    *out = assertion != NULL ? SIM_CREDENTIAL_CERTIFICATE
           : secret != NULL  ? SIM_CREDENTIAL_SECRET
                             : SIM_CREDENTIAL_NONE;
    if (*out == SIM_CREDENTIAL_NONE)
        return !json_is_false(is_public) || refuse(call, 7000218, NULL);
    if (json_is_true(is_public))
        return refuse(call, 700025, NULL);
    if (assertion == NULL)
        return check_secret(call, owner, secret);
    const char *type = sim_params_get(form, "client_assertion_type");
    if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0)
        return refuse(call, 900144, "The required field 'client_assertion_type' is missing.");
    int number = sim_assertion_check(call, owner, assertion, problem);
    return number == 0 || refuse(call, number, problem);
}
