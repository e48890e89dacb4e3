/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading secrets, alone and in batches, under every way in which the service refuses or breaks
 * off: no key is lost, none is read twice, and no item of a batch suffers from another. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"
#define KEYS 100u /* so many that batches get their turn */
#define FEW 12u

static void add_more(sync_world *w, const char *prefix, uint32_t count)
{
    char name[32];
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s-%03u", prefix, i);
        (void)fake_graph_add_key(w->graph, sync_world_device(w, name, name, "org-a"), OS, 10);
    }
}

static void add_keys(sync_world *w, uint32_t count)
{
    w->settings[0] = "parallel_reads";
    w->settings[1] = "4";
    add_more(w, "READ", count);
}

static void prepare_many(sync_world *w)
{
    add_keys(w, KEYS);
}

static bool has_all(const sync_world *w, const sync_run *run, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!IS(w->graph->keys[i].reads == 1))
            return false;
    return IS(run->result.outcome == BKEY_OUTCOME_DONE) && IS(run->result.failed == 0) &&
           IS(run->result.key_reads == count) && IS(w->store->record_count == count);
}

/* S3.40 D9: each secret is read once, whichever way. */
static bool check_batches(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, KEYS) && IS(w->graph->batched > 5) &&
           IS(w->graph->requests[FAKE_ROUTE_BATCH] >= 2);
}

static bool check_alone(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, KEYS) && IS(w->graph->batched == 0);
}

static bool check_few(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, FEW) && IS(w->graph->requests[FAKE_ROUTE_BATCH] == 0);
}

/* ---- batches ---- */

static void prepare_fault(sync_world *w, const fake_graph_fault *fault)
{
    add_keys(w, KEYS);
    fake_graph_add_fault(w->graph, fault);
}

static void prepare_batch_items_refused(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->batch_status = 400;
}

static void prepare_batch_items_forbidden(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->batch_status = 403;
}

static void prepare_batch_refused(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, -1, 400, -1, "{\"error\":{}}"});
}

static void prepare_batch_unknown(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, -1, 404, -1, "<html>"});
}

static void prepare_batch_throttled(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 1, 429, 12000, "{}"});
}

static void prepare_batch_gateway(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 1, 504, -1, "<html>"});
}

/* So slow and so often in trouble that less may be under way than one batch counts for. */
static void prepare_batch_slow(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 5, 504, -1, "<html>"});
    add_more(w, "SLOW", 260);
    w->settings[1] = "65";
    w->graph->answer_ms = 1500;
}

static bool check_slow(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, KEYS + 260) && IS(w->graph->requests[FAKE_ROUTE_BATCH] >= 1);
}

static void prepare_batch_reset(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 2, 0, -1, ""});
}

/* All batches under way share one connection, and lose it together: that is one mishap. */
static void prepare_batch_lost(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 16, 0, -1, ""});
    add_more(w, "LOST", 390);
    w->settings[1] = "16";
}

static bool check_lost(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, KEYS + 390) && IS(w->graph->requests[FAKE_ROUTE_BATCH] >= 16);
}

static void prepare_batch_garbage(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, -1, 200, -1, "{\"responses\":7}"});
}

static void prepare_batch_cut(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_BATCH, 0, 1, 200, -1, "{\"responses\":[{\"id"});
}

static void prepare_batch_token(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->token_uses = KEYS - 15;
}

static void prepare_extra_rows(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->extra_rows = true;
}

static void prepare_lost_items(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->lose_items = 3;
}

/* ---- an item in the middle of batches ---- */

static void prepare_item(sync_world *w, int32_t status, int64_t wait_ms)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_SECRET, KEYS - 10, 2, status, wait_ms, "{}"});
}

static void prepare_item_throttled(sync_world *w)
{
    prepare_item(w, 429, 12000);
}

static bool check_waited(const sync_world *w, const sync_run *run)
{
    return has_all(w, run, KEYS) && IS(run->waited_ms >= 11000) && IS(run->waited_ms < 30000);
}

static void prepare_item_throttled_silently(sync_world *w)
{
    prepare_item(w, 429, -1);
}

static void prepare_item_unavailable(sync_world *w)
{
    prepare_item(w, 503, 4000);
}

/* What only a batch answers like this is asked for again alone. */
static void prepare_item_dependency(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_ITEM, 3, 2, 424, -1, "{}"});
}

static void prepare_item_odd(sync_world *w)
{
    prepare_fault(w, &(fake_graph_fault){FAKE_ROUTE_ITEM, 3, 2, 418, -1, ""});
}

static void prepare_item_gone(sync_world *w)
{
    add_keys(w, KEYS);
    w->graph->keys[KEYS - 5].status = 404;
}

static bool check_one_out(const sync_world *w, const sync_run *run)
{
    return IS(run->result.failed == 1) && IS(w->store->record_count == KEYS - 1) &&
           IS(w->graph->keys[KEYS - 5].reads == 0) &&
           IS(sync_world_record(w, &w->graph->keys[KEYS - 4]) != NULL);
}

/* ---- alone ---- */

static void prepare_few(sync_world *w, int32_t status, int64_t wait_ms, const char *body)
{
    fake_graph_fault fault = {FAKE_ROUTE_SECRET, 2, 2, status, wait_ms, ""};
    (void)snprintf(fault.body, sizeof fault.body, "%s", body);
    add_keys(w, FEW);
    fake_graph_add_fault(w->graph, &fault);
}

