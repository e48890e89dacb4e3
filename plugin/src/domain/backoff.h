/* SPDX-License-Identifier: Apache-2.0
 *
 * How long to wait before asking again. Pure: time and chance are given in. */
#ifndef BKEY_BACKOFF_H
#define BKEY_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bkey_backoff_rules {
    uint32_t max_attempts; /* requests in all, the first included */
    uint64_t first_ms;     /* the first wait without Retry-After; doubles with every failure */
    uint64_t cap_ms;       /* the longest such wait */
} bkey_backoff_rules;

typedef struct bkey_backoff_failure {
    uint32_t attempts;      /* requests that failed so far, at least 1 */
    int64_t retry_after_ms; /* what the server asked for; -1 = nothing */
    uint64_t remaining_ms;  /* until the deadline */
    uint64_t chance;        /* any unpredictable number */
} bkey_backoff_failure;

/* 6 attempts, 500 ms first, 30 s at most. */
bkey_backoff_rules bkey_backoff_usual(void);
/* Worth asking again: 408, 429, 500, 502, 503, 504. */
bool bkey_backoff_is_passing(int32_t status);
/* True: ask again after *out_wait_ms. False: give up; the attempts are used up, or the wait would
 * end after the deadline. Retry-After is never undercut. */
bool bkey_backoff_next(const bkey_backoff_rules *rules, const bkey_backoff_failure *failure,
                       uint64_t *out_wait_ms);

#endif
