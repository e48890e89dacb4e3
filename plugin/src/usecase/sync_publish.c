/* SPDX-License-Identifier: Apache-2.0
 *
 * Publishes a plan: whole devices in bounded batches; an organization's first folder stays hidden
 * until all of its records are there (S1.28). Must not know what a record says. */
#include "usecase/sync.h"

#include <stdlib.h>
#include <string.h>

#include "domain/idsort.h"
#include "state/decision.h"
#include "support/utf8.h"

typedef struct publishing {
    bkey_sync *sync;
    uint32_t organization;
    bkey_item *new_folder;    /* in the batch under way: the folder, still hidden */
    bkey_idsort decisions;    /* those that the plan was made with */
    size_t at;                /* keys of the plan that were looked at */
    uint64_t decided;         /* revision of the decision that the device's last batch wrote */
    bkey_sync_counts pending; /* of the batch under way */
} publishing;

static bkey_err flush(publishing *p)
{
    bkey_sync *sync = p->sync;
    bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
    if (bkey_is_ok(err))
        err = bkey_batch_apply(&sync->batch);
    if (!bkey_is_ok(err))
        return err;
    sync->counts.created += p->pending.created;
    sync->counts.updated += p->pending.updated;
    sync->counts.archived += p->pending.archived;
    memset(&p->pending, 0, sizeof p->pending);
    p->new_folder = NULL;
    bkey_sync_preview_progress(sync, BKEY_PHASE_PUBLISH, p->at, sync->plan.key_count);
    return bkey_ok();
}

static bkey_err make_room(publishing *p, size_t items)
{
    return bkey_batch_room(&p->sync->batch) < items ? flush(p) : bkey_ok();
}

static bkey_item *put_folder(publishing *p, bool hidden)
{
    bkey_sync *sync = p->sync;
    bkey_sync_organization *to = bkey_sync_state_organization(sync, p->organization);
    bkey_item *item = bkey_batch_add(&sync->batch, BKEY_ITEM_FOLDER);
    item->expect_revision = to->folder_revision;
    item->organization_id = to->id;
    item->folder_id = to->folder_id;
    item->title = sync->settings.folder_name;
    item->hidden = hidden;
    to->folder_revision++;
    to->folder_exists = true;
    to->folder_hidden = hidden;
    to->folder_name = sync->settings.folder_name;
    return item;
}

/* Decisions are written with their device. */
static bkey_err put_match(publishing *p, const bkey_plan_match *match, const char *title)
{
    bkey_sync *sync = p->sync;
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    const bkey_configuration *configuration = &sync->input.configurations[match->configuration];
    const char *organization = bkey_sync_state_organization(sync, match->organization)->id;
    bkey_decision_row row = {.device_id = match->device_id,
                             .reason = match->reason,
                             .since_ms = sync->ports->wall_ms(sync->ports->self),
                             .revision = match->expect_revision};
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    if (strlen(organization) >= BKEY_ID_SIZE || strlen(configuration->id) >= BKEY_ID_SIZE)
        return bkey_fail(BKEY_E_LIMIT);
    memcpy(row.organization_id, organization, strlen(organization) + 1);
    memcpy(row.configuration_id, configuration->id, strlen(configuration->id) + 1);
    (void)sup_utf8_clean(title, strlen(title), row.device_name, sizeof row.device_name);
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_decision_seal(&place, &row, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&sync->batch, &sealed);
        p->decided = row.revision + 1;
        bkey_item *item = bkey_batch_add(&sync->batch, BKEY_ITEM_ACTIVITY);
        item->action = BKEY_ACTION_MATCHED;
        item->organization_id = organization;
        item->title = title;
        item->detail = bkey_match_state_reason(match->reason);
    }
    bkey_sealed_done(&sealed);
    return err;
}

/* A record is made or moved under the very decision that it was planned by: should a person have
 * changed it meanwhile, this conflicts, and it is planned again (S1.77). The decision's name of the
 * device follows the device's. */
static bkey_err confirm_decision(publishing *p, const bkey_plan_key *key, const char *title)
{
    const sup_guid *device_id = &key->device_id;
    bkey_sync *sync = p->sync;
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    bkey_decision_row row;
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_decision_get(&place, device_id, &row);
    if (bkey_is_ok(err) && row.revision != p->decided)
        err = bkey_fail(BKEY_E_CONFLICT);
    if (bkey_is_ok(err) && key->device != BKEY_NONE)
        (void)sup_utf8_clean(title, strlen(title), row.device_name, sizeof row.device_name);
    if (bkey_is_ok(err))
        err = bkey_decision_seal(&place, &row, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&sync->batch, &sealed);
        p->decided++;
    }
    bkey_sealed_done(&sealed);
    return err;
}

