/* SPDX-License-Identifier: Apache-2.0
 *
 * See pace.h. */
#include "sample-host/src/pace.h"

#define MINUTE_MS INT64_C(60000)
#define CEILING_MS (12 * 60 * MINUTE_MS)
#define SLICE_MS (5 * MINUTE_MS)
#define SLICE_MAX_MS (4 * 60 * MINUTE_MS)
#define FAILURES_MAX 1000u
#define JITTER_PART 10 /* up to one tenth */

host_pace_rules host_pace_usual(int64_t interval_minutes)
{
    int64_t interval_ms = interval_minutes * MINUTE_MS;
    int64_t ceiling_ms = interval_ms > CEILING_MS ? interval_ms : CEILING_MS;
    return (host_pace_rules){interval_ms, ceiling_ms, SLICE_MS, SLICE_MAX_MS};
}

static int64_t shorten(int64_t wait_ms, uint64_t chance)
{
    return wait_ms - (int64_t)(chance % ((uint64_t)wait_ms / JITTER_PART + 1));
}

static int64_t wait_after_failures(const host_pace_rules *rules, uint32_t failures)
{
    int64_t wait_ms = rules->interval_ms;
    for (uint32_t i = 0; i < failures && wait_ms < rules->ceiling_ms; i++) {
        wait_ms = wait_ms > rules->ceiling_ms / 2 ? rules->ceiling_ms : wait_ms * 2;
    }
    return wait_ms;
}

int64_t host_pace_slice(const host_pace_rules *rules, const host_pace *pace)
{
    return pace->slice_ms > rules->slice_ms ? pace->slice_ms : rules->slice_ms;
}

static uint32_t count_failures(const host_pace_tick *tick, uint32_t before)
{
    if (tick->end == HOST_PACE_DONE) {
        return 0;
    }
    bool counts = before == 0 || (!tick->is_manual && before < FAILURES_MAX);
    return before + (counts ? 1 : 0);
}

/* When it is due by the wall clock. */
static int64_t reckon_due(const host_pace_rules *rules, const host_pace_tick *tick,
                          const host_pace *pace)
{
    if (tick->end == HOST_PACE_CUT_SHORT) {
        return tick->ended_ms;
    }
    if (tick->wanted_ms > 0) {
        return tick->wanted_ms;
    }
    return tick->ended_ms + shorten(wait_after_failures(rules, pace->failures), tick->chance);
}

void host_pace_after(const host_pace_rules *rules, const host_pace_tick *tick, host_pace *pace)
{
    if (tick->end == HOST_PACE_CUT_SHORT) {
        int64_t slice_ms = host_pace_slice(rules, pace) * 2;
        pace->slice_ms = slice_ms < rules->slice_max_ms ? slice_ms : rules->slice_max_ms;
        pace->failures = 0;
    } else {
        pace->slice_ms = 0;
        pace->failures = count_failures(tick, pace->failures);
    }
    pace->due_ms = reckon_due(rules, tick, pace);
    pace->due_mono_ms =
        tick->ended_mono_ms > 0 ? tick->ended_mono_ms + (pace->due_ms - tick->ended_ms) : 0;
}

bool host_pace_is_limited(const host_pace_rules *rules, const host_pace *pace)
{
    return pace->failures > 0 || pace->slice_ms > rules->slice_ms;
}

void host_pace_resume(const host_pace_rules *rules, const host_pace_now *now, host_pace *pace)
{
    const int64_t left_ms = pace->due_ms - now->wall_ms;
    if (left_ms > wait_after_failures(rules, pace->failures)) {
        pace->due_ms = now->wall_ms;
    }
    pace->due_mono_ms = now->mono_ms + (pace->due_ms > now->wall_ms ? left_ms : 0);
}

bool host_pace_is_due(const host_pace *pace, const host_pace_now *now)
{
    return pace->due_ms <= now->wall_ms ||
           (pace->due_mono_ms > 0 && pace->due_mono_ms <= now->mono_ms);
}

bool host_pace_fits(const host_pace_room *room, bool is_limited)
{
    uint32_t share = room->most > 1 ? room->most / 2 : 1;
    return room->running < room->most && (!is_limited || room->limited < share);
}

bool host_pace_goes_first(const host_pace_candidate *a, const host_pace_candidate *b)
{
    if (a->is_asked != b->is_asked) {
        return a->is_asked;
    }
    return a->due_ms < b->due_ms;
}
