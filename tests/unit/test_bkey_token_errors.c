/* SPDX-License-Identifier: Apache-2.0
 *
 * Every AADSTS number that is worth handling: its class, and a sentence for whoever reads it. */
/* LINK: plugin/src/graph/token_errors.c plugin/src/base/jsonscan*.c plugin/src/base/error.c
 * host-sdk/support/hex.c host-sdk/support/utf8.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/graph/token.h"
#include "plugin/src/graph/token_errors.h"

typedef struct class_row {
    const char *name;
    uint32_t reasons[2]; /* either is right */
    uint32_t codes[40];
} class_row;

/* The classes of the platform's own list of codes. */
static const class_row classes[] = {
    {"sign in again",
     {BKEY_E_SIGN_IN, BKEY_E_SIGN_IN},
     {16000, 50034, 50053, 50055, 50057, 50072, 50074, 50076, 50079, 50078,  50089, 50126,
      50158, 50132, 50133, 50173, 50199, 54005, 70000, 70008, 70043, 700082, 700084}},
    {"tenant or configuration",
     {BKEY_E_TENANT, BKEY_E_TENANT},
     {50001, 50011, 50020, 50105,  50177,   50194, 5000224, 70001, 7000112, 70011, 700022, 700005,
      90002, 90013, 90014, 900144, 9002313, 90019, 900023,  90038, 90072,   90133, 9001023}},
    {"the app's credential",
     {BKEY_E_APP_CREDENTIAL, BKEY_E_APP_CREDENTIAL},
     {50012, 50013, 700025, 700030, 7000215, 7000218, 7000222}},
    {"no session, or no tenant", {BKEY_E_SIGN_IN, BKEY_E_TENANT}, {50058, 50059}},
    {"policy",
     {BKEY_E_POLICY, BKEY_E_POLICY},
     {50131, 500021, 500022, 500212, 500213, 50097, 53000, 53001, 53003, 530032, 530034}},
    {"passing",
     {BKEY_E_REMOTE_FAULT, BKEY_E_THROTTLED},
     {50196, 50000, 90006, 90012, 90024, 90033, 90090, 90055}},
    {"nothing there, or no consent", {BKEY_E_TENANT, BKEY_E_CONSENT}, {500011, 700016}},
    {"consent", {BKEY_E_CONSENT, BKEY_E_CONSENT}, {65001, 65004, 90094, 90095, 90099}},
    {"the app in the tenant", {BKEY_E_TENANT, BKEY_E_CONSENT}, {650051, 650052, 650056, 650057}},
    {"device code", {BKEY_E_SIGN_IN, BKEY_E_SIGN_IN}, {70016, 70018, 70019, 90119, 90120}},
    {"a certificate that is new", {BKEY_E_APP_CREDENTIAL, BKEY_E_APP_CREDENTIAL}, {700027}},
};

#define CLASS_COUNT (sizeof classes / sizeof classes[0])

static uint32_t reason_of(const char *body)
{
    const bkey_bytes bytes = {(const uint8_t *)body, strlen(body)};
    return bkey_token_errors_classify(400, bytes).reason;
}

/* Whatever word comes with it: the words are the part that is not certain. */
Test(token_errors, every_known_code_has_its_class)
{
    unsigned count = 0;
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        for (size_t k = 0; k < 40 && classes[i].codes[k] != 0; k++) {
            const uint32_t code = classes[i].codes[k];
            const uint32_t reason = bkey_token_reason(code);
            char body[200];
            cr_expect(reason == classes[i].reasons[0] || reason == classes[i].reasons[1], "%s: %u",
                      classes[i].name, code);
            (void)snprintf(body, sizeof body, "{\"error\":\"some_word\",\"error_codes\":[%u]}",
                           code);
            cr_expect_eq(reason_of(body), reason, "%u", code);
            (void)snprintf(body, sizeof body,
                           "{\"error\":\"x\",\"error_description\":\"AADSTS%u: y\"}", code);
            cr_expect_eq(reason_of(body), reason, "%u", code);
            count++;
        }
    }
    cr_expect_eq(count, 91);
}

static bool is_sentence(const char *text)
{
    const size_t len = strlen(text);
    return len > 20 && text[0] >= 'A' && text[0] <= 'Z' && text[len - 1] == '.';
}

/* What happened, who can fix it, how: short enough for a host's line. */
Test(token_errors, every_known_code_says_what_happened_and_who_can_fix_it)
{
    static const char *const actors[] = {"administrator", "onnect", "owner",
                                         "Nobody",        "Check",  "Whoever"};
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        for (size_t k = 0; k < 40 && classes[i].codes[k] != 0; k++) {
            const bkey_token_meaning *meaning = bkey_token_explain(classes[i].codes[k]);
            bool has_actor = false;
            cr_assert_not_null(meaning, "%u", classes[i].codes[k]);
            cr_expect(is_sentence(meaning->happened), "%s", meaning->happened);
            cr_expect(is_sentence(meaning->fix), "%s", meaning->fix);
            cr_expect_lt(strlen(meaning->happened) + strlen(meaning->fix), 260u, "%s",
                         meaning->happened);
            for (size_t a = 0; a < sizeof actors / sizeof actors[0]; a++)
                has_actor = has_actor || strstr(meaning->fix, actors[a]) != NULL;
            cr_expect(has_actor, "%s", meaning->fix);
        }
    }
}

/* Different troubles read differently, though their class is the same. */
Test(token_errors, what_a_person_must_do_differently_is_said_differently)
{
    static const uint32_t pairs[][2] = {{50076, 50173}, {50055, 50057},    {7000215, 7000222},
                                        {90002, 90038}, {53003, 53000},    {65001, 90099},
                                        {50020, 90002}, {700027, 7000215}, {50105, 50011},
                                        {70016, 70019}, {50196, 90033}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const bkey_token_meaning *one = bkey_token_explain(pairs[i][0]);
        const bkey_token_meaning *other = bkey_token_explain(pairs[i][1]);
        cr_expect_str_neq(one->happened, other->happened);
    }
}

Test(token_errors, a_code_that_nobody_knows_has_no_meaning)
{
    cr_expect_null(bkey_token_explain(0));
    cr_expect_null(bkey_token_explain(1234567));
    cr_expect_eq(bkey_token_reason(1234567), 0);
}
