/* SPDX-License-Identifier: Apache-2.0
 *
 * Planning, in four passes: join the keys, sort them by device, decide device by device and line by
 * line, and compare with the records. O(n log n), about 120 bytes a key. Must not know how anything
 * is fetched, stored or shown. */
#include "domain/plan.h"

#include <stdlib.h>
#include <string.h>

#include "domain/idsort.h"
#include "domain/lineage.h"
#include "domain/plan_import.h"
#include "domain/plan_join.h"
#include "domain/plan_record.h"

typedef struct planner {
    const bkey_plan_input *input;
    bkey_idsort devices;
    bkey_idsort decisions;
    bkey_idsort records;
    bkey_match_index *match;
    bkey_plan *plan;
} planner;

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_by_device(const void *a, const void *b)
{
    const bkey_plan_key *x = a;
    const bkey_plan_key *y = b;
    int order = sup_guid_compare(&x->device_id, &y->device_id);
    if (order == 0)
        order = compare_numbers(x->volume, y->volume);
    if (order == 0)
        order = compare_numbers(x->created_ms, y->created_ms);
    return order != 0 ? order : sup_guid_compare(&x->id, &y->id);
}

static int compare_by_organization(const void *a, const void *b)
{
    const bkey_plan_key *x = a;
    const bkey_plan_key *y = b;
    int order = compare_numbers(x->organization, y->organization);
    return order != 0 ? order : compare_by_device(a, b);
}

/* Keys without a device have nothing in common: each is a group of its own. */
static size_t end_of_device(const bkey_plan_key *keys, size_t count, size_t start)
{
    size_t end = start + 1;
    if (sup_guid_is_zero(&keys[start].device_id))
        return end;
    while (end < count && sup_guid_equal(&keys[end].device_id, &keys[start].device_id))
        end++;
    return end;
}

static size_t end_of_line(const bkey_plan_key *keys, size_t count, size_t start)
{
    size_t end = start + 1;
    while (end < count && keys[end].volume == keys[start].volume)
        end++;
    return end;
}

/* What opens no volume supersedes nothing: the older key may be the only one that works. Nor does
 * what was only imported: nobody knows which volume it opens. */
static bkey_lineage_fact fact_of(const bkey_plan_key *key)
{
    bool usable = bkey_plan_join_is_held(key) && (key->flags & BKEY_HELD_MALFORMED) == 0 &&
                  bkey_origin_is_listed(key->origins);
    bkey_lineage_fact fact = {key->created_ms, (bkey_volume)key->volume,
                              bkey_plan_join_is_listed(key), usable};
    return fact;
}

static void decide_line(const planner *p, bkey_plan_key *keys, size_t count)
{
    int64_t newest_ms = BKEY_DATE_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        bkey_lineage_fact fact = fact_of(&keys[i]);
        newest_ms = bkey_lineage_fold(newest_ms, &fact);
    }
    for (size_t i = 0; i < count; i++) {
        bkey_lineage_fact fact = fact_of(&keys[i]);
        keys[i].lineage =
            (uint8_t)bkey_lineage_of(&fact, newest_ms, p->input->rules.burst_window_ms);
    }
}

static void remember(bkey_plan *plan, const sup_guid *device_id, const bkey_match *match,
                     const bkey_decision *decision)
{
    plan->matches[plan->match_count++] =
        (bkey_plan_match){*device_id, match->configuration, match->organization, match->reason,
                          decision == NULL ? 0 : decision->revision};
}

/* A device that is listed twice with two serial numbers is neither of them: a wrong match would
 * show its keys to somebody else. */
static bool is_contradictory(const planner *p, const sup_guid *device_id)
{
    char one[BKEY_MATCH_SERIAL_MAX + 1];
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    size_t first = 0;
    size_t rows = bkey_idsort_rows(&p->devices, device_id, &first);
    for (size_t i = 1; i < rows; i++) {
        uint32_t row = bkey_idsort_row(&p->devices, first + i);
        uint32_t before = bkey_idsort_row(&p->devices, first + i - 1);
        (void)bkey_match_serial(p->input->devices[before].serial, one);
        (void)bkey_match_serial(p->input->devices[row].serial, other);
        if (strcmp(one, other) != 0)
            return true;
    }
    return false;
}

