/* SPDX-License-Identifier: Apache-2.0
 *
 * What the identity platform's refusals mean, by AADSTS number, else by suberror, word and status.
 * Sources disagree on the words, so the number goes first. See token.h. */
#include <string.h>

#include "base/jsonscan.h"
#include "graph/token.h"
#include "graph/token_errors.h"

#define AGAIN "An administrator of this host must connect the tenant again."

/* What happened, by kinds of codes. */
typedef enum kind {
    PICK,
    NO_USER,
    LOCKED,
    PASSWORD,
    DISABLED,
    MFA,
    REVOKED,
    EXPIRED,
    USED,
    CONSENT,
    DECLINED,
    PARTNER_CONSENT,
    CONDITIONAL,
    DEVICE,
    CROSS_TENANT,
    RISK,
    ASSERTION,
    PUBLIC,
    CERTIFICATE,
    SECRET,
    NO_SECRET,
    SECRET_ENDED,
    NO_TENANT,
    CLOUD,
    STRANGER,
    NOT_ASSIGNED,
    NO_APP,
    REDIRECT,
    RESOURCE,
    REQUEST,
    COMMON,
    SERVICE,
    SLOW,
    CODE_PENDING,
    CODE_ENDED,
    CODE_DONE,
    KIND_COUNT
} kind;

