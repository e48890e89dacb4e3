/* SPDX-License-Identifier: Apache-2.0
 *
 * See pace.h. Must not know clocks nor requests. */
#include "domain/pace.h"

#include <string.h>

#define NS 1e9
#define NS_PER_MS 1000000u

/* Credit grows no further: what a store's commit takes is made up for, a burst is not built. */
#define CREDIT_S 0.1
/* The way back to a refused rate, and how close to it is kept. */
#define BEGIN 0.975
#define KEEP 0.995
#define APPROACH_MIN_S 60.0
#define APPROACH_MAX_S 300.0
#define APPROACH_WAITS 24.0 /* trying for more costs a wait: the longer it is, the more seldom */
/* While little is known the rate grows by this much in each period. */
#define LEARN 0.04
#define SOON 1.5   /* periods */
#define LEARNED 2u /* bursts refused until a rate is worth keeping */
/* Latency that means too many at once, and not just a slow day. */
#define SLOW_FACTOR 4.0
#define SLOW_S 0.5
#define WINDOW_MIN 4.0

static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) / NS : 0.0;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

void bkey_pace_init(bkey_pace *pace, uint32_t at_once, uint64_t now_ns)
{
    memset(pace, 0, sizeof *pace);
    pace->most = at_once;
    pace->window = at_once;
    pace->start_ns = now_ns;
    pace->credit_ns = now_ns;
}

/* Up to the peak along a curve that flattens there, and as slowly away from it. */
static double rate_at(const bkey_pace *pace, uint64_t now_ns)
{
    const double age = seconds(pace->peak_ns, now_ns);
    if (pace->refusals < LEARNED)
        return pace->peak * (BEGIN + LEARN * age / pace->period_s);
    const double off = age / pace->approach_s - 1.0;
    return pace->peak * (KEEP + (KEEP - BEGIN) * off * off * off);
}

static double credit_at(const bkey_pace *pace, uint64_t now_ns)
{
    const double room = most(1.0, pace->rate * CREDIT_S);
    return least(room, pace->credit + pace->rate * seconds(pace->credit_ns, now_ns));
}

bool bkey_pace_is_paused(const bkey_pace *pace, uint64_t now_ns)
{
    return now_ns < pace->pause_until_ns;
}

uint32_t bkey_pace_room(const bkey_pace *pace, uint32_t under_way)
{
    const double room = (pace->probing ? 1.0 : pace->window) - (double)under_way;
    return room >= 1.0 ? (uint32_t)room : 0;
}

uint32_t bkey_pace_credit(const bkey_pace *pace, uint64_t now_ns)
{
    if (bkey_pace_is_paused(pace, now_ns))
        return 0;
    return pace->rate > 0.0 ? (uint32_t)credit_at(pace, now_ns) : UINT32_MAX;
}

uint32_t bkey_pace_allows(const bkey_pace *pace, uint64_t now_ns, uint32_t under_way)
{
    const uint32_t room = bkey_pace_room(pace, under_way);
    const uint32_t credit = bkey_pace_credit(pace, now_ns);
    return room < credit ? room : credit;
}

void bkey_pace_sent(bkey_pace *pace, uint64_t now_ns, uint32_t count)
{
    if (pace->rate <= 0.0)
        return;
    pace->credit = credit_at(pace, now_ns) - (double)count;
    pace->credit_ns = now_ns;
    pace->rate = rate_at(pace, now_ns);
}

static void note_latency(bkey_pace *pace, uint64_t now_ns, double latency_s)
{
    pace->latency_s = pace->latency_s > 0.0 ? pace->latency_s * 0.95 + latency_s * 0.05 : latency_s;
    if (pace->least_latency_s <= 0.0 || latency_s < pace->least_latency_s)
        pace->least_latency_s = latency_s;
    if (pace->latency_s > SLOW_FACTOR * pace->least_latency_s + SLOW_S &&
        seconds(pace->trouble_ns, now_ns) > pace->latency_s) {
        pace->window = most(WINDOW_MIN < pace->most ? WINDOW_MIN : pace->most, pace->window * 0.8);
        pace->trouble_ns = now_ns;
    }
}

/* What was allowed in the time that it took to be refused and to be let in again is the limit, if
 * the budget was full at the beginning of that time. While a rate is kept it was not, and the rate
 * itself is the better witness, unless it is refused again soon. */
