/* SPDX-License-Identifier: Apache-2.0
 *
 * How much of a limit the reading of secrets uses: the real scheduler, pace and batches against a
 * service that counts requests in windows, on a clock that moves when somebody waits. Ten minutes
 * are measured after the first two windows. What is done with a secret is left out.
 *
 *   throttle LIMIT WINDOW_SECONDS seconds|date
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usecase/sync_fetch.h"

#define SECOND UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define LATENCY_NS (50 * MS)
#define MEASURED_NS (600 * SECOND)
#define SLOTS 256u
#define DATE_S 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

typedef struct slot {
    uint64_t tag;
    uint64_t due_ns;
    uint32_t count; /* keys asked for */
    bool together;
    bool allowed[BKEY_JSON_BATCH_ITEMS];
    uint32_t wait_s;
} slot;

typedef struct world {
    uint64_t now_ns, start_ns;
    uint32_t limit;
    uint64_t window_ns, window_start_ns;
    uint32_t used;
    bool dates;
    slot slots[SLOTS];
    uint32_t count;
    uint64_t good, refused; /* in the measured time */
    char body[32768];
} world;

static world w;

static bool is_measured(void)
{
    return w.now_ns >= w.start_ns + 2 * w.window_ns;
}

static bool is_over(void)
{
    return w.now_ns >= w.start_ns + 2 * w.window_ns + MEASURED_NS;
}

/* ---- the service ---- */

static bool admit(uint32_t *out_wait_s)
{
    if (w.used == 0 || w.now_ns - w.window_start_ns >= w.window_ns) {
        w.window_start_ns = w.now_ns;
        w.used = 0;
    }
    *out_wait_s = (uint32_t)((w.window_start_ns + w.window_ns - w.now_ns + SECOND - 1) / SECOND);
    const bool allowed = ++w.used <= w.limit;
    if (is_measured()) {
        w.good += allowed;
        w.refused += !allowed;
    }
    return allowed;
}

static bkey_err submit(void *self, const bkey_net_request *request)
{
    (void)self;
    if (w.count == SLOTS)
        return bkey_fail(BKEY_E_LIMIT);
    slot *s = &w.slots[w.count++];
    *s = (slot){.tag = request->tag, .due_ns = w.now_ns + LATENCY_NS};
    s->together = request->json != NULL;
    for (const char *at = request->json; at != NULL && (at = strstr(at, "\"url\"")) != NULL; at++)
        s->count++;
    s->count = s->together ? s->count : 1;
    for (uint32_t i = 0; i < s->count; i++)
        s->allowed[i] = admit(&s->wait_s);
    return bkey_ok();
}

static void write_wait(uint32_t wait_s, char out[96])
{
    if (w.dates)
        (void)snprintf(out, 96,
                       "\"Date\":\"Sun, 06 Nov 1994 08:49:37 GMT\",\"Retry-After\":\"Sun, 06 Nov "
                       "1994 08:%02u:%02u GMT\"",
                       49 + (37 + wait_s) / 60, (37 + wait_s) % 60);
    else
        (void)snprintf(out, 96, "\"Retry-After\":\"%u\"", wait_s);
}

static void answer(const slot *s, bkey_net_reply *reply)
{
    size_t len = 0;
    char wait[96];
    write_wait(s->wait_s, wait);
    *reply = (bkey_net_reply){.tag = s->tag, .status = 200, .retry_after_ms = -1};
    if (!s->together && !s->allowed[0]) {
        reply->status = 429;
        reply->retry_after_ms = (int64_t)s->wait_s * 1000;
    }
    if (s->together) {
        len = (size_t)snprintf(w.body, sizeof w.body, "{\"responses\":[");
        for (uint32_t i = 0; i < s->count; i++)
            len += (size_t)snprintf(w.body + len, sizeof w.body - len,
                                    "%s{\"id\":\"%u\",\"status\":%d,\"headers\":{%s},\"body\":{}}",
                                    i > 0 ? "," : "", i, s->allowed[i] ? 200 : 429,
                                    s->allowed[i] ? "" : wait);
        len += (size_t)snprintf(w.body + len, sizeof w.body - len, "]}");
    }
    w.body[len] = '\0';
    reply->body = (bkey_bytes){(const uint8_t *)w.body, len};
}