static const bkey_token_meaning meanings[KIND_COUNT] = {
    [PICK] = {BKEY_E_SIGN_IN, "Microsoft wants a person at its sign-in page.", AGAIN},
    [NO_USER] =
        {BKEY_E_SIGN_IN, "The account that signed in does not exist in the tenant any more.",
         "An administrator of this host must connect the tenant again with another account."},
    [LOCKED] = {BKEY_E_SIGN_IN,
                "The account that signed in is locked, or this host's address is blocked.",
                "A Microsoft administrator must unlock it; then connect again."},
    [PASSWORD] = {BKEY_E_SIGN_IN,
                  "The password of the account that signed in has expired or is wrong.",
                  "The account's owner must set a new one; then connect again."},
    [DISABLED] = {BKEY_E_SIGN_IN, "The account that signed in is disabled.",
                  "A Microsoft administrator must enable it, or connect with another account."},
    [MFA] = {BKEY_E_SIGN_IN, "Microsoft asks the account for a second factor.",
             "An administrator of this host must connect again and complete it."},
    [REVOKED] = {BKEY_E_SIGN_IN, "The sign-in was revoked, for example by a new password.", AGAIN},
    [EXPIRED] = {BKEY_E_SIGN_IN, "The sign-in has expired.", AGAIN},
    [USED] = {BKEY_E_SIGN_IN, "The sign-in's code was used already.", AGAIN},
    [CONSENT] = {BKEY_E_CONSENT, "The app has no consent in this tenant.",
                 "A Microsoft administrator of the tenant must grant it."},
    [DECLINED] = {BKEY_E_CONSENT, "Consent to the app was declined.",
                  "A Microsoft administrator of the tenant must grant it."},
    [PARTNER_CONSENT] =
        {BKEY_E_CONSENT, "The partner's app is not authorised in this customer's tenant.",
         "An administrator of the partner must add the app's consent for this customer."},
    [CONDITIONAL] =
        {BKEY_E_POLICY, "A conditional access policy of the tenant blocks this sign-in.",
         "A Microsoft administrator of the tenant must allow it for this account and app."},
    [DEVICE] = {BKEY_E_POLICY,
                "A policy of the tenant wants sign-ins from registered or compliant devices only.",
                "A Microsoft administrator of the tenant must except this account."},
    [CROSS_TENANT] = {BKEY_E_POLICY,
                      "Tenant restrictions or the cross-tenant access policy block this sign-in.",
                      "A Microsoft administrator of either tenant must allow it."},
    [RISK] = {BKEY_E_POLICY,
              "A security policy blocks this sign-in as risky; partners' accounts too.",
              "A Microsoft administrator must look at the sign-in's risk and release it."},
    [ASSERTION] = {BKEY_E_APP_CREDENTIAL, "The app's proof of identity was not accepted.",
                   "A Microsoft administrator must check the app's certificate or secret; then "
                   "connect again."},
    [PUBLIC] =
        {BKEY_E_APP_CREDENTIAL,
         "The app is registered as a public client and must not send a secret.",
         "A Microsoft administrator must make it a confidential one, or connect without a secret."},
    [CERTIFICATE] =
        {BKEY_E_APP_CREDENTIAL, "The app's certificate is not known to Microsoft or not valid.",
         "A Microsoft administrator must upload it; a new one works after some minutes."},
    [SECRET] = {BKEY_E_APP_CREDENTIAL, "The app's secret is wrong.",
                "Connect again with the secret's value, not its id; a Microsoft administrator can "
                "make a new one."},
    [NO_SECRET] =
        {BKEY_E_APP_CREDENTIAL, "The app has to send a secret or certificate and did not.",
         "Connect again with one, or a Microsoft administrator allows public client flows."},
    [SECRET_ENDED] = {BKEY_E_APP_CREDENTIAL, "The app's secret has expired.",
                      "A Microsoft administrator must make a new one; then connect again with it."},
    [NO_TENANT] = {BKEY_E_TENANT, "Microsoft does not know this tenant, or it was deleted.",
                   "Check the tenant's id and connect again."},
    [CLOUD] = {BKEY_E_TENANT, "The tenant lives in another of Microsoft's clouds.",
               "Connect again and name its cloud."},
    [STRANGER] = {BKEY_E_TENANT,
                  "The account is not at home in this tenant: it is a guest, its GDAP relationship "
                  "has ended, or it is in none of its groups.",
                  "An administrator of the partner must look at the customer's GDAP relationship "
                  "and groups."},
    [NOT_ASSIGNED] = {BKEY_E_TENANT, "The account is not assigned to the app, which wants that.",
                      "A Microsoft administrator must assign it."},
    [NO_APP] = {BKEY_E_TENANT, "Microsoft does not know this app in the tenant, or it is disabled.",
                "Check the client id; a Microsoft administrator of the tenant must consent to or "
                "enable the app."},
    [REDIRECT] = {BKEY_E_TENANT, "The address to come back to is not registered for the app.",
                  "A Microsoft administrator must add it to the app registration."},
    [RESOURCE] = {BKEY_E_TENANT,
                  "What the app asks for is not set up or is disabled in this tenant.",
                  "A Microsoft administrator must check the app registration and the tenant's "
                  "subscriptions."},
    [REQUEST] = {BKEY_E_TENANT, "Microsoft refused the request as malformed.",
                 "Check the addresses of this connection; if they are right, report it to the "
                 "plugin's makers."},
    [COMMON] = {BKEY_E_TENANT, "The app may sign in at its own tenant only.",
                "Connect again with that tenant's id, or a Microsoft administrator makes the app "
                "multi-tenant."},
    [SERVICE] = {BKEY_E_REMOTE_FAULT, "Microsoft's sign-in service has passing trouble.",
                 "Nobody has to do anything; the next sync tries again."},
    [SLOW] = {BKEY_E_THROTTLED, "Microsoft's sign-in service asks to slow down.",
              "Nobody has to do anything; the next sync tries again."},
    [CODE_PENDING] = {BKEY_E_SIGN_IN,
                      "Nobody has entered the code at Microsoft's sign-in page yet.",
                      "Whoever connects must enter it there."},
    [CODE_ENDED] = {BKEY_E_SIGN_IN, "The code for Microsoft's sign-in page is not valid any more.",
                    "Whoever connects must begin again."},
    [CODE_DONE] = {BKEY_E_SIGN_IN,
                   "The code was answered at Microsoft's sign-in page already, or declined.",
                   "Whoever connects must begin again."},
};

typedef struct code_kind {
    uint32_t code;
    kind kind;
} code_kind;