static void learn(bkey_pace *pace, double span_s)
{
    const double mean = (double)pace->good / most(span_s, 0.001);
    const bool soon = seconds(pace->peak_ns, pace->refused_ns) < SOON * pace->period_s;
    if (pace->refusals == 0) {
        pace->peak = mean;
        pace->period_s = span_s;
    } else if (soon && pace->refusals >= LEARNED) {
        pace->peak = least(pace->rate * 0.985, most(mean, pace->rate * 0.5));
    } else {
        pace->peak = pace->rate * (1.0 - (pace->refusals < LEARNED ? LEARN / 2 : 0.005));
    }
    pace->peak = most(pace->peak, 0.1);
    pace->refusals++;
}

/* The rate begins anew at that time. */
static void begin(bkey_pace *pace, uint64_t at_ns, double wait_s)
{
    pace->approach_s = most(most(wait_s * APPROACH_WAITS, APPROACH_MIN_S), pace->period_s);
    pace->approach_s = least(pace->approach_s, APPROACH_MAX_S);
    pace->good = 0;
    pace->start_ns = at_ns;
    pace->peak_ns = at_ns;
    pace->credit_ns = at_ns;
    pace->credit = 1.0;
    pace->rate = rate_at(pace, at_ns);
}

/* Only now it is known how long the pause was. */
static void end_probing(bkey_pace *pace, uint64_t now_ns)
{
    learn(pace, seconds(pace->start_ns, now_ns));
    begin(pace, now_ns, seconds(pace->refused_ns, now_ns));
    pace->probing = false;
}

void bkey_pace_good(bkey_pace *pace, uint64_t now_ns, uint64_t latency_ns, uint32_t count)
{
    if (pace->probing && now_ns >= pace->pause_until_ns)
        end_probing(pace, now_ns);
    if (!bkey_pace_is_paused(pace, now_ns))
        pace->good += count;
    else if (pace->refusals == 1) /* it belongs to the burst that was refused in part */
        pace->peak += (double)count / pace->period_s;
    pace->window = least(pace->most, pace->window + (double)count / pace->window);
    note_latency(pace, now_ns, (double)latency_ns / NS);
}

/* Services round up to whole seconds, which counts when the rate had nearly fitted. */
static double real_wait(const bkey_pace *pace, double wait_s)
{
    if (pace->refusals == 0)
        return wait_s;
    return wait_s > 2.0 ? wait_s - 0.5 : wait_s / 4;
}

bool bkey_pace_refused(bkey_pace *pace, uint64_t now_ns, uint64_t wait_ms, bool guessed)
{
    const uint64_t until = now_ns + wait_ms * NS_PER_MS;
    const double wait_s = (double)wait_ms / 1000.0;
    const bool first = !bkey_pace_is_paused(pace, now_ns);
    if (first && !pace->probing) {
        pace->refused_ns = now_ns;
        if (!guessed)
            learn(pace, seconds(pace->start_ns, now_ns) + real_wait(pace, wait_s));
    }
    if (until > pace->pause_until_ns)
        pace->pause_until_ns = until;
    if (guessed)
        pace->probing = true;
    else if (first || !pace->probing)
        begin(pace, pace->pause_until_ns, wait_s);
    pace->probing = guessed;
    return first;
}

void bkey_pace_trouble(bkey_pace *pace, uint64_t now_ns)
{
    if (seconds(pace->trouble_ns, now_ns) < most(1.0, pace->latency_s))
        return;
    pace->trouble_ns = now_ns;
    pace->window = most(WINDOW_MIN < pace->most ? WINDOW_MIN : pace->most, pace->window * 0.5);
}

void bkey_pace_hold(bkey_pace *pace, uint64_t now_ns, uint64_t wait_ms)
{
    const uint64_t until = now_ns + wait_ms * NS_PER_MS;
    if (until > pace->pause_until_ns)
        pace->pause_until_ns = until;
}

uint64_t bkey_pace_next_ns(const bkey_pace *pace, uint64_t now_ns)
{
    const uint64_t from = bkey_pace_is_paused(pace, now_ns) ? pace->pause_until_ns : now_ns;
    const double credit = pace->rate > 0.0 ? credit_at(pace, from) : 1.0;
    return credit >= 1.0 ? from : from + (uint64_t)((1.0 - credit) / pace->rate * NS) + 1u;
}
