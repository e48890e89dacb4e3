/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of two ways to do the same work is faster, found out by real work done in turns, and asked
 * again from time to time. Pure: time is given in; what the work is is not known. */
#ifndef BKEY_CONTEST_H
#define BKEY_CONTEST_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bkey_contest {
    uint32_t way;   /* in use: 0 or 1 */
    bool closed;    /* way 1 cannot be used */
    double rate[2]; /* units per second when it was last measured; 0 = never */
    uint32_t warm_up;
    uint32_t turn;
    uint64_t done;     /* units of the present turn */
    uint64_t start_ns; /* when the measured part of the turn began */
    uint64_t rest;     /* units until the slower one gets another turn */
    uint64_t rest_next;
} bkey_contest;

/* Begins with way 0. So many units may be under way at once. */
void bkey_contest_init(bkey_contest *contest, uint32_t at_once);
/* So many units were finished by that way. */
void bkey_contest_done(bkey_contest *contest, uint32_t way, uint32_t units, uint64_t now_ns);
/* Something else than the way decides the speed: what was measured in this turn does not count. */
void bkey_contest_void(bkey_contest *contest);
/* Way 1 is out of the contest, for good. */
void bkey_contest_close(bkey_contest *contest);

#endif
