/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast to ask: rides just under a limit that nobody published. Without refusals the only bound
 * is the number under way. The first refusal tells about what the service allows; from then on a
 * rate is kept that creeps up to the last refused one, stays there, and then tries for more. Pure:
 * time is given in, what is asked is not known. */
#ifndef BKEY_PACE_H
#define BKEY_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bkey_pace {
    double most;   /* ever under way */
    double window; /* allowed to be under way */
    double rate;   /* per second; 0 = no limit is known */
    double credit; /* that may be sent now, when there is a rate */
    double peak;   /* the rate that is thought to be allowed */
    double latency_s;
    double least_latency_s;
    double period_s; /* from the beginning of a burst to the end of the pause after it */
    uint64_t credit_ns;
    double approach_s;
    uint64_t refused_ns; /* when the last burst was */
    uint64_t peak_ns;    /* when `peak` was learned */
    uint64_t start_ns;   /* of what is counted in `good` */
    uint64_t good;
    uint64_t pause_until_ns;
    uint64_t trouble_ns;
    uint32_t refusals; /* bursts that were refused */
    bool probing;      /* after a pause of unknown length one request tells whether it is over */
} bkey_pace;

/* At most that many under way ever, at least 1. */
void bkey_pace_init(bkey_pace *pace, uint32_t at_once, uint64_t now_ns);
/* How many more requests may be under way beside those that are. */
uint32_t bkey_pace_room(const bkey_pace *pace, uint32_t under_way);
/* How many things may be asked for at this time, in however many requests; UINT32_MAX without a
 * limit. */
uint32_t bkey_pace_credit(const bkey_pace *pace, uint64_t now_ns);
/* The lesser of the two: for requests that ask for one thing each. */
uint32_t bkey_pace_allows(const bkey_pace *pace, uint64_t now_ns, uint32_t under_way);
/* So many were asked for: no more than were allowed. */
void bkey_pace_sent(bkey_pace *pace, uint64_t now_ns, uint32_t count);
/* So many good answers came, that long after they were asked for. */
void bkey_pace_good(bkey_pace *pace, uint64_t now_ns, uint64_t latency_ns, uint32_t count);
/* One was refused for being too many; wait_ms is what the service asked for, or else a guess. True
 * when it begins a pause: the further answers to one burst do not. The wait is kept to the
 * millisecond, never undercut. */
bool bkey_pace_refused(bkey_pace *pace, uint64_t now_ns, uint64_t wait_ms, bool guessed);
/* The service or the way to it is in trouble: fewer at once. */
void bkey_pace_trouble(bkey_pace *pace, uint64_t now_ns);
/* A wait that was asked for without a limit being named: nothing is learned from it. */
void bkey_pace_hold(bkey_pace *pace, uint64_t now_ns, uint64_t wait_ms);
bool bkey_pace_is_paused(const bkey_pace *pace, uint64_t now_ns);
/* When something may be sent again, as far as time decides it; now_ns when it may at once. */
uint64_t bkey_pace_next_ns(const bkey_pace *pace, uint64_t now_ns);

#endif
