/* SPDX-License-Identifier: Apache-2.0
 *
 * See contest.h. Must not know clocks. */
#include "domain/contest.h"

#include <string.h>

/* Units of a turn, for each that may be under way: until the way before has ended and this one runs
 * full, and in all. */
#define WARM_UP 1u
#define TURN 5u
#define LEAST 10u   /* of these, however few may be under way */
#define REST 10000u /* units between two turns of the slower one; grows with every defeat */
#define REST_MAX 160000u

void bkey_contest_init(bkey_contest *contest, uint32_t at_once)
{
    const uint32_t scale = at_once > LEAST ? at_once : LEAST;
    memset(contest, 0, sizeof *contest);
    contest->warm_up = scale * WARM_UP;
    contest->turn = scale * TURN;
    contest->rest_next = REST;
}

static void begin_turn(bkey_contest *contest, uint32_t way)
{
    contest->way = way;
    contest->done = 0;
}

/* The slower one rests; a way that was not measured yet goes first. */
static void end_turn(bkey_contest *contest)
{
    const uint32_t way = contest->way;
    const uint32_t other = 1 - way;
    const bool won = contest->rate[way] >= contest->rate[other];
    if (contest->rate[other] <= 0.0) {
        begin_turn(contest, other);
        return;
    }
    if (contest->rest == 0) { /* it was the turn of the slower one */
        contest->rest_next =
            won || contest->rest_next >= REST_MAX ? contest->rest_next : contest->rest_next * 2;
        contest->rest = contest->rest_next;
        begin_turn(contest, won ? way : other);
        return;
    }
    contest->rest = contest->rest > contest->turn ? contest->rest - contest->turn : 0;
    begin_turn(contest, contest->rest == 0 ? other : way);
}

void bkey_contest_done(bkey_contest *contest, uint32_t way, uint32_t units, uint64_t now_ns)
{
    if (contest->closed || way != contest->way)
        return;
    const bool warm = contest->done >= contest->warm_up;
    contest->done += units;
    if (!warm && contest->done >= contest->warm_up)
        contest->start_ns = now_ns;
    if (contest->done < contest->turn)
        return;
    const double span_s = (double)(now_ns - contest->start_ns) / 1e9;
    contest->rate[way] =
        (double)(contest->done - contest->warm_up) / (span_s > 1e-6 ? span_s : 1e-6);
    end_turn(contest);
}

void bkey_contest_void(bkey_contest *contest)
{
    contest->done = 0;
}

void bkey_contest_close(bkey_contest *contest)
{
    contest->closed = true;
    begin_turn(contest, 0);
}
