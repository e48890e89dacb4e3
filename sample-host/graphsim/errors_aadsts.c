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
    {50000, 503, "temporarily_unavailable", NULL, "There was an error issuing a token."},
    {50001, 400, "invalid_resource", NULL, "The resource is disabled or unknown."},
    {50011, 400, "invalid_request", NULL,
     "The redirect address does not match one of the application."},
    {50012, 401, "invalid_client", NULL, "Authentication failed."},
    {50013, 400, "invalid_grant", NULL, "The assertion is not valid."},
    {50020, 400, "invalid_grant", NULL,
     "The user account of another identity provider does not exist in the tenant."},
    {50034, 400, "invalid_grant", NULL, "The user does not exist in the directory."},
    {50053, 400, "invalid_grant", NULL, "The account is locked."},
    {50055, 400, "invalid_grant", "user_password_expired", "The password has expired."},
    {50057, 400, "invalid_grant", NULL, "The user account is disabled."},
    {50058, 400, "interaction_required", NULL, "There is no signed-in session."},
    {50059, 400, "invalid_request", NULL, "No tenant was named in the request."},
    {50072, 400, "invalid_grant", "basic_action", "The user must enrol for multi-factor sign-in."},
    {50074, 400, "invalid_grant", "basic_action", "Strong authentication is needed."},
    {50076, 400, "invalid_grant", "basic_action", "Multi-factor sign-in needed."},
    {50078, 400, "invalid_grant", "basic_action", "The multi-factor sign-in has expired."},
    {50079, 400, "invalid_grant", "basic_action", "Multi-factor enrolment needed."},
    {50089, 400, "invalid_grant", NULL, "The flow token has expired."},
    {50097, 400, "interaction_required", NULL, "Device authentication is needed."},
    {50105, 400, "invalid_grant", NULL, "The user is not assigned to a role for the application."},
    {50126, 400, "invalid_grant", NULL, "Wrong user name or password."},
    {50131, 400, "invalid_grant", NULL, "Blocked by conditional access."},
    {50132, 400, "invalid_grant", NULL, "The session is not valid; sign in again."},
    {50133, 400, "invalid_grant", NULL, "The session is not valid because of a password change."},
    {50158, 400, "interaction_required", NULL, "An external security challenge is pending."},
    {50173, 400, "invalid_grant", NULL, "Grant revoked; sign in again."},
    {50177, 400, "invalid_grant", NULL, "The user account cannot meet an external challenge."},
    {50194, 400, "invalid_request", NULL, "The application is not configured for several tenants."},
    {50196, 400, "invalid_grant", NULL, "A request loop was found."},
    {50199, 400, "interaction_required", NULL, "The user must confirm the sign-in."},
    {500011, 400, "invalid_resource", NULL, "The resource principal was not found in the tenant."},
    {500021, 400, "invalid_request", NULL, "Tenant restrictions deny the access."},
    {500022, 400, "invalid_request", NULL, "Tenant restrictions deny the access."},
    {500212, 400, "invalid_request", NULL, "The outbound policy of the user denies the access."},
    {500213, 400, "invalid_request", NULL, "The inbound policy of the resource denies the access."},
    {5000224, 400, "invalid_request", NULL, "The resource is not available."},
    {53000, 400, "interaction_required", NULL, "The device does not comply."},
    {53001, 400, "interaction_required", NULL, "The device is not joined."},
    {53003, 400, "invalid_grant", "message_only", "Conditional access refuses the token."},
    {530032, 400, "invalid_grant", NULL, "Blocked by security policy."},
    {530034, 400, "invalid_grant", NULL, "A delegated administrator was blocked for risk."},
    {54005, 400, "invalid_grant", NULL, "The code was already redeemed."},
    {65001, 400, "invalid_grant", "consent_required", "No consent for the application."},
    {65004, 400, "access_denied", NULL, "The user declined to consent."},
    {650051, 400, "invalid_client", NULL, "The service principal could not be made."},
    {650052, 400, "invalid_resource", NULL,
     "The organization lacks a service that the application needs."},
    {650056, 400, "invalid_client", NULL, "The application is misconfigured."},
    {650057, 400, "invalid_resource", NULL, "The resource is not listed by the application."},
    {70000, 400, "invalid_grant", NULL, "The provided grant is invalid or malformed."},
    {70001, 400, "unauthorized_client", NULL, "The application was not found."},
    {70003, 400, "unsupported_grant_type", NULL, "The app requested an unsupported grant type."},
    {70008, 400, "invalid_grant", NULL, "The code or refresh token has expired."},
    {70011, 400, "invalid_scope", NULL, "The provided value for scope is not valid."},
    {70016, 400, "authorization_pending", NULL, "Device flow: the user has not finished yet."},
    {70018, 400, "bad_verification_code", NULL, "The device code is not known."},
    {70019, 400, "expired_token", NULL, "The device code is too old."},
    {70043, 400, "invalid_grant", "bad_token",
     "The refresh token expired by sign-in frequency policy."},
    {700005, 400, "invalid_grant", NULL, "The code is meant for another tenant."},
    {700016, 400, "unauthorized_client", NULL, "The application was not found in the directory."},
    {700022, 400, "invalid_request", NULL, "Scopes of more than one resource."},
    {700025, 400, "invalid_client", NULL, "A public client may not send a secret or an assertion."},
    {700027, 401, "invalid_client", NULL, "The assertion is signed with an unknown key."},
    {700030, 401, "invalid_client", NULL, "The certificate is not valid."},
    {700082, 400, "invalid_grant", NULL,
     "Refresh token unused too long; inactive for 90.00:00:00."},
    {700084, 400, "invalid_grant", NULL,
     "The refresh token of a single page application is older than a day."},
    {7000112, 400, "unauthorized_client", NULL, "The application is disabled."},
    {7000215, 401, "invalid_client", NULL, "Client secret is wrong."},
    {7000218, 401, "invalid_client", NULL, "A client secret or client assertion is needed."},
    {7000222, 401, "invalid_client", NULL, "Client secret has expired."},
    {90002, 400, "invalid_request", NULL, "Tenant not found."},
    {90006, 503, "temporarily_unavailable", NULL, "An external server answered that it is busy."},
    {90012, 503, "temporarily_unavailable", NULL, "The request timed out."},
    {90013, 400, "invalid_request", NULL, "A parameter is not valid."},
    {90014, 400, "invalid_request", NULL, "A required parameter is missing."},
    {90019, 400, "invalid_request", NULL, "The request names no tenant."},
    {90024, 503, "temporarily_unavailable", NULL, "The request budget is spent."},
    {90033, 503, "temporarily_unavailable", NULL, "A transient error has occurred."},
    {90038, 400, "invalid_request", NULL, "The tenant belongs to another national cloud."},
    {90055, 429, "temporarily_unavailable", NULL, "The tenant is throttled."},
    {90072, 400, "invalid_grant", NULL,
     "The account must be added to the tenant as a guest first."},
    {90090, 500, "server_error", NULL, "The service failed while it processed the request."},
    {90094, 400, "access_denied", NULL, "An administrator must consent."},
    {90095, 400, "access_denied", NULL, "An administrator must consent; a request can be sent."},
    {90099, 400, "invalid_grant", NULL,
     "The application is not authorised in the customer tenant."},
    {90119, 400, "invalid_request", NULL, "The user code is empty."},
    {90120, 400, "authorization_declined", NULL, "The device code was declined or already used."},
    {90133, 400, "invalid_request", NULL,
     "Device code is not supported over /common or /consumers."},
    {900023, 400, "invalid_request", NULL, "The tenant identifier is neither a name nor an id."},
    {900144, 400, "invalid_request", NULL, "A required field is missing in the body."},
    {9001023, 400, "invalid_request", NULL,
     "The grant type is not supported over /common or /consumers."},
    {9002313, 400, "invalid_request", NULL, "The request is malformed."},
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
                      "\"correlation_id\":\"%s\",\"error_uri\":\"https://%s/error?code=%d\"",
                      number, when, trace, correlation, world->cloud.login, number);
    if (table[i].suberror != NULL)
        sup_buffer_printf(out, ",\"suberror\":\"%s\"", table[i].suberror);
    /* Each kind of missing second factor can be met by an interactive request. */
    if (number == 50072 || number == 50074 || number == 50076 || number == 50079)
        sup_buffer_add_str(out, ",\"claims\":\"{\\\"access_token\\\":{\\\"capolids\\\":{"
                                "\\\"essential\\\":true,\\\"values\\\":[\\\"3d4c2f37-3e25-406c-"
                                "877f-f1dc4ccd422f\\\"]}}}\"");
    sup_buffer_add_str(out, "}");
}
