/* SPDX-License-Identifier: Apache-2.0
 *
 * When units are due, on a virtual clock: hourly (S1.96), back-off, and that the trouble of a few
 * tenants delays no other. */
/* LINK: sample-host/src/pace.c */
#include "sample-host/src/pace.h"

#include <criterion/criterion.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static host_pace_tick ended(host_pace_end end, int64_t at_ms)
{
    return (host_pace_tick){.end = end, .ended_ms = at_ms};
}

/* S1.96 */
Test(host_pace, good_tick_is_due_again_after_the_interval_less_at_most_a_tenth)
{
    host_pace_rules usual = host_pace_usual(60);
    for (uint64_t chance = 0; chance < 1000000; chance += 9973) {
        host_pace pace = {0};
        host_pace_tick tick = ended(HOST_PACE_DONE, 1000);
        tick.chance = chance;
        host_pace_after(&usual, &tick, &pace);
        cr_assert_leq(pace.due_ms, 1000 + HOUR);
        cr_assert_geq(pace.due_ms, 1000 + HOUR - HOUR / 10);
    }
}

Test(host_pace, failures_double_the_wait_up_to_the_ceiling_and_success_restores_it)
{
    static const int64_t hours[] = {2, 4, 8, 12, 12, 12};
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {0};
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        host_pace_tick tick = ended(HOST_PACE_FAILED, 5000);
        host_pace_after(&usual, &tick, &pace);
        cr_assert_eq(pace.failures, i + 1);
        cr_assert_eq(pace.due_ms, 5000 + hours[i] * HOUR, "failure %zu", i + 1);
        cr_assert(host_pace_is_limited(&usual, &pace));
    }
    host_pace_tick good = ended(HOST_PACE_DONE, 7000);
    host_pace_after(&usual, &good, &pace);
    cr_assert_eq(pace.failures, 0);
    cr_assert_eq(pace.due_ms, 7000 + HOUR);
    cr_assert_not(host_pace_is_limited(&usual, &pace));
}

Test(host_pace, person_who_tries_again_and_again_makes_no_wait_longer)
{
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {0};
    host_pace_tick tick = ended(HOST_PACE_FAILED, 0);
    tick.is_manual = true;
    for (int i = 0; i < 5; i++) {
        host_pace_after(&usual, &tick, &pace);
        cr_assert_eq(pace.failures, 1);
        cr_assert_eq(pace.due_ms, 2 * HOUR);
    }
}

Test(host_pace, ceiling_is_never_below_a_long_interval)
{
    host_pace_rules usual = host_pace_usual(24 * 60);
    host_pace pace = {0};
    host_pace_tick tick = ended(HOST_PACE_FAILED, 0);
    host_pace_after(&usual, &tick, &pace);
    cr_assert_eq(pace.due_ms, 24 * HOUR);
}

Test(host_pace, tick_that_is_getting_ahead_goes_on_at_once_with_twice_the_time)
{
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {0};
    host_pace_tick cut = ended(HOST_PACE_CUT_SHORT, 9000);
    for (int64_t slice = 10; slice <= 160; slice *= 2) {
        host_pace_after(&usual, &cut, &pace);
        cr_assert_eq(host_pace_slice(&usual, &pace), slice * MINUTE);
        cr_assert_eq(pace.due_ms, 9000);
        cr_assert_eq(pace.failures, 0);
        cr_assert(host_pace_is_limited(&usual, &pace), "a long one leaves room to the others");
    }
    host_pace_after(&usual, &cut, &pace);
    cr_assert_eq(host_pace_slice(&usual, &pace), 4 * HOUR);
    host_pace_tick done = ended(HOST_PACE_DONE, 9000);
    host_pace_after(&usual, &done, &pace);
    cr_assert_eq(host_pace_slice(&usual, &pace), 5 * MINUTE);
}

Test(host_pace, plugin_may_ask_for_another_time)
{
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {0};
    host_pace_tick tick = ended(HOST_PACE_FAILED, 9000);
    tick.wanted_ms = 9500;
    host_pace_after(&usual, &tick, &pace);
    cr_assert_eq(pace.due_ms, 9500);
    cr_assert_eq(pace.failures, 1);
}