static void prepare_throttled(sync_world *w)
{
    prepare_few(w, 429, 10000, "{\"error\":{\"code\":\"TooManyRequests\"}}");
}

static void prepare_throttled_silently(sync_world *w)
{
    prepare_few(w, 429, -1, "{\"error\":{\"code\":\"UnknownError\",\"message\":\"\"}}");
}

static void prepare_unavailable(sync_world *w)
{
    prepare_few(w, 503, 20000, "<html>Service Unavailable</html>");
}

static void prepare_gateway(sync_world *w)
{
    prepare_few(w, 504, -1, "<html>");
}

static void prepare_reset(sync_world *w)
{
    prepare_few(w, 0, -1, "");
}

/* S1.28: one key that is throttled for ever neither stops the others nor the publishing. */
static void prepare_hard_key(sync_world *w)
{
    add_keys(w, FEW);
    w->graph->keys[1].status = 429;
}

static bool check_hard_key(const sync_world *w, const sync_run *run)
{
    return IS(run->result.failed == 1) && IS(w->store->record_count == FEW - 1);
}

/* S3.40: what could not be read is not asked for in every tick. */
static void prepare_remembered(sync_world *w)
{
    static bkey_recall *recall;
    if (recall == NULL && !bkey_is_ok(bkey_recall_new(&recall)))
        return;
    w->recall = recall;
    add_keys(w, FEW);
    w->graph->keys[1].status = 404;
    w->graph->keys[2].status = 410;
    (void)snprintf(w->graph->keys[3].password, sizeof w->graph->keys[3].password, " ");
    (void)sync_world_tick(w, NULL);
}

static bool check_remembered(const sync_world *w, const sync_run *run)
{
    return IS(run->result.failed == 3) && IS(run->result.store_changes == 0) &&
           IS(w->graph->requests[FAKE_ROUTE_SECRET] == FEW) &&
           IS(w->store->record_count == FEW - 3);
}

/* S3.38-S3.41 */
static const sync_case cases[] = {
    {.name = "reads alone and in batches", .prepare = prepare_many, .check = check_batches},
    {.name = "every item of a batch is refused",
     .prepare = prepare_batch_items_refused,
     .check = check_alone},
    {.name = "every item of a batch is forbidden",
     .prepare = prepare_batch_items_forbidden,
     .check = check_alone},
    {.name = "batches are refused", .prepare = prepare_batch_refused, .check = check_alone},
    {.name = "batches are unknown", .prepare = prepare_batch_unknown, .check = check_alone},
    {.name = "a whole batch is throttled",
     .prepare = prepare_batch_throttled,
     .check = check_waited},
    {.name = "a gateway gives up on a batch",
     .prepare = prepare_batch_gateway,
     .check = check_batches},
    {.name = "slow and in trouble under batches",
     .prepare = prepare_batch_slow,
     .check = check_slow},
    {.name = "the line breaks under two batches",
     .prepare = prepare_batch_reset,
     .check = check_batches},
    {.name = "all batches under way are lost at once",
     .prepare = prepare_batch_lost,
     .check = check_lost},
    {.name = "answers to batches are garbage",
     .prepare = prepare_batch_garbage,
     .check = check_alone},
    {.name = "a batch's answer ends in the middle",
     .prepare = prepare_batch_cut,
     .check = check_batches},
    {.name = "the token ends among batches",
     .prepare = prepare_batch_token,
     .check = check_batches},
    {.name = "a batch answers twice and to nobody",
     .prepare = prepare_extra_rows,
     .check = check_batches},
    {.name = "a batch leaves items out", .prepare = prepare_lost_items, .check = check_batches},
    {.name = "items of a batch are throttled",
     .prepare = prepare_item_throttled,
     .check = check_waited},
    {.name = "items of a batch are throttled without a time",
     .prepare = prepare_item_throttled_silently,
     .check = check_batches},
    {.name = "items of a batch are unavailable",
     .prepare = prepare_item_unavailable,
     .check = check_batches},
    {.name = "items of a batch depend on failed ones",
     .prepare = prepare_item_dependency,
     .check = check_batches},
    {.name = "items of a batch get an odd status",
     .prepare = prepare_item_odd,
     .check = check_batches},
    {.name = "an item of a batch is not there",
     .prepare = prepare_item_gone,
     .check = check_one_out,
     .unread = 1},
    {.name = "a read is throttled", .prepare = prepare_throttled, .check = check_few},
    {.name = "a read is throttled without a time",
     .prepare = prepare_throttled_silently,
     .check = check_few},
    {.name = "a read is unavailable for a time",
     .prepare = prepare_unavailable,
     .check = check_few},
    {.name = "a gateway gives up on a read", .prepare = prepare_gateway, .check = check_few},
    {.name = "the line breaks under a read", .prepare = prepare_reset, .check = check_few},
    {.name = "one key is throttled for ever",
     .prepare = prepare_hard_key,
     .check = check_hard_key,
     .unread = 13},
    {.name = "unread keys are remembered",
     .prepare = prepare_remembered,
     .check = check_remembered},
};

const sync_case_list sync_cases_fetch = SYNC_CASE_LIST(cases);
