/* SPDX-License-Identifier: Apache-2.0
 *
 * Two ways of working in turns: the faster one wins, and may lose again. */
/* LINK: plugin/src/domain/contest.c */
#include <criterion/criterion.h>

#include "domain/contest.h"

#define SECOND UINT64_C(1000000000)

typedef struct play {
    bkey_contest contest;
    uint64_t now_ns;
    uint64_t units[2];
} play;

static void work(play *p, uint32_t units, const double rate[2])
{
    for (uint32_t i = 0; i < units; i++) {
        const uint32_t way = p->contest.way;
        p->now_ns += (uint64_t)(1e9 / rate[way]);
        p->units[way]++;
        bkey_contest_done(&p->contest, way, 1, p->now_ns);
    }
}

Test(contest, the_faster_way_does_nearly_everything)
{
    play p = {.now_ns = SECOND};
    bkey_contest_init(&p.contest, 100);
    cr_expect(p.contest.way == 0);
    work(&p, 100000, (const double[2]){1000, 5000});
    cr_expect(p.contest.way == 1);
    cr_expect(p.units[0] < 4000, "%llu units by the slower one", (unsigned long long)p.units[0]);

    play q = {.now_ns = SECOND};
    bkey_contest_init(&q.contest, 100);
    work(&q, 100000, (const double[2]){1000, 300});
    cr_expect(q.contest.way == 0);
    cr_expect(q.units[1] < 4000, "%llu units by the slower one", (unsigned long long)q.units[1]);
}

Test(contest, a_winner_that_becomes_slow_is_found_out)
{
    play p = {.now_ns = SECOND};
    bkey_contest_init(&p.contest, 100);
    work(&p, 20000, (const double[2]){1000, 5000});
    cr_assert(p.contest.way == 1);
    work(&p, 50000, (const double[2]){1000, 100});
    cr_expect(p.contest.way == 0);
}

Test(contest, a_turn_that_was_disturbed_does_not_count)
{
    play p = {.now_ns = SECOND};
    bkey_contest_init(&p.contest, 100);
    work(&p, 499, (const double[2]){1000, 5000});
    bkey_contest_void(&p.contest);
    work(&p, 1, (const double[2]){1000, 5000});
    cr_expect(p.contest.way == 0 && p.contest.rate[0] <= 0.0);
    bkey_contest_done(&p.contest, 1, 10000, p.now_ns);
    cr_expect(p.contest.way == 0, "stragglers of the other way are not counted");
}

Test(contest, a_closed_way_stays_closed)
{
    play p = {.now_ns = SECOND};
    bkey_contest_init(&p.contest, 100);
    work(&p, 700, (const double[2]){1000, 5000});
    cr_assert(p.contest.way == 1);
    bkey_contest_close(&p.contest);
    work(&p, 50000, (const double[2]){1, 5000});
    cr_expect(p.contest.way == 0 && p.contest.closed);
}