static bool is_due(const host_pace *pace, int64_t wall_ms, int64_t mono_ms)
{
    const host_pace_now now = {wall_ms, mono_ms};
    return host_pace_is_due(pace, &now);
}

/* S1.96 */
Test(host_pace, clock_that_is_set_back_delays_nobody)
{
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {0};
    host_pace_tick tick = ended(HOST_PACE_DONE, 100 * HOUR);
    tick.ended_mono_ms = 7 * HOUR;
    host_pace_after(&usual, &tick, &pace);
    cr_assert_not(is_due(&pace, 101 * HOUR - MINUTE * 7, 8 * HOUR - MINUTE * 7));
    cr_assert(is_due(&pace, 101 * HOUR, 8 * HOUR));
    cr_assert_not(is_due(&pace, 95 * HOUR, 7 * HOUR), "nor does it hurry anybody");
    cr_assert(is_due(&pace, 96 * HOUR, 8 * HOUR), "five hours back, an hour later");
    cr_assert(is_due(&pace, 101 * HOUR, 7 * HOUR), "a machine that slept");
    tick.end = HOST_PACE_CUT_SHORT;
    host_pace_after(&usual, &tick, &pace);
    cr_assert(is_due(&pace, 99 * HOUR, 7 * HOUR));
}

Test(host_pace, due_time_of_another_process_counts_as_far_as_its_wait_can_be)
{
    static const host_pace_now now = {95 * HOUR, 3 * HOUR};
    host_pace_rules usual = host_pace_usual(60);
    host_pace pace = {.due_ms = 95 * HOUR + HOUR / 2};
    host_pace_resume(&usual, &now, &pace);
    cr_assert_not(is_due(&pace, 95 * HOUR, 3 * HOUR));
    cr_assert(is_due(&pace, 90 * HOUR, 3 * HOUR + HOUR / 2));
    pace = (host_pace){.due_ms = 100 * HOUR};
    host_pace_resume(&usual, &now, &pace);
    cr_assert(is_due(&pace, 95 * HOUR, 3 * HOUR), "five hours are no wait after success");
    pace = (host_pace){.due_ms = 100 * HOUR, .failures = 3};
    host_pace_resume(&usual, &now, &pace);
    cr_assert_not(is_due(&pace, 95 * HOUR, 3 * HOUR), "but they are after three failures");
    pace = (host_pace){.due_ms = 80 * HOUR};
    host_pace_resume(&usual, &now, &pace);
    cr_assert(is_due(&pace, 95 * HOUR, 3 * HOUR));
}

Test(host_pace, limited_units_get_half_of_the_room)
{
    host_pace_room room = {.most = 4, .running = 2, .limited = 2};
    cr_assert_not(host_pace_fits(&room, true));
    cr_assert(host_pace_fits(&room, false));
    room.running = 4;
    cr_assert_not(host_pace_fits(&room, false));
    host_pace_room one = {.most = 1};
    cr_assert(host_pace_fits(&one, true), "with room for one, everybody gets it in turn");
}

Test(host_pace, persons_go_first_then_who_waits_longest)
{
    host_pace_candidate early = {.due_ms = 1};
    host_pace_candidate late = {.due_ms = 2};
    host_pace_candidate asked = {.due_ms = 3, .is_asked = true};
    cr_assert(host_pace_goes_first(&early, &late));
    cr_assert_not(host_pace_goes_first(&late, &early));
    cr_assert(host_pace_goes_first(&asked, &early));
    cr_assert_not(host_pace_goes_first(&early, &asked));
}

/* ---- 200 tenants on a virtual clock, of which 10 fail in different ways ---- */

#define UNITS 200
#define TROUBLED 10
#define MOST 4
#define STEP 1000 /* milliseconds */

typedef struct unit {
    host_pace pace;
    bool is_running;
    bool is_limited;
    int64_t began_ms;
    int64_t ends_ms;
    host_pace_end end;
    uint32_t ticks;
    int64_t longest_ms; /* from due to begun */
} unit;

static unit units[UNITS];
static host_pace_rules rules;
static bool is_mended;

