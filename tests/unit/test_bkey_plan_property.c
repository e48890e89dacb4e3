/* SPDX-License-Identifier: Apache-2.0
 *
 * Planning under seeded histories: whatever happens between ticks, a plan that was carried out
 * leaves nothing to do, archives only on evidence, keeps one home per key, and does not depend on
 * the order of its input. */
/* LINK: tests/support/plan_world.c plugin/src/domain/plan.c plugin/src/domain/plan_join.c
   plugin/src/domain/plan_import.c plugin/src/domain/plan_record.c plugin/src/domain/plan_hash.c
   plugin/src/domain/idsort.c plugin/src/domain/lineage.c plugin/src/domain/match.c
   plugin/src/domain/match_?*.c plugin/src/domain/naming.c plugin/src/domain/alike.c
   plugin/src/domain/alike_order.c plugin/src/base/unicode.c plugin/src/domain/view.c
   plugin/src/domain/volume.c plugin/src/base/pattern.c plugin/src/base/error.c
   host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -lpcre2-8 -lutf8proc */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/plan_world.h"

#define SEEDS 300
#define TICKS 10
#define T INT64_C(1760000000000)

static const char *const serials[] = {"SERIAL01", "SERIAL02", "SERIAL03", "serial01 ",
                                      "None",     "",         "SERIAL04"};
#define IDS 256
static char ids[IDS][8]; /* no id is given twice in a history */
static size_t ids_used;

static uint32_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

static void add_key(world *w)
{
    if (w->listed_count + 8 > WORLD_MAX || w->held_count + 8 > WORLD_MAX)
        return;
    int64_t created = draw(10) == 0 ? BKEY_DATE_UNKNOWN : T + (int64_t)draw(2000) * 60000;
    bkey_volume volume = draw(2) == 0 ? BKEY_VOLUME_OS : (bkey_volume)draw(BKEY_VOLUME_COUNT);
    world_list(w, draw(40), draw(6), created, volume);
}

static void change_device(world *w)
{
    if (w->device_count < 5) {
        uint32_t device = (uint32_t)w->device_count + 1;
        snprintf(w->names[device], WORLD_TEXT, "PC-%u", draw(4));
        world_device(w, device, w->names[device], serials[draw(7)]);
        return;
    }
    bkey_device *device = &w->devices[draw((uint32_t)w->device_count)];
    if (draw(3) == 0)
        device->serial = serials[draw(7)];
    else
        device->name = draw(4) == 0 ? "" : w->names[1 + draw(5)];
}

static const char *new_id(void)
{
    cr_assert_lt(ids_used, IDS);
    snprintf(ids[ids_used], sizeof ids[0], "c-%zu", ids_used);
    return ids[ids_used++];
}

static void change_configuration(world *w)
{
    if (w->configuration_count < 8) {
        world_configuration(w, new_id(), serials[draw(7)], draw(2));
        return;
    }
    bkey_configuration *row = &w->configurations[draw(8)];
    switch (draw(4)) {
    case 0:
        row->archived = !row->archived;
        break;
    case 1:
        row->organization = draw(2);
        break;
    case 2:
        row->serial = serials[draw(7)];
        break;
    default: /* deleted, and another made */
        row->id = new_id();
        break;
    }
}

static void change_world(world *w)
{
    switch (draw(7)) {
    case 0:
        change_device(w);
        break;
    case 1:
        change_configuration(w);
        break;
    case 2:
        world_unlist(w, draw(40));
        break;
    case 3:
        if (w->record_count > 0)
            w->records[draw((uint32_t)w->record_count)].archived = false;
        break;
    case 4:
        if (w->unreadable_count < 10 && draw(3) == 0)
            w->unreadable[w->unreadable_count++] = world_guid(0xA0, draw(40));
        break;
    default:
        add_key(w);
        break;
    }
}

/* Somebody of the same device and volume, newer, listed and held. */
static bool has_successor(const bkey_plan *plan, const bkey_plan_key *key)
{
    for (size_t i = 0; i < plan->key_count; i++) {
        const bkey_plan_key *other = &plan->keys[i];
        if (sup_guid_equal(&other->device_id, &key->device_id) && other->volume == key->volume &&
            other->created_ms > key->created_ms && (other->flags & BKEY_HELD_SECRET) != 0 &&
            (other->flags & BKEY_HELD_GONE) == 0)
            return true;
    }
    return false;
}

static void check_evidence(const world *w, const bkey_plan *plan, uint32_t seed)
{
    for (size_t i = 0; i < plan->key_count; i++) {
        const bkey_plan_key *key = &plan->keys[i];
        bool hides = (key->todo & BKEY_DO_ARCHIVE) != 0 ||
                     ((key->todo & BKEY_DO_CREATE) != 0 && key->archived);
        cr_assert(!hides || has_successor(plan, key), "seed %u: archived without evidence", seed);
        bool listed_data = (key->flags & BKEY_HELD_GONE) == 0 && key->volume != BKEY_VOLUME_OS;
        cr_assert(!hides || !listed_data, "seed %u: a date superseded a data volume", seed);
        cr_assert((key->todo & BKEY_DO_CREATE) == 0 || key->held != BKEY_NONE);
        cr_assert((key->todo & (BKEY_DO_META | BKEY_DO_REHOME)) == 0 || key->held != BKEY_NONE);
        cr_assert(key->configuration == BKEY_NONE ||
                  w->configurations[key->configuration].organization == key->organization);
    }
}

