/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims challenges, as captured in facts about Microsoft's libraries. */
/* LINK: plugin/src/graph/challenge.c plugin/src/base/jsonscan*.c host-sdk/support/?*.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <string.h>

#include "graph/challenge.h"

#define CLAIMS                                                                                     \
    "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTc5MDAwMDAwMCJ9fX0="

static bool find(const char *line, char out[BKEY_CHALLENGE_SIZE])
{
    return bkey_challenge_find(line, strlen(line), out);
}

/* S1.24 */
Test(challenge, is_found_wherever_it_stands_in_the_line)
{
    static const char *const lines[] = {
        "Bearer realm=\"\", authorization_uri=\"https://l/a\", error=\"insufficient_claims\", "
        "claims=\"" CLAIMS "\"",
        "PoP realm=\"\", nonce=\"a, error=x\", Bearer claims=\"" CLAIMS
        "\", error=\"insufficient_claims\"",
        "Bearer authorization_uri=https://l/a, ERROR=insufficient_claims, claims=\"" CLAIMS "\"",
        "Bearer error_description=\"error=\", error=\"insufficient_claims\",claims=\"" CLAIMS "\""};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char out[BKEY_CHALLENGE_SIZE];
        cr_assert(find(lines[i], out), "%s", lines[i]);
        cr_assert_str_eq(out, CLAIMS, "%s", lines[i]);
    }
}

Test(challenge, other_refusals_are_none)
{
    char out[BKEY_CHALLENGE_SIZE];
    char line[3 * BKEY_CHALLENGE_SIZE] = "Bearer error=\"insufficient_claims\", claims=\"";
    cr_assert_not(find("Bearer realm=\"\"", out));
    cr_assert_not(find("Bearer error=\"invalid_token\", claims=\"" CLAIMS "\"", out));
    cr_assert_not(find("Bearer error=\"insufficient_claims\"", out));
    cr_assert_not(find("Bearer error=\"insufficient_claims\", claims=\"\"", out));
    memset(line + strlen(line), 'A', BKEY_CHALLENGE_SIZE);
    cr_assert_not(find(line, out), "longer than is kept");
}

Test(challenge, claims_are_asked_for_beside_our_own)
{
    sup_buffer json;
    sup_buffer_init(&json, 4096);
    cr_assert(bkey_challenge_claims(CLAIMS, &json));
    cr_assert_str_eq(sup_buffer_text(&json),
                     "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]},\"nbf\":{\"essential\":"
                     "true, \"value\":\"1790000000\"}}}");
    sup_buffer_reset(&json);
    cr_assert(bkey_challenge_claims("eyJhY2Nlc3NfdG9rZW4iOnsgfX0=", &json));
    cr_assert_str_eq(sup_buffer_text(&json), BKEY_CHALLENGE_ABLE);
    sup_buffer_reset(&json);
    cr_assert_not(bkey_challenge_claims("e30=", &json), "no access_token");
    cr_assert_not(bkey_challenge_claims("not base64!", &json));
    sup_buffer_done(&json);
}
