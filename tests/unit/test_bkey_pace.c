/* SPDX-License-Identifier: Apache-2.0
 *
 * The pace of requests against simulated services: how much of what they allow is used, and how
 * much is refused, over ten minutes after the first two windows. */
/* LINK: plugin/src/domain/pace.c */
/* LIBS: -lm */
#include <criterion/criterion.h>
#include <string.h>

#include "domain/pace.h"

#define MS UINT64_C(1000000)
#define SECOND (UINT64_C(1000) * MS)
#define QUEUE 4096u

typedef enum retry_style { EXACT_SECONDS, ALWAYS_TEN_SECONDS, ABSENT } retry_style;

typedef struct service {
    uint32_t limit; /* in a window */
    uint64_t window_ns;
    retry_style style;
    uint32_t latency_ms;
    bool bucket; /* refilled all the time instead of once in a window */
    double level;
    uint64_t level_ns;
    uint64_t window_start_ns;
    uint32_t used;
} service;

typedef struct answer {
    uint64_t at_ns;
    uint64_t sent_ns;
    uint64_t wait_ms;
    bool good;
} answer;

typedef struct run {
    uint64_t good;
    uint64_t refused;
    uint64_t early; /* sent before the time that the service named */
} run;

static bool admit(service *s, uint64_t now_ns, uint64_t *wait_ms)
{
    if (s->bucket) {
        const double rate = (double)s->limit / ((double)s->window_ns / 1e9);
        s->level += rate * (double)(now_ns - s->level_ns) / 1e9;
        s->level = s->level > (double)s->limit ? (double)s->limit : s->level;
        s->level_ns = now_ns;
        *wait_ms = 10000;
        if (s->level < 1.0)
            return false;
        s->level -= 1.0;
        return true;
    }
    if (s->used == 0 || now_ns - s->window_start_ns >= s->window_ns) {
        s->window_start_ns = now_ns;
        s->used = 0;
    }
    s->used++;
    uint64_t left = s->window_start_ns + s->window_ns - now_ns;
    *wait_ms = s->style == ALWAYS_TEN_SECONDS ? 10000 : (left + SECOND - 1) / SECOND * 1000;
    return s->used <= s->limit;
}

typedef struct driver {
    bkey_pace pace;
    service s;
    answer queue[QUEUE];
    uint32_t head;
    uint32_t count;
    uint32_t guesses;
    uint64_t not_before_ns;
    run *out;
    bool counts;
} driver;

static void take(driver *d, uint64_t now_ns)
{
    while (d->count > 0 && d->queue[d->head].at_ns <= now_ns) {
        const answer a = d->queue[d->head];
        d->head = (d->head + 1) % QUEUE;
        d->count--;
        d->out->good += d->counts && a.good;
        d->out->refused += d->counts && !a.good;
        if (a.good) {
            d->guesses = 0;
            bkey_pace_good(&d->pace, now_ns, now_ns - a.sent_ns, 1);
            continue;
        }
        const bool guessed = d->s.style == ABSENT;
        const uint32_t doublings = d->guesses < 3 ? d->guesses : 3;
        const uint64_t wait = guessed ? UINT64_C(1000) << doublings : a.wait_ms;
        if (!guessed && now_ns + wait * MS > d->not_before_ns)
            d->not_before_ns = now_ns + wait * MS;
        if (bkey_pace_refused(&d->pace, now_ns, wait, guessed))
            d->guesses++;
    }
}

static void send(driver *d, uint64_t now_ns)
{
    const uint32_t n = bkey_pace_allows(&d->pace, now_ns, d->count);
    if (n == 0)
        return;
    bkey_pace_sent(&d->pace, now_ns, n);
    for (uint32_t i = 0; i < n; i++) {
        answer *a = &d->queue[(d->head + d->count++) % QUEUE];
        *a = (answer){.at_ns = now_ns + d->s.latency_ms * MS, .sent_ns = now_ns};
        a->good = admit(&d->s, now_ns, &a->wait_ms);
        d->out->early += now_ns < d->not_before_ns;
    }
}

static run play(service s, double *out_share)
{
    static driver d;
    run out = {0, 0, 0};
    const uint64_t start = 5 * SECOND;
    const uint64_t from = start + 2 * s.window_ns;
    const uint64_t end = from + 600 * SECOND;
    memset(&d, 0, sizeof d);
    d.s = s;
    d.s.level = s.limit;
    d.s.level_ns = start;
    d.out = &out;
    bkey_pace_init(&d.pace, 100, start);
    for (uint64_t now = start; now < end; now += MS) {
        d.counts = now >= from;
        take(&d, now);
        send(&d, now);
    }
    *out_share = (double)out.good / ((double)s.limit * 600.0 / ((double)s.window_ns / 1e9));
    return out;
}

static void check(const char *name, service s, double least_share, double most_refused)
{
    double share = 0;
    const run r = play(s, &share);
    const double refused = (double)r.refused / (double)(r.good + r.refused);
    cr_log_info("%s: %.2f %% used, %.3f %% refused", name, share * 100, refused * 100);
    cr_expect(share >= least_share, "%s: %.2f %% of the allowed rate", name, share * 100);
    cr_expect(refused < most_refused, "%s: %.3f %% refused", name, refused * 100);
    cr_expect(r.early == 0, "%s: %llu sent in a pause", name, (unsigned long long)r.early);
}