static void check_quiet(const world *w, uint32_t seed)
{
    bkey_plan plan = world_plan(w);
    for (size_t i = 0; i < plan.key_count; i++) {
        uint32_t rest = plan.keys[i].todo & ~BKEY_DO_FETCH;
        cr_assert_eq(rest, 0, "seed %u: %x left to do", seed, rest);
    }
    cr_assert_eq(plan.match_count, 0, "seed %u", seed);
    bkey_plan_free(&plan);
}

static void check_homes(const world *w, uint32_t seed)
{
    for (size_t i = 0; i < w->record_count; i++) {
        for (size_t j = 0; j < w->held_count; j++) {
            if (sup_guid_equal(&w->records[i].key_id, &w->held[j].id))
                cr_assert_eq(w->records[i].organization, w->held[j].organization, "seed %u", seed);
        }
        for (size_t j = 0; j < i; j++)
            cr_assert_not(sup_guid_equal(&w->records[i].key_id, &w->records[j].key_id));
    }
}

static void swap_rows(void *rows, size_t width, size_t a, size_t b)
{
    char spare[128];
    char *base = rows;
    cr_assert_leq(width, sizeof spare);
    memcpy(spare, base + a * width, width);
    memmove(base + a * width, base + b * width, width);
    memcpy(base + b * width, spare, width);
}

static void shuffle(void *rows, size_t width, size_t count)
{
    for (size_t i = count; i > 1; i--)
        swap_rows(rows, width, i - 1, draw((uint32_t)i));
}

static void drop_duplicates(world *w)
{
    for (size_t i = 0; i < w->listed_count; i++) {
        for (size_t j = i + 1; j < w->listed_count; j++) {
            if (sup_guid_equal(&w->listed[i].id, &w->listed[j].id))
                w->listed[j--] = w->listed[--w->listed_count];
        }
    }
}

static void check_order_independence(const world *w, uint32_t seed)
{
    world *a = malloc(sizeof *a);
    world *b = malloc(sizeof *b);
    *a = *w;
    drop_duplicates(a);
    *b = *a;
    shuffle(b->listed, sizeof *b->listed, b->listed_count);
    shuffle(b->held, sizeof *b->held, b->held_count);
    shuffle(b->devices, sizeof *b->devices, b->device_count);
    shuffle(b->decisions, sizeof *b->decisions, b->decision_count);
    shuffle(b->records, sizeof *b->records, b->record_count);
    bkey_plan x = world_plan(a);
    bkey_plan y = world_plan(b);
    cr_assert_eq(x.key_count, y.key_count);
    cr_assert_eq(x.match_count, y.match_count);
    for (size_t i = 0; i < x.key_count; i++) {
        const bkey_plan_key *p = &x.keys[i];
        const bkey_plan_key *q = &y.keys[i];
        cr_assert(sup_guid_equal(&p->id, &q->id), "seed %u", seed);
        cr_assert(p->todo == q->todo && p->organization == q->organization, "seed %u", seed);
        cr_assert(p->lineage == q->lineage && p->archived == q->archived, "seed %u", seed);
    }
    bkey_plan_free(&x);
    bkey_plan_free(&y);
    free(a);
    free(b);
}

/* S1.3 S1.51 S1.69 S1.73 */
static void run_history(uint32_t seed, uint64_t *archived)
{
    world *w = calloc(1, sizeof *w);
    state = seed * 2654435761U + 1;
    ids_used = 0;
    for (int tick = 0; tick < TICKS; tick++) {
        for (uint32_t changes = 1 + draw(12); changes > 0; changes--)
            change_world(w);
        check_order_independence(w, seed);
        bkey_plan first = world_plan(w);
        check_evidence(w, &first, seed);
        world_fetch(w, &first);
        bkey_plan_free(&first);
        bkey_plan second = world_plan(w);
        check_evidence(w, &second, seed);
        world_publish(w, &second);
        bkey_plan_free(&second);
        check_quiet(w, seed);
        check_homes(w, seed);
    }
    for (size_t i = 0; i < w->record_count; i++)
        *archived += w->records[i].archived;
    free(w);
}

Test(plan_property, histories_end_quiet_with_evidence_and_one_home, .timeout = 120)
{
    uint64_t archived = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        run_history(seed, &archived);
    cr_expect_gt(archived, SEEDS / 2, "the histories must reach archiving: %llu",
                 (unsigned long long)archived);
}
