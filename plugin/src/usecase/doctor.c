/* SPDX-License-Identifier: Apache-2.0
 *
 * See doctor.h: the order of the checks, data keys, and rows that belong to nothing. */
#include "usecase/doctor_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "state/connection.h"
#include "support/hex.h"
#include "usecase/selftest.h"

#define TEXT_SIZE 256u

void bkey_doctor_tell(bkey_doctor *doctor, const bkey_place *place,
                      const bkey_doctor_problem *problem)
{
    char tenant[SUP_GUID_TEXT_LEN + 1] = "";
    if (doctor->problem_count++ >= BKEY_DOCTOR_PROBLEMS_MAX)
        return;
    if (place != NULL && !sup_guid_is_zero(&place->tenant))
        sup_guid_format(&place->tenant, tenant);
    bkey_json *row = bkey_json_add_object(&doctor->builder, doctor->problems);
    bkey_json_put_text(&doctor->builder, row, "what", problem->what);
    bkey_json_put_text(&doctor->builder, row, "organization_id",
                       place != NULL ? place->organization_id : "");
    bkey_json_put_text(&doctor->builder, row, "tenant", tenant);
    bkey_json_put_text(&doctor->builder, row, "subject", problem->subject);
    bkey_json_put_text(&doctor->builder, row, "text", problem->text);
}

void bkey_doctor_name_row(bkey_bytes key, char out[BKEY_DOCTOR_ROW_NAME_SIZE])
{
    sup_hex_format(key.ptr, key.len < BKEY_STATE_KEY_LEN ? key.len : BKEY_STATE_KEY_LEN, out);
}

static void take_canary(void *context, const bkey_place *place, bkey_err reason, const char *text)
{
    const bkey_doctor_problem problem = {"canary", "", text};
    (void)reason;
    bkey_doctor_tell(context, place, &problem);
}

static bkey_err count_opened(void *context, const bkey_opened *row)
{
    uint64_t *count = context;
    (void)row;
    (*count)++;
    return bkey_ok();
}

typedef struct survey {
    bkey_doctor *doctor;
    const bkey_place *place;
    uint8_t kind;
    uint64_t count;
} survey;

static bkey_err count_surveyed(void *context, const bkey_opened *row)
{
    survey *s = context;
    return count_opened(&s->count, row);
}

static void tell_bad(void *context, bkey_bytes key, bkey_err reason)
{
    survey *s = context;
    char text[TEXT_SIZE];
    char name[BKEY_DOCTOR_ROW_NAME_SIZE];
    const bkey_doctor_problem problem = {"row", name, text};
    bkey_doctor_name_row(key, name);
    (void)snprintf(text, sizeof text, "A stored row of kind %c does not open (%s).", s->kind,
                   bkey_err_name(reason));
    s->count++;
    bkey_doctor_tell(s->doctor, s->place, &problem);
}

/* Opens every row of the kinds that nothing else looks at. */
static bkey_err survey_place(bkey_doctor *doctor, const bkey_place *place)
{
    static const uint8_t kinds[] = {
        BKEY_KIND_CONNECTION, BKEY_KIND_CREDENTIAL, BKEY_KIND_DECISION, BKEY_KIND_CANARY,
        BKEY_KIND_PLACE,      BKEY_KIND_AUDIT_HEAD, BKEY_KIND_JOURNAL,  BKEY_KIND_SIGNIN,
        BKEY_KIND_DEVICE,     BKEY_KIND_FINDINGS,   BKEY_KIND_EVIDENCE, BKEY_KIND_IMPORTED};
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < sizeof kinds; i++) {
        survey s = {.doctor = doctor, .place = place, .kind = kinds[i]};
        const bkey_seal_survey to = {count_surveyed, tell_bad, &s};
        err = bkey_seal_scan_all(place, kinds[i], &to);
        doctor->known[kinds[i]] += s.count;
    }
    return err;
}

static bkey_err check_place(bkey_doctor *doctor, const bkey_place *place)
{
    uint32_t generation = 0;
    bkey_err err = bkey_vault_generation(place, &generation);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    doctor->known[BKEY_KIND_WRAPPED]++;
    if (bkey_is_ok(err))
        err = survey_place(doctor, place);
    if (bkey_is_ok(err))
        err = bkey_doctor_keys(doctor, place);
    /* A place whose key does not open was told with its canary. */
    return bkey_err_category(err) == BKEY_CAT_CORRUPT || bkey_is(err, BKEY_E_KEYRING) ? bkey_ok()
                                                                                      : err;
}