static const bkey_plan_match *find_match(const bkey_plan *plan, const sup_guid *device_id)
{
    size_t low = 0;
    size_t high = plan->match_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sup_guid_compare(&plan->matches[middle].device_id, device_id);
        if (order == 0)
            return &plan->matches[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bkey_err put_device_match(publishing *p, const bkey_plan_key *key, bool confirms)
{
    bkey_sync *sync = p->sync;
    const bkey_plan_match *match =
        sup_guid_is_zero(&key->device_id) ? NULL : find_match(&sync->plan, &key->device_id);
    uint32_t planned = bkey_idsort_find(&p->decisions, &key->device_id);
    bkey_plan_record wanted;
    p->decided = planned == BKEY_NONE ? 0 : sync->input.decisions[planned].revision;
    if (match == NULL && (!confirms || p->decided == 0))
        return bkey_ok();
    bkey_plan_record_write(&sync->input, key, &wanted);
    if (match == NULL)
        return confirm_decision(p, key, wanted.title);
    return put_match(p, match, bkey_batch_text(&sync->batch, wanted.title));
}

/* Only a device with more keys than Microsoft keeps is ever cut; then each batch confirms what the
 * one before it has written. */
static bkey_err cut_device(publishing *p, const bkey_plan_key *key, bool confirms)
{
    bkey_plan_record wanted;
    if (bkey_batch_room(&p->sync->batch) >= BKEY_SYNC_RECORD_ITEMS)
        return bkey_ok();
    bkey_err err = flush(p);
    if (!bkey_is_ok(err) || !confirms || p->decided == 0)
        return err;
    bkey_plan_record_write(&p->sync->input, key, &wanted);
    return confirm_decision(p, key, wanted.title);
}

static size_t end_of_device(const bkey_plan *plan, size_t start)
{
    size_t end = start + 1;
    while (end < plan->key_count &&
           plan->keys[end].organization == plan->keys[start].organization &&
           sup_guid_equal(&plan->keys[end].device_id, &plan->keys[start].device_id) &&
           !sup_guid_is_zero(&plan->keys[start].device_id))
        end++;
    return end;
}

static bool has_work(const publishing *p, size_t start, size_t end)
{
    const bkey_plan *plan = &p->sync->plan;
    for (size_t i = start; i < end; i++) {
        if ((plan->keys[i].todo & ~BKEY_DO_FETCH) != 0)
            return true;
    }
    return find_match(plan, &plan->keys[start].device_id) != NULL;
}

/* Only a record needs the folder: keys that merely change their place in the state do not. */
#define RECORD_WORK (BKEY_DO_CREATE | BKEY_DO_MOVE)

static bool has_any(const publishing *p, size_t start, size_t end, uint32_t wanted)
{
    for (size_t i = start; i < end; i++) {
        if ((p->sync->plan.keys[i].todo & wanted) != 0)
            return true;
    }
    return false;
}

static bkey_err prepare_folder(publishing *p)
{
    bkey_sync *sync = p->sync;
    if (p->organization == BKEY_NONE ||
        bkey_sync_state_organization(sync, p->organization)->folder_exists)
        return bkey_ok();
    p->new_folder = put_folder(p, true);
    return bkey_ok();
}

static bkey_err publish_device(publishing *p, size_t start, size_t end)
{
    bkey_sync *sync = p->sync;
    const bool confirms = has_any(p, start, end, RECORD_WORK | BKEY_DO_RENAME);
    size_t wanted = (end - start) * BKEY_SYNC_RECORD_ITEMS + 4;
    bkey_err err = make_room(p, wanted < BKEY_BATCH_MAX ? wanted : BKEY_BATCH_MAX);
    if (bkey_is_ok(err) && has_any(p, start, end, RECORD_WORK))
        err = prepare_folder(p);
    if (bkey_is_ok(err))
        err = put_device_match(p, &sync->plan.keys[start], confirms);
    for (size_t i = start; bkey_is_ok(err) && i < end; i++) {
        err = cut_device(p, &sync->plan.keys[i], confirms);
        if (bkey_is_ok(err))
            err = bkey_sync_record_add(sync, &sync->plan.keys[i], &p->pending);
    }
    return err;
}

static bkey_busy_first first_of(const publishing *p)
{
    const bkey_sync *sync = p->sync;
    const bkey_busy_first first = {&sync->tenant,
                                   bkey_sync_state_organization(sync, p->organization)->id,
                                   sync->ports->mono_ns(sync->ports->self)};
    return first;
}

static bkey_err begin_folder(const publishing *p)
{
    const bkey_sync_organization *to = bkey_sync_state_organization(p->sync, p->organization);
    const bkey_busy_first first = first_of(p);
    if (to->folder_exists && !to->folder_hidden)
        return bkey_ok();
    return bkey_busy_first_begin(p->sync->busy, &first);
}

/* All records are there. The last write makes the folder visible, unless another connection is in
 * the middle of its own first publication: then that one does. When the whole of it fits into one
 * batch, the folder is never hidden at all. */
static bkey_err finish_folder(publishing *p)
{
    bkey_sync *sync = p->sync;
    bkey_sync_organization *to = bkey_sync_state_organization(sync, p->organization);
    const bkey_busy_first first = first_of(p);
    if (p->new_folder != NULL) {
        p->new_folder->hidden = false;
        to->folder_hidden = false;
    }
    bkey_err err = flush(p);
    if (!bkey_is_ok(err))
        return err;
    bkey_busy_first_done(sync->busy, &first);
    if (to->folder_hidden)
        err = bkey_sync_first_recall(sync, to->id);
    if (!bkey_is_ok(err))
        return err;
    const bool renamed = strcmp(to->folder_name, sync->settings.folder_name) != 0;
    const bool shows = to->folder_hidden && bkey_busy_first_may_show(sync->busy, &first);
    if (to->folder_exists && (shows || (renamed && !to->folder_hidden))) {
        (void)put_folder(p, false);
        err = flush(p);
    }
    if (bkey_is_ok(err) && !to->folder_hidden)
        bkey_busy_first_forget(sync->busy, to->id);
    return err;
}

static size_t end_of_organization(const bkey_plan *plan, size_t start)
{
    size_t end = start;
    while (end < plan->key_count && plan->keys[end].organization == plan->keys[start].organization)
        end++;
    return end;
}

static bool has_records(const bkey_plan *plan, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (plan->keys[i].record != BKEY_NONE || (plan->keys[i].todo & BKEY_DO_CREATE) != 0)
            return true;
    }
    return false;
}

/* The first key of each device that has something to do. */
static bkey_err collect_work(publishing *p, size_t start, size_t end, bkey_vec *out)
{
    const bkey_plan *plan = &p->sync->plan;
    for (size_t i = start; i < end;) {
        const size_t next = end_of_device(plan, i);
        if (has_work(p, i, next)) {
            const bkey_plan_key **first = bkey_vec_add(out);
            if (first == NULL)
                return bkey_fail(BKEY_E_NOMEM);
            *first = &plan->keys[i];
        }
        i = next;
    }
    return bkey_ok();
}

static int compare_firsts(const void *a, const void *b)
{
    const bkey_plan_key *const *one = a;
    const bkey_plan_key *const *other = b;
    return sup_guid_compare(&(*one)->id, &(*other)->id);
}

/* In the order of the key ids, by which a store finds records: rows that are written together are
 * neighbours there, and far less of it changes with every batch. */
static bkey_err publish_devices(publishing *p, size_t start, size_t end)
{
    const bkey_plan *plan = &p->sync->plan;
    bkey_vec work;
    bkey_vec_init(&work, sizeof(bkey_plan_key *));
    bkey_err err = collect_work(p, start, end, &work);
    const bkey_plan_key *const *firsts = work.items;
    if (work.count > 1)
        qsort(work.items, work.count, sizeof *firsts, compare_firsts);
    for (size_t i = 0; bkey_is_ok(err) && i < work.count; i++) {
        const size_t at = (size_t)(firsts[i] - plan->keys);
        const size_t next = end_of_device(plan, at);
        err = publish_device(p, at, next);
        p->at += next - at;
    }
    bkey_vec_done(&work);
    return err;
}

static bkey_err publish_organization(publishing *p, size_t start, size_t end)
{
    const bkey_plan *plan = &p->sync->plan;
    bkey_err err = bkey_ok();
    p->organization = plan->keys[start].organization;
    p->new_folder = NULL;
    p->at = start;
    const bool shown = p->organization != BKEY_NONE && has_records(plan, start, end);
    if (shown)
        err = begin_folder(p);
    if (bkey_is_ok(err))
        err = publish_devices(p, start, end);
    if (!bkey_is_ok(err))
        return err;
    p->at = end;
    return shown ? finish_folder(p) : flush(p);
}

/* Why a key of the plan counts as failed; NULL when it does not. */
static const char *why_failed(const bkey_plan_key *key)
{
    if ((key->flags & BKEY_HELD_MALFORMED) != 0)
        return "not a valid recovery password";
    return (key->todo & BKEY_DO_FETCH) != 0 ? "could not be read" : NULL;
}

/* Keys and rows that could not be read, and keys that are held but are no recovery passwords. */
static void count_rest(bkey_sync *sync)
{
    sync->counts.unmatched = sync->plan.unmatched;
    sync->counts.failed = sync->unread + sync->unreadable_rows + sync->strays;
    sync->failure_count = 0;
    for (size_t i = 0; i < sync->plan.key_count; i++) {
        const bkey_plan_key *key = &sync->plan.keys[i];
        const char *why = why_failed(key);
        sync->counts.failed += (key->flags & BKEY_HELD_MALFORMED) != 0;
        if (why != NULL && sync->failure_count < BKEY_SYNC_FAILURES)
            sync->failures[sync->failure_count] = (bkey_sync_failure){key->id, why};
        sync->failure_count += why != NULL;
    }
}

bkey_err bkey_sync_publish_all(bkey_sync *sync)
{
    publishing p;
    memset(&p, 0, sizeof p);
    p.sync = sync;
    bkey_err err = bkey_idsort_init(&p.decisions, sync->input.decisions, sync->input.decision_count,
                                    sizeof *sync->input.decisions);
    for (size_t start = 0; bkey_is_ok(err) && start < sync->plan.key_count;) {
        size_t end = end_of_organization(&sync->plan, start);
        err = publish_organization(&p, start, end);
        start = end;
    }
    bkey_idsort_done(&p.decisions);
    if (bkey_is_ok(err))
        count_rest(sync);
    return err;
}
