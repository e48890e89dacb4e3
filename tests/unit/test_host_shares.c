/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares of a secret: any k give it back, fewer do not, and a wrong character is named. */
/* LINK: sample-host/src/shares.c sample-host/src/share_text.c sample-host/src/base/[a-z]*.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LIBS: -ljansson -lsodium -lcsv */
#include "sample-host/src/share_text.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#define LEN HOST_SHARES_SECRET_LEN

static void start(void)
{
    cr_assert(sodium_init() >= 0);
}

TestSuite(shares, .init = start);

static void make(uint8_t secret[LEN], uint8_t threshold, uint8_t count, host_share *out)
{
    randombytes_buf(secret, LEN);
    cr_assert(host_shares_split(secret, threshold, count, out));
}

Test(shares, any_k_of_n_give_the_secret_back)
{
    static const uint8_t sizes[][2] = {{2, 2}, {2, 3}, {3, 5}, {5, 8}, {255, 255}, {2, 255}};
    static host_share all[HOST_SHARES_MAX];
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint8_t secret[LEN];
        uint8_t found[LEN];
        make(secret, sizes[s][0], sizes[s][1], all);
        for (int round = 0; round < 20; round++) {
            for (uint32_t i = sizes[s][1] - 1u; i > 0; i--) {
                uint32_t other = randombytes_uniform(i + 1);
                host_share kept = all[i];
                all[i] = all[other];
                all[other] = kept;
            }
            cr_assert(host_shares_join(all, sizes[s][0], found));
            cr_assert_arr_eq(found, secret, LEN, "%u of %u", sizes[s][0], sizes[s][1]);
        }
    }
}

Test(shares, one_less_than_k_gives_something_else)
{
    host_share all[5];
    uint8_t secret[LEN];
    uint8_t found[LEN];
    make(secret, 3, 5, all);
    cr_assert(host_shares_join(all, 2, found));
    cr_assert_arr_neq(found, secret, LEN);
}

/* With k-1 shares every secret is as likely: no byte of a share repeats the secret's. */
Test(shares, share_alone_differs_from_split_to_split)
{
    host_share first[3];
    host_share second[3];
    uint8_t secret[LEN] = {0};
    cr_assert(host_shares_split(secret, 2, 3, first));
    cr_assert(host_shares_split(secret, 2, 3, second));
    cr_assert_arr_neq(first[0].data, second[0].data, LEN);
    cr_assert_arr_neq(first[0].data, secret, LEN);
}

Test(shares, numbers_that_cannot_be_are_refused)
{
    host_share all[4] = {{.index = 0}};
    uint8_t secret[LEN] = {0};
    uint8_t found[LEN];
    cr_assert_not(host_shares_split(secret, 1, 3, all));
    cr_assert_not(host_shares_split(secret, 4, 3, all));
    cr_assert(host_shares_split(secret, 2, 3, all));
    cr_assert_not(host_shares_join(all, 1, found));
    all[1].index = all[0].index;
    cr_assert_not(host_shares_join(all, 2, found));
    all[1].index = 0;
    cr_assert_not(host_shares_join(all, 2, found));
}

static host_secret write_one(host_share *out)
{
    host_share all[3];
    uint8_t secret[LEN];
    host_secret text = {0};
    host_error err = {0};
    make(secret, 2, 3, all);
    randombytes_buf(all[2].id, sizeof all[2].id);
    cr_assert(host_share_text_write(&all[2], &text, &err), "%s", err.message);
    *out = all[2];
    return text;
}

Test(shares, text_reads_back_whatever_its_case_and_spaces)
{
    host_share made;
    host_share found;
    host_error err = {0};
    host_secret text = write_one(&made);
    cr_assert(host_share_text_read("it", &text, &found, &err), "%s", err.message);
    cr_assert_eq(memcmp(&made, &found, sizeof made), 0);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char *c = &text.ptr[i];
        *c = *c >= 'a' && *c <= 'z' ? (unsigned char)(*c - 'a' + 'A') : *c == ' ' ? '\t' : *c;
    }
    cr_assert(host_share_text_read("it", &text, &found, &err), "%s", err.message);
    cr_assert_eq(memcmp(&made, &found, sizeof made), 0);
    host_secret_done(&text);
}

Test(shares, every_wrong_or_missing_character_is_found_and_named)
{
    host_share made;
    host_share found;
    host_error err = {0};
    host_secret text = write_one(&made);
    size_t len = text.len;
    for (size_t cut = 0; cut + 1 < len; cut++) {
        text.len = cut;
        cr_assert_not(host_share_text_read("paper-3", &text, &found, &err), "cut at %zu", cut);
        cr_assert_eq(err.code, HOST_CODE_BAD_SHARE);
    }
    text.len = len;
    for (size_t i = 0; i < len; i++) {
        unsigned char kept = text.ptr[i];
        if (kept == ' ' || kept == '\n') {
            continue;
        }
        text.ptr[i] = kept == '7' ? '8' : '7';
        cr_assert_not(host_share_text_read("paper-3", &text, &found, &err), "character %zu", i);
        cr_assert_not_null(strstr(err.message, "paper-3"));
        text.ptr[i] = kept;
    }
    host_secret_done(&text);
}