static service fixed(uint32_t limit, uint64_t window_ns, retry_style style, uint32_t latency_ms)
{
    return (service){
        .limit = limit, .window_ns = window_ns, .style = style, .latency_ms = latency_ms};
}

static service bucket(uint32_t limit, uint64_t window_ns, uint32_t latency_ms)
{
    service s = fixed(limit, window_ns, ALWAYS_TEN_SECONDS, latency_ms);
    s.bucket = true;
    return s;
}

/* The documented budgets: Intune's 2,000 in 20 s and the directory's 3,500 to 8,000 in 10 s. */
Test(pace, documented_budgets_are_used_and_kept)
{
    check("2000/20s", fixed(2000, 20 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
    check("3500/10s", fixed(3500, 10 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
    check("5000/10s", fixed(5000, 10 * SECOND, EXACT_SECONDS, 20), 0.95, 0.01);
    check("8000/10s", fixed(8000, 10 * SECOND, EXACT_SECONDS, 10), 0.95, 0.01);
    check("3000/150s", fixed(3000, 150 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
}

/* Budgets that nobody published, small and large. */
Test(pace, unpublished_budgets_are_found)
{
    check("100/10s", fixed(100, 10 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
    check("500/10s", fixed(500, 10 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
    check("1000/60s", fixed(1000, 60 * SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
    check("700/7s", fixed(700, 7 * SECOND, EXACT_SECONDS, 200), 0.95, 0.01);
    check("300/1s", fixed(300, SECOND, EXACT_SECONDS, 50), 0.95, 0.01);
}

/* Dialects of refusing that make the limit harder to see. */
Test(pace, other_ways_to_refuse_are_survived)
{
    check("always 10 s", fixed(2000, 20 * SECOND, ALWAYS_TEN_SECONDS, 50), 0.92, 0.01);
    check("no Retry-After", fixed(2000, 20 * SECOND, ABSENT, 50), 0.93, 0.01);
    check("a bucket", bucket(1000, 10 * SECOND, 50), 0.93, 0.01);
}

/* S2.5: Retry-After is kept to the millisecond, and answers to one burst are one refusal. */
Test(pace, a_named_wait_is_kept_exactly)
{
    bkey_pace pace;
    bkey_pace_init(&pace, 10, SECOND);
    cr_expect(bkey_pace_allows(&pace, SECOND, 3) == 7);
    bkey_pace_good(&pace, 2 * SECOND, 50 * MS, 10);
    cr_expect(bkey_pace_refused(&pace, 2 * SECOND, 7000, false));
    cr_expect(!bkey_pace_refused(&pace, 2 * SECOND + MS, 3000, false), "the same burst");
    cr_expect(bkey_pace_allows(&pace, 9 * SECOND - 1, 0) == 0);
    cr_expect(bkey_pace_next_ns(&pace, 3 * SECOND) == 9 * SECOND);
    cr_expect(bkey_pace_allows(&pace, 9 * SECOND, 0) == 1);
}

Test(pace, after_a_guessed_wait_one_request_asks)
{
    bkey_pace pace;
    bkey_pace_init(&pace, 10, SECOND);
    bkey_pace_good(&pace, 2 * SECOND, 50 * MS, 100);
    cr_expect(bkey_pace_refused(&pace, 2 * SECOND, 1000, true));
    cr_expect(bkey_pace_allows(&pace, 3 * SECOND - 1, 0) == 0);
    cr_expect(bkey_pace_allows(&pace, 3 * SECOND, 0) == 1);
    cr_expect(bkey_pace_allows(&pace, 3 * SECOND, 1) == 0);
    bkey_pace_good(&pace, 4 * SECOND, 50 * MS, 1);
    cr_expect(!pace.probing);
    cr_expect(pace.rate > 30 && pace.rate < 35, "100 in three seconds, not %f", pace.rate);
}

Test(pace, trouble_and_latency_make_it_fewer_and_good_answers_more)
{
    bkey_pace pace;
    uint64_t now = 10 * SECOND;
    bkey_pace_init(&pace, 100, now);
    bkey_pace_trouble(&pace, now);
    bkey_pace_trouble(&pace, now + MS);
    cr_expect(bkey_pace_allows(&pace, now, 0) == 50, "one trouble at a time");
    for (int i = 0; i < 10000; i++)
        bkey_pace_good(&pace, now += MS, 50 * MS, 1);
    cr_expect(bkey_pace_allows(&pace, now, 0) == 100);
    for (int i = 0; i < 1000; i++)
        bkey_pace_good(&pace, now += 10 * MS, 3 * SECOND, 1);
    cr_expect(bkey_pace_allows(&pace, now, 0) < 80);
    for (int i = 0; i < 100; i++)
        bkey_pace_trouble(&pace, now += 10 * SECOND);
    cr_expect(bkey_pace_allows(&pace, now, 0) == 4, "never none");
}
