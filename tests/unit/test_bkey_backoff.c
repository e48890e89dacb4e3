/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting: Retry-After is obeyed, the deadline too, and delays grow and spread. */
/* LINK: plugin/src/domain/backoff.c */
#include <criterion/criterion.h>

#include "plugin/src/domain/backoff.h"

static bool next(uint32_t attempts, int64_t retry_after_ms, uint64_t remaining_ms, uint64_t chance,
                 uint64_t *out)
{
    bkey_backoff_rules rules = bkey_backoff_usual();
    bkey_backoff_failure failure = {attempts, retry_after_ms, remaining_ms, chance};
    return bkey_backoff_next(&rules, &failure, out);
}

Test(backoff, retry_after_is_never_undercut)
{
    uint64_t wait = 0;
    cr_expect(next(1, 120000, 600000, 12345, &wait));
    cr_expect_eq(wait, 120000);
    cr_expect(next(5, 1, 600000, 12345, &wait));
    cr_expect_eq(wait, 1);
}

Test(backoff, a_wait_past_the_deadline_is_not_begun)
{
    uint64_t wait = 77;
    cr_expect_not(next(1, 120000, 120000, 0, &wait));
    cr_expect_not(next(1, -1, 100, 0, &wait));
    cr_expect_not(next(1, -1, 0, 0, &wait));
    cr_expect_eq(wait, 77);
    cr_expect(next(1, 120000, 120001, 0, &wait));
}

Test(backoff, attempts_are_bounded)
{
    uint64_t wait = 0;
    cr_expect(next(5, -1, UINT64_MAX, 0, &wait));
    cr_expect_not(next(6, -1, UINT64_MAX, 0, &wait));
    cr_expect_not(next(UINT32_MAX, 1, UINT64_MAX, 0, &wait));
}

Test(backoff, delays_double_up_to_the_cap)
{
    bkey_backoff_rules rules = {100, 500, 30000};
    static const uint64_t full[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    for (uint32_t i = 0; i < sizeof full / sizeof full[0]; i++) {
        bkey_backoff_failure failure = {i + 1, -1, UINT64_MAX, 0};
        uint64_t wait = 0;
        cr_expect(bkey_backoff_next(&rules, &failure, &wait));
        cr_expect_eq(wait, full[i], "attempt %u: %llu", i + 1, (unsigned long long)wait);
    }
}

Test(backoff, chance_spreads_between_half_and_all)
{
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    for (uint64_t chance = 0; chance < 5000; chance++) {
        uint64_t wait = 0;
        cr_assert(next(3, chance % 2 == 0 ? -1 : 0, UINT64_MAX, chance * 7919, &wait));
        cr_assert(wait >= 1000 && wait <= 2000);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    cr_expect_lt(least, 1050);
    cr_expect_gt(most, 1950);
}

Test(backoff, odd_rules_do_not_loop_or_overflow)
{
    bkey_backoff_rules rules = {UINT32_MAX, UINT64_MAX / 2 + 1, UINT64_MAX - 1};
    bkey_backoff_failure failure = {1000000, -1, UINT64_MAX, 0};
    uint64_t wait = 0;
    cr_expect(bkey_backoff_next(&rules, &failure, &wait));
    cr_expect_eq(wait, UINT64_MAX - 1);
    bkey_backoff_rules none = {3, 0, 0};
    failure.attempts = 1;
    cr_expect(bkey_backoff_next(&none, &failure, &wait));
    cr_expect_eq(wait, 0);
}

Test(backoff, only_passing_trouble_is_asked_again)
{
    static const int32_t passing[] = {408, 429, 500, 502, 503, 504};
    for (int32_t status = 100; status < 600; status++) {
        bool expected = false;
        for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
            expected = expected || passing[i] == status;
        cr_expect_eq(bkey_backoff_is_passing(status), expected, "%d", status);
    }
}
