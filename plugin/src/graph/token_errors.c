/* SPDX-License-Identifier: Apache-2.0
 *
 * What the identity platform's refusals mean, by AADSTS number, else by suberror, word and status.
 * Sources disagree on the words, so the number goes first. See token.h. */
#include <string.h>

#include "base/jsonscan.h"
#include "graph/token.h"
#include "graph/token_errors.h"

typedef struct code_class {
    uint32_t code;
    uint32_t reason;
} code_class;

/* Sorted by nothing but kind; it is read once per refusal. */
static const code_class known_codes[] = {
    /* the user must sign in again */
    {16000, BKEY_E_SIGN_IN},
    {50034, BKEY_E_SIGN_IN},
    {50053, BKEY_E_SIGN_IN},
    {50055, BKEY_E_SIGN_IN},
    {50057, BKEY_E_SIGN_IN},
    {50058, BKEY_E_SIGN_IN},
    {50072, BKEY_E_SIGN_IN},
    {50074, BKEY_E_SIGN_IN},
    {50076, BKEY_E_SIGN_IN},
    {50078, BKEY_E_SIGN_IN},
    {50079, BKEY_E_SIGN_IN},
    {50089, BKEY_E_SIGN_IN},
    {50126, BKEY_E_SIGN_IN},
    {50132, BKEY_E_SIGN_IN},
    {50133, BKEY_E_SIGN_IN},
    {50158, BKEY_E_SIGN_IN},
    {50173, BKEY_E_SIGN_IN},
    {50199, BKEY_E_SIGN_IN},
    {54005, BKEY_E_SIGN_IN},
    {70000, BKEY_E_SIGN_IN},
    {70008, BKEY_E_SIGN_IN},
    {70043, BKEY_E_SIGN_IN},
    {700082, BKEY_E_SIGN_IN},
    {700084, BKEY_E_SIGN_IN},
    /* an administrator must consent */
    {65001, BKEY_E_CONSENT},
    {65004, BKEY_E_CONSENT},
    {90094, BKEY_E_CONSENT},
    {90095, BKEY_E_CONSENT},
    {90099, BKEY_E_CONSENT},
    /* a policy of the tenant refuses */
    {50097, BKEY_E_POLICY},
    {50131, BKEY_E_POLICY},
    {53000, BKEY_E_POLICY},
    {53001, BKEY_E_POLICY},
    {53003, BKEY_E_POLICY},
    {500021, BKEY_E_POLICY},
    {500022, BKEY_E_POLICY},
    {500212, BKEY_E_POLICY},
    {500213, BKEY_E_POLICY},
    {530032, BKEY_E_POLICY},
    {530034, BKEY_E_POLICY},
    /* the app's own credential */
    {50012, BKEY_E_APP_CREDENTIAL},
    {50013, BKEY_E_APP_CREDENTIAL},
    {700025, BKEY_E_APP_CREDENTIAL},
    {700027, BKEY_E_APP_CREDENTIAL},
    {700030, BKEY_E_APP_CREDENTIAL},
    {7000215, BKEY_E_APP_CREDENTIAL},
    {7000218, BKEY_E_APP_CREDENTIAL},
    {7000222, BKEY_E_APP_CREDENTIAL},
    /* tenant, app or address */
    {50001, BKEY_E_TENANT},
    {50011, BKEY_E_TENANT},
    {50020, BKEY_E_TENANT},
    {50059, BKEY_E_TENANT},
    {50105, BKEY_E_TENANT},
    {50177, BKEY_E_TENANT},
    {50194, BKEY_E_TENANT},
    {500011, BKEY_E_TENANT},
    {5000224, BKEY_E_TENANT},
    {650051, BKEY_E_TENANT},
    {650052, BKEY_E_TENANT},
    {650056, BKEY_E_TENANT},
    {650057, BKEY_E_TENANT},
    {70001, BKEY_E_TENANT},
    {7000112, BKEY_E_TENANT},
    {70011, BKEY_E_TENANT},
    {700005, BKEY_E_TENANT},
    {700016, BKEY_E_TENANT},
    {700022, BKEY_E_TENANT},
    {90002, BKEY_E_TENANT},
    {90013, BKEY_E_TENANT},
    {90014, BKEY_E_TENANT},
    {90019, BKEY_E_TENANT},
    {90038, BKEY_E_TENANT},
    {90072, BKEY_E_TENANT},
    {90133, BKEY_E_TENANT},
    {900023, BKEY_E_TENANT},
    {900144, BKEY_E_TENANT},
    {9001023, BKEY_E_TENANT},
    {9002313, BKEY_E_TENANT},
    /* passing trouble */
    {50000, BKEY_E_REMOTE_FAULT},
    {50196, BKEY_E_THROTTLED},
    {90006, BKEY_E_REMOTE_FAULT},
    {90012, BKEY_E_REMOTE_FAULT},
    {90024, BKEY_E_REMOTE_FAULT},
    {90033, BKEY_E_REMOTE_FAULT},
    {90055, BKEY_E_THROTTLED},
    {90090, BKEY_E_REMOTE_FAULT},
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

uint32_t bkey_token_reason(uint32_t aadsts)
{
    for (size_t i = 0; i < sizeof known_codes / sizeof known_codes[0]; i++)
        if (known_codes[i].code == aadsts)
            return known_codes[i].reason;
    return 0;
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