/* It is read once per refusal: sorted by nothing but kind. */
static const code_kind known_codes[] = {
    {16000, PICK},
    {50058, PICK},
    {50089, PICK},
    {50158, PICK},
    {50199, PICK},
    {50034, NO_USER},
    {50053, LOCKED},
    {50055, PASSWORD},
    {50126, PASSWORD},
    {50057, DISABLED},
    {50072, MFA},
    {50074, MFA},
    {50076, MFA},
    {50078, MFA},
    {50079, MFA},
    {50132, REVOKED},
    {50133, REVOKED},
    {50173, REVOKED},
    {70000, EXPIRED},
    {70008, EXPIRED},
    {70043, EXPIRED},
    {700082, EXPIRED},
    {700084, EXPIRED},
    {54005, USED},
    {65001, CONSENT},
    {90094, CONSENT},
    {90095, CONSENT},
    {65004, DECLINED},
    {90099, PARTNER_CONSENT},
    {50131, CONDITIONAL},
    {53003, CONDITIONAL},
    {50097, DEVICE},
    {53000, DEVICE},
    {53001, DEVICE},
    {500021, CROSS_TENANT},
    {500022, CROSS_TENANT},
    {500212, CROSS_TENANT},
    {500213, CROSS_TENANT},
    {530032, RISK},
    {530034, RISK},
    {50012, ASSERTION},
    {50013, ASSERTION},
    {700025, PUBLIC},
    {700027, CERTIFICATE},
    {700030, CERTIFICATE},
    {7000215, SECRET},
    {7000218, NO_SECRET},
    {7000222, SECRET_ENDED},
    {90002, NO_TENANT},
    {90019, NO_TENANT},
    {900023, NO_TENANT},
    {5000224, NO_TENANT},
    {90038, CLOUD},
    {50020, STRANGER},
    {50177, STRANGER},
    {90072, STRANGER},
    {50105, NOT_ASSIGNED},
    {70001, NO_APP},
    {7000112, NO_APP},
    {700016, NO_APP},
    {50011, REDIRECT},
    {50001, RESOURCE},
    {500011, RESOURCE},
    {650051, RESOURCE},
    {650052, RESOURCE},
    {650056, RESOURCE},
    {650057, RESOURCE},
    {50059, REQUEST},
    {70011, REQUEST},
    {700022, REQUEST},
    {90013, REQUEST},
    {90014, REQUEST},
    {900144, REQUEST},
    {9002313, REQUEST},
    {700005, REQUEST},
    {50194, COMMON},
    {90133, COMMON},
    {9001023, COMMON},
    {50000, SERVICE},
    {90006, SERVICE},
    {90012, SERVICE},
    {90024, SERVICE},
    {90033, SERVICE},
    {90090, SERVICE},
    {50196, SLOW},
    {90055, SLOW},
    {70016, CODE_PENDING},
    {70018, CODE_ENDED},
    {70019, CODE_ENDED},
    {70020, CODE_ENDED},
    {90119, CODE_DONE},
    {90120, CODE_DONE},
};

typedef struct word_class {
    const char *word;
    uint32_t reason;
} word_class;

static const word_class known_suberrors[] = {
    {"consent_required", BKEY_E_CONSENT},
    {"basic_action", BKEY_E_SIGN_IN},
    {"additional_action", BKEY_E_SIGN_IN},
    {"user_password_expired", BKEY_E_SIGN_IN},
    {"bad_token", BKEY_E_SIGN_IN},
    {"token_expired", BKEY_E_SIGN_IN},
    {"device_authentication_failed", BKEY_E_POLICY},
    {"protection_policy_required", BKEY_E_POLICY},
    {"client_mismatch", BKEY_E_TENANT},
};