/* What one of its rows contests is contested: not knowing which one is true is no reason to put new
 * keys where it may not be any more. */
static bkey_err contest_rows(const planner *p, const sup_guid *device_id,
                             const bkey_decision *decision, bkey_match *match)
{
    size_t first = 0;
    size_t rows = bkey_idsort_rows(&p->devices, device_id, &first);
    for (size_t i = 0; i < rows; i++) {
        const bkey_device *device = &p->input->devices[bkey_idsort_row(&p->devices, first + i)];
        bkey_match found;
        bkey_err err = bkey_match_device(p->match, device, decision, &found);
        if (!bkey_is_ok(err))
            return err;
        if (found.outcome == BKEY_UNMATCHED_CONTESTED)
            *match = found;
    }
    return bkey_ok();
}

static bkey_err match_device(const planner *p, const sup_guid *device_id, uint32_t row,
                             bkey_match *out_match)
{
    uint32_t decided = bkey_idsort_find(&p->decisions, device_id);
    const bkey_decision *decision = decided == BKEY_NONE ? NULL : &p->input->decisions[decided];
    const bkey_device *device = row == BKEY_NONE ? NULL : &p->input->devices[row];
    bool torn = device != NULL && is_contradictory(p, device_id);
    bkey_err err = bkey_match_device(p->match, torn ? NULL : device, decision, out_match);
    if (bkey_is_ok(err) && torn && out_match->outcome == BKEY_UNMATCHED_NO_DEVICE)
        out_match->outcome = BKEY_UNMATCHED_TORN;
    if (bkey_is_ok(err) && torn && out_match->outcome <= BKEY_MATCHED_LOST)
        err = contest_rows(p, device_id, decision, out_match);
    if (bkey_is_ok(err) && out_match->remember)
        remember(p->plan, device_id, out_match, decision);
    return err;
}

static void wait_for(const planner *p, const sup_guid *device_id, uint32_t device,
                     const bkey_match *match)
{
    p->plan->waiting[p->plan->waiting_count++] =
        (bkey_plan_waiting){*device_id, device, bkey_match_wants_mac(p->match, match), *match};
}

static void place_keys(const planner *p, bkey_plan_key *keys, size_t count, const bkey_match *match)
{
    bool ignored = match->outcome == BKEY_UNMATCHED_IGNORED;
    bool archived = match->configuration != BKEY_NONE &&
                    p->input->configurations[match->configuration].archived;
    for (size_t i = 0; i < count; i++) {
        keys[i].configuration = match->configuration;
        keys[i].organization = match->organization;
        keys[i].expelled = ignored || match->outcome == BKEY_UNMATCHED_UNDONE;
        keys[i].ignored = ignored;
        keys[i].detached = archived || match->outcome == BKEY_MATCHED_LOST;
    }
}

static bkey_err decide_device(const planner *p, bkey_plan_key *keys, size_t count)
{
    const sup_guid *id = &keys[0].device_id;
    uint32_t device = bkey_idsort_find(&p->devices, id);
    bkey_match match = {
        .outcome = BKEY_UNMATCHED_NO_DEVICE, .configuration = BKEY_NONE, .organization = BKEY_NONE};
    if (!sup_guid_is_zero(id)) {
        bkey_err err = match_device(p, id, device, &match);
        if (!bkey_is_ok(err))
            return err;
        if (match.outcome > BKEY_MATCHED_MAC)
            wait_for(p, id, device, &match);
    } else if (keys[0].import != BKEY_NONE) {
        bkey_err err = bkey_plan_import_place(p->input, p->match, keys[0].import, &match);
        if (!bkey_is_ok(err))
            return err;
    }
    for (size_t i = 0; i < count; i++)
        keys[i].device = device;
    place_keys(p, keys, count, &match);
    for (size_t start = 0; start < count;) {
        size_t end = end_of_line(keys, count, start);
        decide_line(p, keys + start, end - start);
        start = end;
    }
    return bkey_ok();
}