static bkey_err next(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply, bool *out_got)
{
    uint32_t first = 0;
    (void)self;
    *out_got = false;
    for (uint32_t i = 1; i < w.count; i++)
        first = w.slots[i].due_ns < w.slots[first].due_ns ? i : first;
    if (w.count == 0 || w.slots[first].due_ns > w.now_ns + timeout_ms * MS) {
        w.now_ns += timeout_ms * MS;
        return bkey_ok();
    }
    const slot s = w.slots[first];
    w.slots[first] = w.slots[--w.count];
    w.now_ns = s.due_ns > w.now_ns ? s.due_ns : w.now_ns;
    answer(&s, out_reply);
    *out_got = true;
    return bkey_ok();
}

static void release(void *self, bkey_net_reply *reply)
{
    (void)self;
    (void)reply;
}

static void cancel_all(void *self)
{
    (void)self;
    w.count = 0;
}

/* ---- ports ---- */

static uint64_t mono_ns(void *self)
{
    (void)self;
    return w.now_ns;
}

static bkey_err wait_ms(void *self, const bkey_call *call, uint64_t ms)
{
    (void)self;
    (void)call;
    w.now_ns += ms * MS;
    return bkey_ok();
}

static bkey_err still_wanted(void *self, const bkey_call *call)
{
    (void)self;
    (void)call;
    return is_over() ? bkey_fail(BKEY_E_DEADLINE) : bkey_ok();
}

static void draw(void *self, void *out, size_t len)
{
    (void)self;
    memset(out, 7, len);
}

/* ---- what the scheduler gives its secrets to ---- */

bkey_err bkey_sync_fetch_keep(bkey_sync_fetch *f, const bkey_plan_key *key, bkey_bytes body)
{
    (void)f;
    (void)key;
    (void)body;
    return bkey_ok();
}

void bkey_sync_fetch_keep_out(bkey_sync_fetch *f, const bkey_plan_key *key, bool lasts)
{
    (void)f;
    (void)key;
    (void)lasts;
    (void)fprintf(stderr, "throttle: a key was given up\n");
    exit(1);
}

bkey_err bkey_sync_fetch_keep_commit(bkey_sync_fetch *f)
{
    (void)f;
    return bkey_ok();
}

void bkey_batch_clear(bkey_batch *batch)
{
    (void)batch;
}

bkey_err bkey_sync_token_obtain(bkey_sync *sync)
{
    (void)sync;
    return bkey_fail(BKEY_E_TOKEN_REFUSED);
}

bkey_err bkey_sync_token_keep(bkey_sync *sync)
{
    (void)sync;
    return bkey_ok();
}

bool bkey_sync_token_challenged(bkey_sync *sync, const bkey_net_reply *reply)
{
    (void)sync;
    (void)reply;
    return false;
}

static bkey_err run(uint64_t keys)
{
    static bkey_sync sync;
    static bkey_net net = {NULL, 100, submit, next, release, cancel_all};
    const bkey_ports ports = {
        .mono_ns = mono_ns, .wait_ms = wait_ms, .still_wanted = still_wanted, .random = draw};
    sync.ports = &ports;
    sync.net = &net;
    sync.renew_ns = UINT64_MAX;
    sync.settings.parallel_reads = net.max_parallel;
    (void)snprintf(sync.connection.graph_url, sizeof sync.connection.graph_url,
                   "https://graph.example");
    sync.plan.keys = calloc(keys, sizeof *sync.plan.keys);
    if (sync.plan.keys == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    sync.plan.key_count = keys;
    sync.plan.fetches = keys;
    for (uint64_t i = 0; i < keys; i++) {
        sync.plan.keys[i].todo = BKEY_DO_FETCH;
        memcpy(sync.plan.keys[i].id.bytes, &i, sizeof i);
    }
    bkey_err err = bkey_sync_fetch_secrets(&sync);
    free(sync.plan.keys);
    return err;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: throttle LIMIT WINDOW_SECONDS seconds|date\n");
        return 2;
    }
    w.limit = (uint32_t)strtoull(argv[1], NULL, 10);
    const uint64_t window_s = strtoull(argv[2], NULL, 10);
    w.window_ns = window_s * SECOND;
    w.dates = strcmp(argv[3], "date") == 0;
    w.start_ns = w.now_ns = 1000 * SECOND;
    const double allowed = (double)w.limit * 600.0 / (double)window_s;
    /* More keys than there is time for: it is the limit that decides. */
    bkey_err err = run((uint64_t)(allowed * 1.2) + 4 * w.limit);
    if (!bkey_is(err, BKEY_E_DEADLINE)) {
        (void)fprintf(stderr, "throttle: %s\n", bkey_err_name(err));
        return 1;
    }
    (void)printf("{\"used\": %.5f, \"refused\": %.5f}\n", (double)w.good / allowed,
                 (double)w.refused / (double)(w.good + w.refused));
    return 0;
}
