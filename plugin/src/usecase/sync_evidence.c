/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of devices that have keys and no match: their network addresses, asked for once
 * each, and the row by which a person is told why. Must not know how a match is decided. */
#include "usecase/sync.h"

#include <string.h>

#include "domain/idsort.h"
#include "graph/decode.h"
#include "graph/endpoints.h"
#include "state/evidence.h"
#include "support/utf8.h"

#define URL_MAX 1024u
#define ASKED_MAX 200u /* devices in one tick; the others have their turn in the next ones */

static bkey_evidence *find_evidence(const bkey_sync *sync, const bkey_idsort *sorted,
                                    const sup_guid *device_id)
{
    uint32_t row = bkey_idsort_find(sorted, device_id);
    return row == BKEY_NONE ? NULL : (bkey_evidence *)sync->evidence.items + row;
}

static bkey_err sort_evidence(const bkey_sync *sync, bkey_idsort *out)
{
    return bkey_idsort_init(out, sync->evidence.items, sync->evidence.count, sizeof(bkey_evidence));
}

static const bkey_device *device_of(const bkey_sync *sync, const bkey_plan_waiting *waiting)
{
    return waiting->device == BKEY_NONE ? NULL : &sync->input.devices[waiting->device];
}

static bkey_recall_key name_device(const bkey_sync *sync, const bkey_device *device)
{
    return (bkey_recall_key){&sync->tenant, &device->id, sync->ports->mono_ns(sync->ports->self),
                             BKEY_RECALL_ADDRESSES};
}

static bool is_to_be_asked(const bkey_sync *sync, const bkey_idsort *sorted,
                           const bkey_plan_waiting *waiting)
{
    const bkey_device *device = device_of(sync, waiting);
    if (!waiting->wants_mac || device == NULL || sup_guid_is_zero(&device->managed_id))
        return false;
    const bkey_evidence *known = find_evidence(sync, sorted, &waiting->device_id);
    const bkey_recall_key name = name_device(sync, device);
    return (known == NULL || !known->asked) && bkey_recall_may_read(sync->recall, &name);
}

/* Which devices are asked, before the array that holds the answers grows. */
static bkey_err choose(const bkey_sync *sync, bkey_vec *out_chosen, bool *out_more)
{
    bkey_idsort sorted;
    bkey_err err = sort_evidence(sync, &sorted);
    for (size_t i = 0; bkey_is_ok(err) && i < sync->plan.waiting_count; i++) {
        const bkey_plan_waiting *waiting = &sync->plan.waiting[i];
        if (!is_to_be_asked(sync, &sorted, waiting))
            continue;
        *out_more = out_chosen->count == ASKED_MAX;
        if (*out_more)
            break;
        const bkey_device **to = bkey_vec_add(out_chosen);
        if (to == NULL)
            err = bkey_fail(BKEY_E_NOMEM);
        else
            *to = device_of(sync, waiting);
    }
    bkey_idsort_done(&sorted);
    return err;
}