static const word_class known_words[] = {
    {"invalid_grant", BKEY_E_SIGN_IN},         {"interaction_required", BKEY_E_SIGN_IN},
    {"login_required", BKEY_E_SIGN_IN},        {"expired_token", BKEY_E_SIGN_IN},
    {"consent_required", BKEY_E_CONSENT},      {"access_denied", BKEY_E_CONSENT},
    {"invalid_client", BKEY_E_APP_CREDENTIAL}, {"unauthorized_client", BKEY_E_TENANT},
    {"invalid_request", BKEY_E_TENANT},        {"invalid_resource", BKEY_E_TENANT},
    {"invalid_scope", BKEY_E_TENANT},          {"invalid_tenant", BKEY_E_TENANT},
    {"unsupported_grant_type", BKEY_E_TENANT}, {"temporarily_unavailable", BKEY_E_REMOTE_FAULT},
    {"server_error", BKEY_E_REMOTE_FAULT},     {"slow_down", BKEY_E_THROTTLED},
};

const bkey_token_meaning *bkey_token_explain(uint32_t aadsts)
{
    for (size_t i = 0; i < sizeof known_codes / sizeof known_codes[0]; i++)
        if (known_codes[i].code == aadsts)
            return &meanings[known_codes[i].kind];
    return NULL;
}

uint32_t bkey_token_reason(uint32_t aadsts)
{
    const bkey_token_meaning *meaning = bkey_token_explain(aadsts);
    return meaning != NULL ? meaning->reason : 0;
}

static uint32_t find_word(const bkey_jsonscan_value *top, const char *member,
                          const word_class *words, size_t count)
{
    bkey_jsonscan_value value;
    if (!bkey_jsonscan_member(top, member, &value))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (bkey_jsonscan_equals(&value, words[i].word))
            return words[i].reason;
    return 0;
}

/* The first number after "AADSTS" in the description, which needs no unescaping for that. */
static uint32_t code_in_text(const bkey_jsonscan_value *text)
{
    static const char mark[] = "AADSTS";
    size_t mark_len = sizeof mark - 1;
    for (size_t at = 0; at + mark_len < text->len; at++) {
        if (memcmp(text->ptr + at, mark, mark_len) != 0)
            continue;
        uint32_t code = 0;
        for (at += mark_len; at < text->len && text->ptr[at] >= '0' && text->ptr[at] <= '9'; at++)
            code = code < 100000000u ? code * 10 + (uint32_t)(text->ptr[at] - '0') : code;
        return code;
    }
    return 0;
}

static uint32_t code_of(const bkey_jsonscan_value *top)
{
    bkey_jsonscan_value value;
    bkey_jsonscan_value element;
    size_t position = 0;
    uint32_t first = 0;
    if (bkey_jsonscan_member(top, "error_codes", &value)) {
        while (bkey_jsonscan_next(&value, &position, &element)) {
            int64_t code = 0;
            if (!bkey_jsonscan_int(&element, &code) || code <= 0 || code > UINT32_MAX)
                continue;
            /* Several may be given: the first that says something. */
            if (bkey_token_reason((uint32_t)code) != 0)
                return (uint32_t)code;
            first = first == 0 ? (uint32_t)code : first;
        }
    }
    if (first == 0 && bkey_jsonscan_member(top, "error_description", &value))
        first = code_in_text(&value);
    return first;
}

uint32_t bkey_token_aadsts(bkey_bytes body)
{
    bkey_jsonscan_value top;
    return bkey_jsonscan_parse(body.ptr, body.len, &top) ? code_of(&top) : 0;
}

static uint32_t by_body(bkey_bytes body)
{
    bkey_jsonscan_value top;
    if (!bkey_jsonscan_parse(body.ptr, body.len, &top))
        return 0;
    uint32_t reason = bkey_token_reason(code_of(&top));
    if (reason == 0)
        reason = find_word(&top, "suberror", known_suberrors,
                           sizeof known_suberrors / sizeof known_suberrors[0]);
    if (reason == 0)
        reason = find_word(&top, "error", known_words, sizeof known_words / sizeof known_words[0]);
    return reason;
}

bkey_err bkey_token_errors_classify(int32_t status, bkey_bytes body)
{
    if (status == 429)
        return bkey_fail(BKEY_E_THROTTLED);
    uint32_t reason = by_body(body);
    if (reason != 0)
        return bkey_fail(reason);
    return bkey_fail(status >= 500 && status <= 599 ? BKEY_E_REMOTE_FAULT : BKEY_E_STATUS);
}
