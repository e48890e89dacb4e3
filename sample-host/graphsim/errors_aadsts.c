/* SPDX-License-Identifier: Apache-2.0
 *
 * The login host's numbered errors (declared in errors.h). Must not decide when one is due. */
#include "errors.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int number;
    int status;
    const char *error;
    const char *suberror;
    const char *text;
} table[] = {
    {16000, 400, "interaction_required", NULL, "Interaction is needed to pick an account."},
    {50034, 400, "invalid_grant", NULL, "The user does not exist in the directory."},
    {50053, 400, "invalid_grant", NULL, "The account is locked."},
    {50057, 400, "invalid_grant", NULL, "The user account is disabled."},
    {50076, 400, "invalid_grant", "basic_action", "Multi-factor sign-in needed."},
    {50079, 400, "invalid_grant", "basic_action", "Multi-factor enrolment needed."},
    {50173, 400, "invalid_grant", NULL, "Grant revoked; sign in again."},
    {500011, 400, "invalid_resource", NULL, "The resource principal was not found in the tenant."},
    {53003, 400, "invalid_grant", "message_only", "Conditional access refuses the token."},
    {65001, 400, "invalid_grant", "consent_required", "No consent for the application."},
    {70000, 400, "invalid_grant", NULL, "The provided grant is invalid or malformed."},
    {70003, 400, "unsupported_grant_type", NULL, "The app requested an unsupported grant type."},
    {70008, 400, "invalid_grant", NULL, "The refresh token has expired or was revoked."},
    {70011, 400, "invalid_scope", NULL, "The provided value for scope is not valid."},
    {70043, 400, "invalid_grant", NULL, "The refresh token expired by sign-in frequency policy."},
    {700016, 400, "unauthorized_client", NULL, "The application was not found in the directory."},
    {700082, 400, "invalid_grant", NULL,
     "Refresh token unused too long; inactive for 90.00:00:00."},
    {7000215, 401, "invalid_client", NULL, "Client secret is wrong."},
    {7000218, 401, "invalid_client", NULL, "A client secret or client assertion is needed."},
    {7000222, 401, "invalid_client", NULL, "Client secret has expired."},
    {90002, 400, "invalid_request", NULL, "Tenant not found."},
    {90014, 400, "invalid_request", NULL, "A required parameter is missing."},
    {90033, 503, "temporarily_unavailable", NULL, "A transient error has occurred."},
    {9001023, 400, "invalid_request", NULL,
     "The grant type is not supported over /common or /consumers."},
    {0, 400, "invalid_request", NULL, "The request failed."},
};

static void write_description(sup_buffer *out, int number, const char *text, const char *trailer)
{
    sup_buffer description;
    sup_buffer_init(&description, 4096);
    sup_buffer_printf(&description, "AADSTS%d: %s%s", number, text, trailer);
    sim_json_string(out, sup_buffer_text(&description));
    sup_buffer_done(&description);
}

void sim_errors_aadsts(sim_world *world, sim_response *response, int number, const char *detail)
{
    size_t i = 0;
    while (table[i].number != number && table[i].number != 0)
        i++;
    char trace[SUP_GUID_TEXT_LEN + 1];
    char correlation[SUP_GUID_TEXT_LEN + 1];
    char when[22];
    char trailer[192];
    sim_world_new_id(world, trace);
    sim_world_new_id(world, correlation);
    sim_clock_format(sim_world_now(world), when);
    when[10] = ' ';
    (void)snprintf(trailer, sizeof trailer,
                   "\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %sZ", trace, correlation,
                   when);
    sim_http_restart(response);
    response->status = table[i].status;
    sup_buffer *out = &response->body;
    sup_buffer_printf(out, "{\"error\":\"%s\",\"error_description\":", table[i].error);
    write_description(out, number, detail != NULL ? detail : table[i].text, trailer);
    sup_buffer_printf(out,
                      ",\"error_codes\":[%d],\"timestamp\":\"%sZ\",\"trace_id\":\"%s\","
                      "\"correlation_id\":\"%s\",\"error_uri\":\"https://"
                      "login.microsoftonline.com/error?code=%d\"",
                      number, when, trace, correlation, number);
    if (table[i].suberror != NULL)
        sup_buffer_printf(out, ",\"suberror\":\"%s\"", table[i].suberror);
    if (number == 50076)
        sup_buffer_add_str(out, ",\"claims\":\"{\\\"access_token\\\":{\\\"capolids\\\":{"
                                "\\\"essential\\\":true,\\\"values\\\":[\\\"3d4c2f37-3e25-406c-"
                                "877f-f1dc4ccd422f\\\"]}}}\"");
    sup_buffer_add_str(out, "}");
}
