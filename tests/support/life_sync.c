/* SPDX-License-Identifier: Apache-2.0
 *
 * The syncs of a life: undisturbed, killed, cut off, not knowing whether a write landed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/life.h"

#define MINUTE_NS (UINT64_C(60) * 1000000000u)
#define FIRST_MS INT64_C(1787216400000) /* of the fake clock */

/* Nothing that an administrator or Microsoft did keeps this tenant from being synced. */
static bool may_sync(const life_tenant *t)
{
    const fake_graph *graph = t->world.graph;
    return !t->world.not_entitled && t->world.settings[0] == NULL && !graph->loop_pages &&
           (graph->directory || !graph->no_intune);
}

static void restart(life_tenant *t, bool remembers)
{
    bkey_recall_free(&t->world.recall);
    if (remembers && !bkey_is_ok(bkey_recall_new(&t->world.recall)))
        abort();
}

/* The plugin's process is another one now. */
static void forget(life *l)
{
    bkey_busy_free(&l->busy);
    if (!bkey_is_ok(bkey_busy_new(&l->busy)))
        abort();
    for (uint32_t i = 0; i < LIFE_TENANTS; i++) {
        l->tenants[i].world.busy = l->busy;
        restart(&l->tenants[i], false);
    }
}

static void kill_sync(life *l, life_tenant *t, const sync_fault *fault)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)sync_world_tick(&t->world, fault);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != FAKE_DEATH))
        abort();
    sync_world_reseed();
    forget(l);
}

static sync_run calm_sync(life *l, life_tenant *t)
{
    t->world.graph->fault_count = 0;
    t->world.later_ns = l->now_ns;
    const sync_run run = sync_world_tick(&t->world, NULL);
    t->is_pristine = run.result.outcome == BKEY_OUTCOME_DONE;
    t->synced_ms = FIRST_MS + (int64_t)(l->now_ns / 1000000u);
    if (!t->is_pristine && may_sync(t))
        (void)life_fail(l, "an undisturbed sync of %s ended with %d: %s", t->world.tenant,
                        (int)run.result.outcome, run.result.summary);
    return run;
}

/* What somebody at the host does while a sync runs. */
typedef struct meanwhile {
    life *l;
    life_step step;
    uint32_t skip;
} meanwhile;

static void act_meanwhile(meanwhile *m, void (*act)(life *, const life_step *))
{
    life_tenant *t = &m->l->tenants[m->step.tenant];
    if (m->skip-- > 0)
        return;
    t->world.graph->on_secret = NULL; /* once, and what it writes itself is not meant */
    m->l->store->on_apply = NULL;
    act(m->l, &m->step);
}

static void on_secret(void *context)
{
    meanwhile *m = context;
    act_meanwhile(m, m->step.c % 3 == 0 ? life_desk : life_word);
}

static void on_apply(void *context)
{
    act_meanwhile(context, life_word);
}

/* The device of one of the newest keys: that is what the sync is busy with. */
static uint32_t newest_device(const life_tenant *t, uint32_t draw)
{
    const fake_graph *graph = t->world.graph;
    if (graph->key_count == 0)
        return draw;
    const fake_key *key = &graph->keys[graph->key_count - 1 - draw % 3 % graph->key_count];
    for (uint32_t i = 0; i < graph->device_count; i++)
        if (strcmp(graph->devices[i].id, key->device_id) == 0)
            return i;
    return draw;
}

static void sync_meanwhile(life *l, life_tenant *t, const life_step *s)
{
    meanwhile m = {l, *s, s->b / 8 % 4};
    m.step.a = s->c;
    m.step.b = newest_device(t, s->b / 32);
    if (s->b % 2 == 0) {
        t->world.graph->on_secret = on_secret;
        t->world.graph->context = &m;
    } else {
        l->store->on_apply = on_apply;
        l->store->context = &m;
    }
    t->world.graph->fault_count = 0;
    (void)sync_world_tick(&t->world, NULL);
    t->world.graph->on_secret = NULL;
    l->store->on_apply = NULL;
}

/* Whether a write landed is not known: the sync finds out, and goes on. */
static void unsure_sync(life *l, life_tenant *t, const sync_fault *fault)
{
    t->world.graph->fault_count = 0;
    const sync_run run = sync_world_tick(&t->world, fault);
    if (run.result.outcome != BKEY_OUTCOME_DONE && may_sync(t))
        (void)life_fail(l, "a sync of %s that was unsure of a write ended with %d: %s",
                        t->world.tenant, (int)run.result.outcome, run.result.summary);
}

bool life_sync(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    sync_fault fault = {.kind = FAKE_FAULT_DIE};
    l->now_ns += s->c % 1600u * MINUTE_NS;
    t->world.later_ns = l->now_ns;
    if (s->c % 5 == 0)
        restart(t, s->c % 2 == 0);
    switch (s->a % 10) {
    case 0:
    case 1:
        (void)calm_sync(l, t);
        break;
    case 2:
        fault.apply_at = 1 + s->b % 8;
        kill_sync(l, t, &fault);
        break;
    case 3:
        fault.at = 1 + s->b % 300;
        kill_sync(l, t, &fault);
        break;
    case 4:
        fault.kind = s->b % 2 == 0 ? FAKE_FAULT_LANDED : FAKE_FAULT_NOT_LANDED;
        fault.apply_at = 1 + s->b / 2 % 8;
        unsure_sync(l, t, &fault);
        break;
    case 5:
        fault.kind = FAKE_FAULT_ERROR;
        fault.reason = BKEY_E_STORE_BUSY;
        fault.at = 1 + s->b % 300;
        (void)sync_world_tick(&t->world, &fault);
        break;
    case 6:
        t->world.deadline_ms = 1 + s->b % 300;
        (void)sync_world_tick(&t->world, NULL);
        t->world.deadline_ms = 0;
        break;
    case 7:
    case 8:
        sync_meanwhile(l, t, s);
        break;
    default:
        (void)sync_world_tick(&t->world, NULL);
    }
    return l->failure[0] == '\0';
}

bool life_rest(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    restart(t, false);
    const sync_run first = calm_sync(l, t);
    if (!t->is_pristine)
        return l->failure[0] == '\0';
    life_look(l);
    if (!life_check(l) || !life_check_answers(l, t))
        return false;
    const uint64_t rows = l->store->row_changes;
    const uint32_t reads = t->world.graph->key_reads;
    const sync_run second = calm_sync(l, t);
    const uint64_t renewal = t->world.graph->renews ? l->store->row_changes - rows : 0;
    if (second.result.store_changes != 0 || l->store->row_changes != rows + renewal)
        return life_fail(l, "an idle sync of %s wrote %u rows, of which it tells %u; before: %s",
                         t->world.tenant, (unsigned)(l->store->row_changes - rows),
                         (unsigned)second.result.store_changes, first.result.summary);
    if (t->world.graph->key_reads != reads || second.result.key_reads != 0)
        return life_fail(l, "an idle sync of %s read a secret", t->world.tenant);
    return l->failure[0] == '\0';
}
