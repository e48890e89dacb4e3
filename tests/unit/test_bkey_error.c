/* SPDX-License-Identifier: Apache-2.0
 *
 * Every reason has a name of its own and a sentence that fits the host's message. */
/* LINK: plugin/src/base/error.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/base/error.h"

static const uint32_t all[] = {
    BKEY_E_NETWORK,      BKEY_E_THROTTLED,       BKEY_E_REMOTE_FAULT,  BKEY_E_STORE_BUSY,
    BKEY_E_CONFLICT,     BKEY_E_UNKNOWN_OUTCOME, BKEY_E_TLS,           BKEY_E_URL,
    BKEY_E_SETTING,      BKEY_E_NOT_CONNECTED,   BKEY_E_TENANT,        BKEY_E_SWITCHED_OFF,
    BKEY_E_PARAMETER,    BKEY_E_NO_INTUNE,       BKEY_E_SIGN_IN,       BKEY_E_APP_CREDENTIAL,
    BKEY_E_CONSENT,      BKEY_E_POLICY,          BKEY_E_TOKEN_REFUSED, BKEY_E_WRONG_TENANT,
    BKEY_E_PERM_DEVICES, BKEY_E_PERM_KEY_LIST,   BKEY_E_PERM_KEY_READ, BKEY_E_PERM_TYPE,
    BKEY_E_ENTITLEMENT,  BKEY_E_REASON_MISSING,  BKEY_E_BODY,          BKEY_E_BODY_SIZE,
    BKEY_E_NEXT_LINK,    BKEY_E_PAGES,           BKEY_E_STATUS,        BKEY_E_NOT_FOUND,
    BKEY_E_EMPTY_KEY,    BKEY_E_NOMEM,           BKEY_E_SLAB_FULL,     BKEY_E_LIMIT,
    BKEY_E_KEYRING,      BKEY_E_STORE,           BKEY_E_NO_STATE,      BKEY_E_SEAL,
    BKEY_E_FORMAT,       BKEY_E_NEWER_FORMAT,    BKEY_E_BUG,           BKEY_E_CANCELLED,
    BKEY_E_DEADLINE,     BKEY_E_UNIT_BUSY,       BKEY_E_DEPTH,         BKEY_E_ROWS,
    BKEY_E_PROXY,        BKEY_E_HTTP_POLICY,     BKEY_E_CA_FILE,       BKEY_E_CERT_UNTRUSTED,
    BKEY_E_CERT_EXPIRED, BKEY_E_CERT_NAME,       BKEY_E_TLS_FLOOR,     BKEY_E_PROXY_LOGIN,
    BKEY_E_HEADS,
};
#define COUNT (sizeof all / sizeof all[0])

Test(error, every_reason_has_a_sentence_that_fits)
{
    for (size_t i = 0; i < COUNT; i++) {
        const char *text = bkey_err_text(bkey_fail(all[i]));
        size_t len = strlen(text);
        cr_expect(len > 40 && len <= 255, "reason %08x: %zu bytes", all[i], len);
        cr_expect_eq(text[len - 1], '.', "reason %08x", all[i]);
        cr_expect_null(strstr(text, "no words for"), "reason %08x", all[i]);
    }
}

Test(error, every_reason_has_a_name_of_its_own)
{
    for (size_t i = 0; i < COUNT; i++) {
        const char *name = bkey_err_name(bkey_fail(all[i]));
        cr_expect_str_neq(name, "unknown", "reason %08x", all[i]);
        cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name), "%s", name);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(name, bkey_err_name(bkey_fail(all[j])));
    }
}

Test(error, a_missing_permission_is_named_with_who_can_grant_it)
{
    const char *text = bkey_err_text(bkey_fail(BKEY_E_PERM_KEY_READ));
    cr_expect_not_null(strstr(text, "BitlockerKey.Read.All"));
    cr_expect_not_null(strstr(text, "A Microsoft administrator must"));
}

Test(error, success_is_silent_and_an_unknown_reason_is_not)
{
    cr_expect_str_empty(bkey_err_text(bkey_ok()));
    cr_expect_str_eq(bkey_err_name(bkey_ok()), "ok");
    cr_expect_str_eq(bkey_err_name(bkey_fail(0x7F000001)), "unknown");
    cr_expect_gt(strlen(bkey_err_text(bkey_fail(0x7F000001))), 40);
}

Test(error, the_category_is_in_the_top_bits)
{
    cr_expect_eq(bkey_err_category(bkey_ok()), BKEY_CAT_NONE);
    cr_expect_eq(bkey_err_category(bkey_fail(BKEY_E_THROTTLED)), BKEY_CAT_RETRY);
    cr_expect_eq(bkey_err_category(bkey_fail(BKEY_E_DEADLINE)), BKEY_CAT_OVER);
    for (size_t i = 0; i < COUNT; i++)
        cr_expect_lt((int)bkey_err_category(bkey_fail(all[i])), BKEY_CAT_COUNT);
}
