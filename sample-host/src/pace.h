/* SPDX-License-Identifier: Apache-2.0
 *
 * When a unit is due again, how long it may take, and which of many goes first. Pure: time and
 * chance are given in. Must not know threads, the store or plugins. */
#ifndef HOST_PACE_H
#define HOST_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct host_pace_rules {
    int64_t interval_ms;  /* from the end of a good tick to the next */
    int64_t ceiling_ms;   /* longest wait after failures */
    int64_t slice_ms;     /* how long a tick by the clock may take */
    int64_t slice_max_ms; /* the same for one that is getting ahead */
} host_pace_rules;

typedef struct host_pace_now {
    int64_t wall_ms;
    int64_t mono_ms;
} host_pace_now;

/* What is remembered of a unit; all zero = it never ran. */
typedef struct host_pace {
    int64_t due_ms;      /* wall clock; 0 = now */
    int64_t due_mono_ms; /* the same by the clock that nobody sets; 0 = not known */
    int64_t slice_ms;    /* 0 = as the rules say */
    uint32_t failures;   /* in a row */
} host_pace;

typedef enum host_pace_end {
    HOST_PACE_DONE = 1,
    HOST_PACE_FAILED,
    HOST_PACE_CUT_SHORT /* its time was over while it was getting ahead */
} host_pace_end;

typedef struct host_pace_tick {
    host_pace_end end;
    bool is_manual; /* a person asked for it */
    int64_t ended_ms;
    int64_t ended_mono_ms; /* 0 = not known */
    int64_t wanted_ms;     /* next time that the plugin asked for; 0 = none */
    uint64_t chance;       /* any unpredictable number */
} host_pace_tick;

/* Interval in minutes; 12 hours, 5 minutes and 4 hours for the rest. */
host_pace_rules host_pace_usual(int64_t interval_minutes);
/* What a tick changes. Done: due after the interval, less up to a tenth so that units that ended
 * together do not begin together. Failed: the wait doubles with every failure in a row, up to the
 * ceiling; a person who tries again and again does not make it longer. Cut short: due at once,
 * behind the others, with twice the time. */
void host_pace_after(const host_pace_rules *rules, const host_pace_tick *tick, host_pace *pace);
/* Milliseconds that its next tick may take. */
int64_t host_pace_slice(const host_pace_rules *rules, const host_pace *pace);
/* It fails, or takes long: such units together get half of the room, so that the others always
 * find some. */
bool host_pace_is_limited(const host_pace_rules *rules, const host_pace *pace);
/* For what was read from the log of another process, whose other clock counted from elsewhere. A
 * time further off than the wait that follows so many failures comes from a clock that was set back
 * since, and counts as due; a plugin that asked for a later one is asked once too early then. */
void host_pace_resume(const host_pace_rules *rules, const host_pace_now *now, host_pace *pace);
/* By either clock: one that is set back delays nothing. */
bool host_pace_is_due(const host_pace *pace, const host_pace_now *now);

typedef struct host_pace_room {
    uint32_t most; /* ticks at once, at least 1 */
    uint32_t running;
    uint32_t limited; /* of those running */
} host_pace_room;

bool host_pace_fits(const host_pace_room *room, bool is_limited);

typedef struct host_pace_candidate {
    int64_t due_ms;
    bool is_asked; /* a person waits */
} host_pace_candidate;

/* Persons first, then who waits longest. */
bool host_pace_goes_first(const host_pace_candidate *a, const host_pace_candidate *b);

#endif