static bkey_err count_row(void *context, const bkey_state_row *row)
{
    uint64_t *count = context;
    (void)row;
    (*count)++;
    return bkey_ok();
}

/* Rows that no place, key or chain accounts for. */
static bkey_err check_orphans(bkey_doctor *doctor)
{
    const bkey_ports *ports = doctor->request->ports;
    for (uint32_t kind = 0; kind < 256; kind++) {
        const uint8_t prefix = (uint8_t)kind;
        uint64_t stored = 0;
        char text[TEXT_SIZE];
        if (kind == BKEY_KIND_AUDIT)
            continue; /* the chains' check has them */
        bkey_err err = ports->state_scan(ports->self, doctor->request->call,
                                         (bkey_bytes){&prefix, 1}, count_row, &stored);
        if (!bkey_is_ok(err))
            return err;
        if (stored <= doctor->known[kind])
            continue;
        const bool is_ours = kind != 0 && strchr(BKEY_KINDS, (int)kind) != NULL;
        (void)snprintf(text, sizeof text, "%" PRIu64 " rows of kind %c belong to nothing known%s",
                       stored - doctor->known[kind], kind >= 'A' && kind <= 'Z' ? (char)kind : '?',
                       is_ours ? "." : ": a newer version or somebody else wrote them.");
        const bkey_doctor_problem problem = {"orphan", "", text};
        bkey_doctor_tell(doctor, NULL, &problem);
    }
    return bkey_ok();
}

/* Told already; without the list of places nothing else can be told apart, but the row that keeps
 * the list from being read can be named. */
static bkey_err name_unlisted(bkey_doctor *doctor)
{
    const bkey_place root = {
        .vault = doctor->request->vault, .call = doctor->request->call, .organization_id = ""};
    bkey_err err = survey_place(doctor, &root);
    return bkey_err_category(err) == BKEY_CAT_CORRUPT || bkey_is(err, BKEY_E_KEYRING) ? bkey_ok()
                                                                                      : err;
}

static bkey_err run_checks(bkey_doctor *doctor)
{
    const bkey_doctor_request *request = doctor->request;
    /* Nothing cached may answer for what is stored. */
    bkey_vault_forget(request->vault);
    bkey_err err =
        bkey_selftest_run(request->ports, request->call, request->vault, take_canary, doctor);
    if (bkey_err_category(err) == BKEY_CAT_CORRUPT || bkey_is(err, BKEY_E_KEYRING))
        return name_unlisted(doctor);
    if (bkey_is_ok(err))
        err = bkey_place_list_load(&doctor->places, request->vault, request->call);
    for (size_t i = 0; bkey_is_ok(err) && i < doctor->places.items.count; i++) {
        const bkey_place place = bkey_place_list_at(&doctor->places, i);
        err = check_place(doctor, &place);
    }
    if (bkey_is_ok(err))
        err = bkey_doctor_audit(doctor);
    return bkey_is_ok(err) ? check_orphans(doctor) : err;
}

bkey_err bkey_doctor_run(const bkey_doctor_request *request, sup_buffer *out_json)
{
    bkey_doctor doctor;
    memset(&doctor, 0, sizeof doctor);
    doctor.request = request;
    bkey_vec_init(&doctor.places.items, sizeof(bkey_place_item));
    bkey_json_builder_init(&doctor.builder);
    bkey_json_builder *builder = &doctor.builder;
    doctor.problems = bkey_json_put_array(builder, builder->root, "problems");
    bkey_err err = run_checks(&doctor);
    bkey_json_put_int(builder, builder->root, "problem_count", (int64_t)doctor.problem_count);
    bkey_json_put_int(builder, builder->root, "keys", (int64_t)doctor.keys);
    bkey_json_put_int(builder, builder->root, "secrets", (int64_t)doctor.secrets);
    bkey_json_put_int(builder, builder->root, "records", (int64_t)doctor.records);
    bkey_json_put_int(builder, builder->root, "waiting", (int64_t)doctor.waiting);
    bkey_json_put_int(builder, builder->root, "entries", (int64_t)doctor.entries);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(builder, out_json);
    bkey_json_builder_done(builder);
    bkey_place_list_done(&doctor.places);
    return err;
}