static bkey_err keep_answer(bkey_sync *sync, const sup_guid *device_id, const uint64_t *macs)
{
    bkey_evidence *all = sync->evidence.items;
    bkey_evidence *to = NULL;
    for (size_t i = 0; i < sync->evidence.count && to == NULL; i++) {
        if (sup_guid_equal(&all[i].device_id, device_id))
            to = &all[i];
    }
    if (to == NULL)
        to = bkey_vec_add(&sync->evidence);
    if (to == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    to->device_id = *device_id;
    to->asked = true;
    memcpy(to->macs, macs, sizeof to->macs);
    return bkey_ok();
}

static bkey_err take_answer(bkey_sync *sync, const bkey_device *device, const bkey_net_reply *reply)
{
    const bkey_recall_key name = name_device(sync, device);
    char texts[BKEY_MACS][BKEY_DECODE_ADDRESS_SIZE] = {"", ""};
    uint64_t macs[BKEY_MACS] = {0, 0};
    if (reply->status == 200 && bkey_is_ok(bkey_decode_addresses(reply->body, texts[0], texts[1])))
        for (size_t i = 0; i < BKEY_MACS; i++)
            (void)bkey_match_mac(texts[i], &macs[i], 1);
    /* What is forbidden may be granted later. */
    if (reply->status == 403)
        bkey_recall_failed(sync->recall, &name);
    /* What is gone or no JSON is not asked for again every hour. */
    return reply->status == 200 || reply->status == 404 ? keep_answer(sync, &device->id, macs)
                                                        : bkey_ok();
}

/* An address is worth having, not worth a tick: trouble leaves the device for the next time. */
static bkey_err ask(bkey_sync *sync, const bkey_device *device, bool *out_go_on)
{
    sup_buffer url;
    bkey_net_reply reply;
    sup_buffer_init(&url, URL_MAX);
    bkey_err err = bkey_endpoints_addresses(sync->connection.graph_url, &device->managed_id, &url)
                       ? bkey_sync_request_get(sync, sup_buffer_text(&url), &reply)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    if (bkey_is_ok(err)) {
        err = take_answer(sync, device, &reply);
        *out_go_on = reply.status != 429 && reply.status != 401;
        sync->net->release(sync->net->self, &reply);
        return err;
    }
    *out_go_on = false;
    bkey_category category = bkey_err_category(err);
    return category == BKEY_CAT_RETRY || category == BKEY_CAT_REMOTE ? bkey_ok() : err;
}

bkey_err bkey_sync_evidence_ask(bkey_sync *sync)
{
    bkey_vec chosen;
    bool goes_on = true;
    bool more = false;
    const bkey_recall_key name = {&sync->tenant, &sync->tenant, 0, BKEY_RECALL_ADDRESSES};
    bkey_vec_init(&chosen, sizeof(const bkey_device *));
    bkey_recall_granted(sync->recall, &name, sync->granted);
    bkey_recall_begin(sync->recall, &name);
    bkey_err err = choose(sync, &chosen, &more);
    if (bkey_is_ok(err) && !more)
        bkey_recall_end(sync->recall, &name);
    for (size_t i = 0; bkey_is_ok(err) && goes_on && i < chosen.count; i++) {
        err = sync->ports->still_wanted(sync->ports->self, sync->call);
        if (bkey_is_ok(err))
            err = ask(sync, ((const bkey_device *const *)chosen.items)[i], &goes_on);
    }
    sync->addresses_pending = more || !goes_on;
    if (bkey_is_ok(err) && chosen.count > 0)
        err = bkey_sync_state_plan(sync);
    bkey_vec_done(&chosen);
    return err;
}

/* ---- keeping it ---- */

static void copy_text(const char *text, char out[BKEY_EVIDENCE_TEXT_SIZE])
{
    const char *whole = text != NULL ? text : "";
    (void)sup_utf8_clean(whole, strlen(whole), out, BKEY_EVIDENCE_TEXT_SIZE);
}

static void describe_device(const bkey_device *device, bkey_evidence_row *row)
{
    row->facts.in_inventory = true;
    copy_text(device->name, row->name);
    copy_text(device->serial, row->serial);
    copy_text(device->manufacturer, row->manufacturer);
    copy_text(device->model, row->model);
}

static bkey_err name_candidates(const bkey_sync *sync, const bkey_match *match,
                                bkey_evidence_row *row)
{
    row->candidate_count = match->candidate_count;
    for (uint32_t i = 0; i < match->candidate_count; i++) {
        const bkey_configuration *from = &sync->input.configurations[match->candidates[i]];
        const char *organization = bkey_sync_state_organization(sync, from->organization)->id;
        if (strlen(from->id) >= BKEY_ID_SIZE || strlen(organization) >= BKEY_ID_SIZE)
            return bkey_fail(BKEY_E_LIMIT);
        memcpy(row->candidates[i].configuration_id, from->id, strlen(from->id) + 1);
        memcpy(row->candidates[i].organization_id, organization, strlen(organization) + 1);
    }
    return bkey_ok();
}

/* A device that left the inventory keeps what was once known of it. */
static bkey_err make_row(const bkey_sync *sync, const bkey_plan_waiting *waiting,
                         const bkey_evidence *known, bkey_evidence_row *row)
{
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    const bkey_device *device = device_of(sync, waiting);
    bkey_err err = bkey_ok();
    memset(row, 0, sizeof *row);
    if (device == NULL && known != NULL && known->revision != 0)
        err = bkey_evidence_get(&place, &waiting->device_id, row);
    if (known != NULL)
        row->facts = *known;
    row->facts.device_id = waiting->device_id;
    row->facts.in_inventory = false;
    row->outcome = waiting->match.outcome;
    row->by_name = waiting->match.by_name;
    if (device != NULL)
        describe_device(device, row);
    return bkey_is_ok(err) ? name_candidates(sync, &waiting->match, row) : err;
}

static bool is_same(const bkey_plan_waiting *waiting, const bkey_evidence *known)
{
    return waiting->device == BKEY_NONE && known != NULL && known->revision != 0 &&
           !known->in_inventory && known->outcome == (uint8_t)waiting->match.outcome;
}

static bkey_err put_row(bkey_sync *sync, bkey_evidence_row *row)
{
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err) && row->facts.revision == 0)
        err = bkey_evidence_revision(&place, &row->facts.device_id, &row->facts.revision);
    if (bkey_is_ok(err))
        err = bkey_evidence_seal(&place, row, &sealed);
    if (bkey_is_ok(err))
        bkey_batch_put(&sync->batch, &sealed);
    bkey_sealed_done(&sealed);
    return err;
}