static bkey_err decide_all(const planner *p)
{
    bkey_plan *plan = p->plan;
    size_t groups = 0;
    for (size_t at = 0; at < plan->key_count; groups++)
        at = end_of_device(plan->keys, plan->key_count, at);
    plan->matches = calloc(groups + 1, sizeof *plan->matches);
    plan->waiting = calloc(groups + 1, sizeof *plan->waiting);
    if (plan->matches == NULL || plan->waiting == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    for (size_t start = 0; start < plan->key_count;) {
        size_t end = end_of_device(plan->keys, plan->key_count, start);
        bkey_err err = decide_device(p, plan->keys + start, end - start);
        if (!bkey_is_ok(err))
            return err;
        start = end;
    }
    return bkey_ok();
}

static void compare_all(planner *p)
{
    bkey_plan *plan = p->plan;
    for (size_t i = 0; i < plan->key_count; i++) {
        bkey_plan_key *key = &plan->keys[i];
        key->record = bkey_idsort_find(&p->records, &key->id);
        bkey_plan_record_compare(p->input, key);
        plan->unmatched += key->organization == BKEY_NONE && !key->ignored;
        plan->fetches += (key->todo & BKEY_DO_FETCH) != 0;
    }
}

bkey_match_world bkey_plan_world(const bkey_plan_input *input)
{
    return (bkey_match_world){.configurations = input->configurations,
                              .configuration_count = input->configuration_count,
                              .devices = input->devices,
                              .device_count = input->device_count,
                              .decisions = input->decisions,
                              .decision_count = input->decision_count,
                              .evidence = input->evidence,
                              .evidence_count = input->evidence_count,
                              .rivals = input->rivals,
                              .rival_count = input->rival_count,
                              .organization_count = input->organization_count,
                              .addresses_pending = input->addresses_pending};
}

static bkey_err index_matches(planner *p)
{
    const bkey_match_world world = bkey_plan_world(p->input);
    return bkey_match_index_new(&world, &p->match);
}

static bkey_err sort_inputs(planner *p)
{
    const bkey_plan_input *in = p->input;
    bkey_err err =
        bkey_idsort_init(&p->devices, in->devices, in->device_count, sizeof *in->devices);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&p->decisions, in->decisions, in->decision_count,
                               sizeof *in->decisions);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&p->records, in->records, in->record_count, sizeof *in->records);
    if (bkey_is_ok(err))
        err = index_matches(p);
    return err;
}

/* Rows are counted in 32 bits, and BKEY_NONE is not a row. */
static bool is_countable(const bkey_plan_input *input)
{
    static const size_t most = UINT32_MAX / 2;
    return input->listed_count < most && input->held_count < most && input->device_count < most &&
           input->configuration_count < most && input->decision_count < most &&
           input->record_count < most && input->evidence_count < most && input->import_count < most;
}

bkey_err bkey_plan_build(const bkey_plan_input *input, bkey_plan *out_plan)
{
    if (!is_countable(input))
        return bkey_fail(BKEY_E_LIMIT);
    bkey_plan plan = {0};
    planner p = {.input = input, .plan = &plan};
    bkey_err err = bkey_plan_join_keys(input, &plan.keys, &plan.key_count);
    if (bkey_is_ok(err))
        err = sort_inputs(&p);
    if (bkey_is_ok(err))
        err = bkey_plan_import_join(input, p.match, plan.keys, plan.key_count);
    if (!bkey_is_ok(err))
        goto out;
    if (plan.key_count > 0)
        qsort(plan.keys, plan.key_count, sizeof *plan.keys, compare_by_device);
    err = decide_all(&p);
    if (!bkey_is_ok(err))
        goto out;
    compare_all(&p);
    if (plan.key_count > 0)
        qsort(plan.keys, plan.key_count, sizeof *plan.keys, compare_by_organization);
    *out_plan = plan;
    plan = (bkey_plan){0};
out:
    bkey_match_index_free(&p.match);
    bkey_idsort_done(&p.records);
    bkey_idsort_done(&p.decisions);
    bkey_idsort_done(&p.devices);
    bkey_plan_free(&plan);
    return err;
}

void bkey_plan_free(bkey_plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->keys);
    free(plan->matches);
    free(plan->waiting);
    *plan = (bkey_plan){0};
}
