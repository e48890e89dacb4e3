/* SPDX-License-Identifier: Apache-2.0
 *
 * The doctor's look at held keys: does every record have its key, does every key have its secret,
 * does every secret open, and is each row the one that the others speak of. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "state/held.h"
#include "usecase/doctor_parts.h"
#include "usecase/vec.h"

typedef struct looking {
    bkey_doctor *doctor;
    const bkey_place *place;
    bkey_vec keys;    /* bkey_held_key, sorted by id */
    bkey_vec records; /* sup_guid, of the place's tenant */
} looking;

static bkey_err take_opened(void *context, const bkey_held_key *key)
{
    looking *l = context;
    bkey_held_key *kept = bkey_vec_add(&l->keys);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = *key;
    return bkey_ok();
}

static void count_bad(void *context, bkey_bytes key, bkey_err reason)
{
    looking *l = context;
    char name[BKEY_DOCTOR_ROW_NAME_SIZE];
    const bkey_doctor_problem problem = {"key", name, "What is known of a key does not open."};
    bkey_doctor_name_row(key, name);
    (void)reason;
    l->doctor->known[BKEY_KIND_HELD]++;
    bkey_doctor_tell(l->doctor, l->place, &problem);
}

static bkey_err take_record(void *context, const bkey_record_view *row)
{
    looking *l = context;
    sup_guid tenant;
    sup_guid id;
    const char *text = row->external_id;
    if (strlen(text) != 2 * SUP_GUID_TEXT_LEN + 1 ||
        !sup_guid_parse(text, SUP_GUID_TEXT_LEN, &tenant) ||
        !sup_guid_parse(text + SUP_GUID_TEXT_LEN + 1, SUP_GUID_TEXT_LEN, &id)) {
        const bkey_doctor_problem problem = {"record", "", "A record names no key."};
        bkey_doctor_tell(l->doctor, l->place, &problem);
        return bkey_ok();
    }
    if (!sup_guid_equal(&tenant, &l->place->tenant))
        return bkey_ok();
    sup_guid *kept = bkey_vec_add(&l->records);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = id;
    return bkey_ok();
}

static int by_id(const void *a, const void *b)
{
    return sup_guid_compare(a, b); /* the id comes first in both */
}

_Static_assert(offsetof(bkey_held_key, id) == 0, "keys are sorted by what comes first");

static void tell_key(looking *l, const sup_guid *id, const char *what, const char *text)
{
    char subject[SUP_GUID_TEXT_LEN + 1];
    const bkey_doctor_problem problem = {what, subject, text};
    sup_guid_format(id, subject);
    bkey_doctor_tell(l->doctor, l->place, &problem);
}

static void tell_secret(looking *l, const bkey_held_key *key, bkey_err err)
{
    if (bkey_is(err, BKEY_E_NO_STATE))
        tell_key(l, &key->id, "secret", "The key is known, but its recovery password is missing.");
    else
        tell_key(l, &key->id, "secret", "The recovery password does not open.");
}

static bkey_err check_secret(looking *l, const bkey_held_key *key)
{
    bkey_secret *secret = NULL;
    bool malformed = false;
    uint64_t meta = 0;
    uint64_t stored = 0;
    if ((key->flags & BKEY_HELD_SECRET) == 0)
        return bkey_ok();
    bkey_err err = bkey_held_open_secret(l->place, &key->id, &secret, &malformed);
    bkey_secret_free(&secret);
    if (!bkey_is(err, BKEY_E_NO_STATE))
        l->doctor->known[BKEY_KIND_SECRET]++;
    if (bkey_is(err, BKEY_E_NO_STATE) || bkey_err_category(err) == BKEY_CAT_CORRUPT) {
        tell_secret(l, key, err);
        return bkey_ok();
    }
    if (bkey_is_ok(err))
        err = bkey_held_revisions(l->place, &key->id, &meta, &stored);
    if (!bkey_is_ok(err))
        return err;
    l->doctor->secrets++;
    if (stored != key->secret_revision)
        tell_key(l, &key->id, "put-back",
                 "The recovery password's row and what is known of the key are of different times: "
                 "one of them was put back.");
    return bkey_ok();
}

static void check_records(looking *l)
{
    size_t found = 0;
    const sup_guid *records = l->records.items;
    for (size_t i = 0; i < l->records.count; i++) {
        const bkey_held_key *key =
            l->keys.count > 0
                ? bsearch(&records[i], l->keys.items, l->keys.count, sizeof(bkey_held_key), by_id)
                : NULL;
        if (key == NULL)
            tell_key(l, &records[i], "record", "The record has no stored key that opens.");
        else if ((key->flags & BKEY_HELD_SECRET) == 0)
            tell_key(l, &records[i], "record", "The record's recovery password was never stored.");
        found += key != NULL;
    }
    l->doctor->records += l->records.count;
    l->doctor->waiting += l->keys.count - found;
}

static bkey_err look(looking *l)
{
    const bkey_ports *ports = l->doctor->request->ports;
    const bkey_call *call = l->doctor->request->call;
    const bool has_organization = l->place->organization_id[0] != '\0';
    bkey_err err = bkey_held_survey(l->place, take_opened, count_bad, l);
    if (bkey_is_ok(err) && has_organization)
        err = ports->records(ports->self, call, l->place->organization_id, take_record, l);
    if (l->keys.count > 0)
        qsort(l->keys.items, l->keys.count, sizeof(bkey_held_key), by_id);
    const bkey_held_key *keys = l->keys.items;
    for (size_t i = 0; bkey_is_ok(err) && i < l->keys.count; i++)
        err = check_secret(l, &keys[i]);
    l->doctor->known[BKEY_KIND_HELD] += l->keys.count;
    l->doctor->keys += l->keys.count;
    if (bkey_is_ok(err) && has_organization)
        check_records(l);
    return err;
}

bkey_err bkey_doctor_keys(bkey_doctor *doctor, const bkey_place *place)
{
    looking l = {.doctor = doctor, .place = place};
    if (sup_guid_is_zero(&place->tenant))
        return bkey_ok();
    bkey_vec_init(&l.keys, sizeof(bkey_held_key));
    bkey_vec_init(&l.records, sizeof(sup_guid));
    bkey_err err = look(&l);
    bkey_vec_done(&l.records);
    bkey_vec_done(&l.keys);
    return err;
}
