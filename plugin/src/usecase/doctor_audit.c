/* SPDX-License-Identifier: Apache-2.0
 *
 * The doctor's look at the audit: are the chains whole, does every entry open, and is any row older
 * than an entry that speaks of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/held.h"
#include "usecase/audit_view.h"
#include "usecase/doctor_parts.h"

#define TEXT_SIZE 320u

/* What an entry says of a key's rows. */
typedef struct witness {
    sup_guid tenant;
    sup_guid key_id;
    uint64_t meta_revision;
    uint64_t secret_revision;
} witness;

static void take_finding(void *context, const bkey_audit_finding *finding)
{
    bkey_doctor *doctor = context;
    char sentence[TEXT_SIZE / 2];
    char text[TEXT_SIZE];
    const bkey_doctor_problem problem = {"audit", "", text};
    const bkey_place place = {.organization_id =
                                  finding->organization_id != NULL ? finding->organization_id : ""};
    if (finding->problem == NULL) {
        doctor->entries += finding->entries;
        return;
    }
    if (finding->problem->kind == BKEY_CHAIN_ACKNOWLEDGED)
        return;
    bkey_audit_view_sentence(finding->problem, sentence, sizeof sentence);
    (void)snprintf(text, sizeof text, "Audit chain: %s", sentence);
    bkey_doctor_tell(doctor, &place, &problem);
}

static int compare(const void *a, const void *b)
{
    const witness *left = a;
    const witness *right = b;
    int order = sup_guid_compare(&left->tenant, &right->tenant);
    return order != 0 ? order : sup_guid_compare(&left->key_id, &right->key_id);
}

static bkey_err read_entry(bkey_doctor *doctor, const bkey_place *place, uint64_t seq,
                           bkey_vec *out)
{
    bkey_audit_entry entry;
    bkey_secret *plain = NULL;
    bkey_err err = bkey_audit_get(place, seq, &entry, &plain);
    if (bkey_err_category(err) == BKEY_CAT_CORRUPT) {
        char text[TEXT_SIZE];
        const bkey_doctor_problem problem = {"audit", "", text};
        (void)snprintf(text, sizeof text, "Audit entry %llu does not open.",
                       (unsigned long long)seq);
        bkey_doctor_tell(doctor, place, &problem);
    }
    /* A missing one was told by the chain's check. */
    if (bkey_is(err, BKEY_E_NO_STATE) || bkey_err_category(err) == BKEY_CAT_CORRUPT)
        return bkey_ok();
    if (bkey_is_ok(err) && entry.meta_revision > 0) {
        witness *kept = bkey_vec_add(out);
        if (kept != NULL)
            *kept =
                (witness){entry.tenant, entry.key_id, entry.meta_revision, entry.secret_revision};
        else
            err = bkey_fail(BKEY_E_NOMEM);
    }
    bkey_secret_free(&plain);
    return err;
}

static bkey_err compare_rows(bkey_doctor *doctor, const bkey_place *chain, const witness *seen)
{
    char subject[SUP_GUID_TEXT_LEN + 1];
    const bkey_doctor_problem problem = {
        "put-back", subject,
        "A stored row of this key is older than the audit says: it was put back."};
    const bkey_place place = {chain->vault, chain->call, seen->tenant, chain->organization_id};
    uint64_t meta = 0;
    uint64_t secret = 0;
    bkey_err err = bkey_held_revisions(&place, &seen->key_id, &meta, &secret);
    if (!bkey_is_ok(err) || (meta >= seen->meta_revision && secret >= seen->secret_revision))
        return err;
    sup_guid_format(&seen->key_id, subject);
    bkey_doctor_tell(doctor, &place, &problem);
    return bkey_ok();
}

static bkey_err compare_all(bkey_doctor *doctor, const bkey_place *chain, bkey_vec *seen)
{
    witness *all = seen->items;
    bkey_err err = bkey_ok();
    if (seen->count > 0)
        qsort(all, seen->count, sizeof *all, compare);
    for (size_t i = 0; bkey_is_ok(err) && i < seen->count; i++) {
        bool is_last = i + 1 == seen->count || compare(&all[i], &all[i + 1]) != 0;
        if (is_last) {
            err = compare_rows(doctor, chain, &all[i]);
            continue;
        }
        /* The highest of what all entries about this key say moves along. */
        if (all[i].meta_revision > all[i + 1].meta_revision)
            all[i + 1].meta_revision = all[i].meta_revision;
        if (all[i].secret_revision > all[i + 1].secret_revision)
            all[i + 1].secret_revision = all[i].secret_revision;
    }
    return err;
}

static bkey_err check_chain(bkey_doctor *doctor, const bkey_place *place)
{
    bkey_audit_head head;
    bkey_vec seen;
    bkey_err err = bkey_audit_head_get(place, &head);
    if (bkey_err_category(err) == BKEY_CAT_CORRUPT || bkey_is(err, BKEY_E_KEYRING))
        return bkey_ok(); /* told before */
    bkey_vec_init(&seen, sizeof(witness));
    for (uint64_t seq = 1; bkey_is_ok(err) && seq <= head.seq; seq++)
        err = read_entry(doctor, place, seq, &seen);
    if (bkey_is_ok(err))
        err = compare_all(doctor, place, &seen);
    bkey_vec_done(&seen);
    return err;
}

bkey_err bkey_doctor_audit(bkey_doctor *doctor)
{
    const bkey_doctor_request *request = doctor->request;
    const bkey_audit_query query = {
        .ports = request->ports, .call = request->call, .vault = request->vault};
    bkey_audit_heads_seen seen = {0, 0};
    bkey_err err = bkey_audit_view_check(&query, take_finding, doctor, &seen);
    if (seen.foreign > 0) {
        const bkey_doctor_problem problem = {
            "audit", "", "The file of published heads holds lines that were not signed here."};
        bkey_doctor_tell(doctor, NULL, &problem);
    }
    for (size_t i = 0; bkey_is_ok(err) && i < doctor->places.items.count; i++) {
        const bkey_place place = bkey_place_list_at(&doctor->places, i);
        if (sup_guid_is_zero(&place.tenant))
            err = check_chain(doctor, &place);
    }
    return err;
}