static uint64_t draw(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* How long the tick of a unit takes, and how it ends: hang until the deadline, throttled for two
 * minutes, refused at once, slow to fail. */
static int64_t reckon(int which, host_pace_end *end)
{
    int64_t slice = host_pace_slice(&rules, &units[which].pace);
    bool fails = which < TROUBLED && !is_mended;
    *end = fails ? HOST_PACE_FAILED : HOST_PACE_DONE;
    if (!fails) {
        return 2000 + (int64_t)(draw() % 8000);
    }
    switch (which % 4) {
    case 0:
        return slice;
    case 1:
        return 2 * MINUTE;
    case 2:
        return 100;
    default:
        return slice - 1;
    }
}

static void begin(int which, int64_t now_ms)
{
    unit *u = &units[which];
    int64_t since = u->pace.due_ms > 0 ? u->pace.due_ms : 0;
    if (now_ms - since > u->longest_ms) {
        u->longest_ms = now_ms - since;
    }
    u->is_running = true;
    u->is_limited = host_pace_is_limited(&rules, &u->pace);
    u->began_ms = now_ms;
    u->ends_ms = now_ms + reckon(which, &u->end);
    u->ticks++;
}

static int choose(int64_t now_ms)
{
    host_pace_room room = {.most = MOST};
    int best = -1;
    for (int i = 0; i < UNITS; i++) {
        room.running += units[i].is_running;
        room.limited += units[i].is_running && units[i].is_limited;
    }
    for (int i = 0; i < UNITS; i++) {
        host_pace_candidate mine = {.due_ms = units[i].pace.due_ms};
        host_pace_candidate other = {.due_ms = best < 0 ? 0 : units[best].pace.due_ms};
        if (!units[i].is_running && is_due(&units[i].pace, now_ms, now_ms) &&
            host_pace_fits(&room, host_pace_is_limited(&rules, &units[i].pace)) &&
            (best < 0 || host_pace_goes_first(&mine, &other))) {
            best = i;
        }
    }
    return best;
}

static void play(int64_t from_ms, int64_t until_ms)
{
    for (int64_t now = from_ms; now < until_ms; now += STEP) {
        for (int i = 0; i < UNITS; i++) {
            unit *u = &units[i];
            if (u->is_running && u->ends_ms <= now) {
                host_pace_tick tick = {.end = u->end, .ended_ms = now, .chance = draw()};
                u->is_running = false;
                host_pace_after(&rules, &tick, &u->pace);
            }
        }
        for (int next = choose(now); next >= 0; next = choose(now)) {
            begin(next, now);
        }
    }
}

static int64_t longest_of_the_healthy(void)
{
    int64_t longest = 0;
    for (int i = TROUBLED; i < UNITS; i++) {
        longest = units[i].longest_ms > longest ? units[i].longest_ms : longest;
        units[i].longest_ms = 0;
    }
    return longest;
}

Test(host_pace, ten_troubled_tenants_of_two_hundred_delay_no_other)
{
    rules = host_pace_usual(60);
    /* The worst beginning: the ten that hang and fail come first, and nobody knows it yet. */
    play(0, 2 * HOUR);
    cr_expect_leq(longest_of_the_healthy(), 15 * MINUTE + UNITS / MOST * 10000);
    play(2 * HOUR, 48 * HOUR);
    cr_expect_leq(longest_of_the_healthy(), 2 * MINUTE);
    for (int i = TROUBLED; i < UNITS; i++) {
        cr_expect_geq(units[i].ticks, 47, "unit %d ran %u times in 48 hours", i, units[i].ticks);
    }
    for (int i = 0; i < TROUBLED; i++) {
        cr_expect_leq(units[i].ticks, 9, "unit %d ran %u times in 48 hours", i, units[i].ticks);
        cr_expect_geq(units[i].ticks, 5, "unit %d ran %u times in 48 hours", i, units[i].ticks);
    }
    is_mended = true;
    play(48 * HOUR, 72 * HOUR);
    for (int i = 0; i < TROUBLED; i++) {
        cr_expect_eq(units[i].pace.failures, 0, "unit %d is well again", i);
    }
}
