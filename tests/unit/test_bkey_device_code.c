/* SPDX-License-Identifier: Apache-2.0
 *
 * What an answer to "did somebody use the code?" means: by Microsoft's number, else by its word. */
/* LINK: plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c plugin/src/base/?*.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "graph/device_code.h"

/* S1.24 */
Test(device_code, numbers_go_before_words_and_both_are_understood)
{
    static const struct {
        const char *body;
        bkey_device_poll means;
    } rows[] = {
        {"{\"error\":\"authorization_pending\",\"error_codes\":[70016]}", BKEY_DEVICE_POLL_PENDING},
        {"{\"error\":\"authorization_pending\"}", BKEY_DEVICE_POLL_PENDING},
        {"{\"error\":\"invalid_grant\",\"error_codes\":[70016]}", BKEY_DEVICE_POLL_PENDING},
        {"{\"error\":\"slow_down\"}", BKEY_DEVICE_POLL_SLOW_DOWN},
        {"{\"error\":\"authorization_declined\",\"error_codes\":[90120]}",
         BKEY_DEVICE_POLL_DECLINED},
        {"{\"error\":\"access_denied\"}", BKEY_DEVICE_POLL_DECLINED},
        {"{\"error\":\"expired_token\",\"error_codes\":[70019]}", BKEY_DEVICE_POLL_EXPIRED},
        {"{\"error\":\"bad_verification_code\",\"error_codes\":[70018]}", BKEY_DEVICE_POLL_EXPIRED},
        {"{\"error\":\"access_denied\",\"error_codes\":[53003]}", BKEY_DEVICE_POLL_ANSWERED},
        {"{\"error\":\"invalid_grant\"}", BKEY_DEVICE_POLL_ANSWERED},
        {"no JSON", BKEY_DEVICE_POLL_ANSWERED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bkey_net_reply reply = {
            .status = 400, .body = {(const uint8_t *)rows[i].body, strlen(rows[i].body)}};
        cr_expect_eq(bkey_device_code_poll(&reply), rows[i].means, "%s", rows[i].body);
    }
}
