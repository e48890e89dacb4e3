/* SPDX-License-Identifier: Apache-2.0
 *
 * Delays between attempts. Must not know clocks, requests or random sources. */
#include "domain/backoff.h"

bkey_backoff_rules bkey_backoff_usual(void)
{
    bkey_backoff_rules rules = {6, 500, 30000};
    return rules;
}

bool bkey_backoff_is_passing(int32_t status)
{
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

static uint64_t double_up(const bkey_backoff_rules *rules, uint32_t attempts)
{
    uint64_t wait_ms = rules->first_ms < rules->cap_ms ? rules->first_ms : rules->cap_ms;
    for (uint32_t i = 1; i < attempts && wait_ms < rules->cap_ms; i++)
        wait_ms = wait_ms > rules->cap_ms / 2 ? rules->cap_ms : wait_ms * 2;
    return wait_ms;
}

bool bkey_backoff_next(const bkey_backoff_rules *rules, const bkey_backoff_failure *failure,
                       uint64_t *out_wait_ms)
{
    if (failure->attempts >= rules->max_attempts)
        return false;
    /* Between half and all of it, so that requests refused together do not return together. */
    uint64_t full_ms = double_up(rules, failure->attempts);
    uint64_t wait_ms = full_ms - failure->chance % (full_ms / 2 + 1);
    if (failure->retry_after_ms > 0)
        wait_ms = (uint64_t)failure->retry_after_ms;
    if (wait_ms >= failure->remaining_ms)
        return false;
    *out_wait_ms = wait_ms;
    return true;
}