static bkey_err make_room(bkey_sync *sync)
{
    if (bkey_batch_room(&sync->batch) > 0)
        return bkey_ok();
    bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
    return bkey_is_ok(err) ? bkey_batch_apply(&sync->batch) : err;
}

static bkey_err write_waiting(bkey_sync *sync, const bkey_idsort *sorted)
{
    bkey_evidence_row row;
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < sync->plan.waiting_count; i++) {
        const bkey_plan_waiting *waiting = &sync->plan.waiting[i];
        const bkey_evidence *known = find_evidence(sync, sorted, &waiting->device_id);
        if (is_same(waiting, known))
            continue;
        err = make_row(sync, waiting, known, &row);
        if (!bkey_is_ok(err) ||
            (row.facts.revision != 0 && bkey_evidence_hash(&row) == row.facts.content_hash))
            continue;
        err = make_room(sync);
        if (bkey_is_ok(err))
            err = put_row(sync, &row);
    }
    return err;
}

/* Both lists are in the order of device ids. */
static bkey_err remove_settled(bkey_sync *sync, const bkey_idsort *sorted)
{
    const bkey_place place = bkey_sync_state_place(sync, BKEY_NONE);
    bkey_err err = bkey_ok();
    size_t at = 0;
    for (size_t i = 0; bkey_is_ok(err) && i < sorted->count; i++) {
        const bkey_evidence *row =
            (const bkey_evidence *)sync->evidence.items + bkey_idsort_row(sorted, i);
        uint8_t key[BKEY_STATE_KEY_LEN];
        while (at < sync->plan.waiting_count &&
               sup_guid_compare(&sync->plan.waiting[at].device_id, &row->device_id) < 0)
            at++;
        bool waits = at < sync->plan.waiting_count &&
                     sup_guid_equal(&sync->plan.waiting[at].device_id, &row->device_id);
        if (waits || row->revision == 0)
            continue;
        err = make_room(sync);
        bkey_evidence_row_key(&place, &row->device_id, key);
        if (bkey_is_ok(err))
            bkey_batch_remove(&sync->batch, key, row->revision);
    }
    return err;
}

bkey_err bkey_sync_evidence_write(bkey_sync *sync)
{
    bkey_idsort sorted;
    bkey_err err = sort_evidence(sync, &sorted);
    if (bkey_is_ok(err))
        err = write_waiting(sync, &sorted);
    if (bkey_is_ok(err))
        err = remove_settled(sync, &sorted);
    bkey_idsort_done(&sorted);
    return bkey_is_ok(err) ? bkey_batch_apply(&sync->batch) : err;
}
