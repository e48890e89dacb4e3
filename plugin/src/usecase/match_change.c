/* SPDX-License-Identifier: Apache-2.0
 *
 * See match_change.h. */
#include "usecase/match_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/naming.h"
#include "state/held.h"
#include "support/hex.h"
#include "support/utf8.h"
#include "usecase/batch.h"
#include "usecase/connect_parts.h"
#include "usecase/match_find.h"
#include "usecase/rehome.h"

#define ID_BYTES 12
#define WITHDRAW_ITEMS 2u
#define TRIES 8u /* a tick may write the same rows at the same time */

typedef struct shown_key {
    bkey_held_key key;
    const char *place; /* organization whose place holds it; lives as long as the connection */
} shown_key;

typedef struct changing {
    const bkey_match_change *change;
    char *detail;
    bkey_match_found found;
    bkey_match_target target; /* organization "" = nowhere */
    bkey_decision_row row;    /* as it is to be */
    bkey_evidence_row known;
    bool has_known;
    char title[BKEY_NAMING_TITLE_SIZE];
    bkey_vec keys; /* shown_key: what is not where it is to be */
    const char *scanned;
    bkey_batch batch;
    bool decided;     /* the decision is written: only keys are left to follow it */
    uint64_t moved;   /* records that were taken out */
    uint64_t pending; /* of these, in the batch under way */
} changing;

static const bkey_ports *ports_of(const changing *c)
{
    return c->change->query.ports;
}

static bkey_place place_of(const changing *c, const char *organization_id)
{
    const bkey_place place = {c->change->query.vault, c->change->query.call,
                              c->found.connection.tenant, organization_id};
    return place;
}

static bkey_err refuse(const changing *c, uint32_t reason, const char *sentence)
{
    (void)snprintf(c->detail, BKEY_MATCH_CHANGE_DETAIL_SIZE, "%s", sentence);
    return bkey_fail(reason);
}

/* ---- what is there ---- */

static bkey_err read_rows(changing *c)
{
    const bkey_place none = place_of(c, "");
    const sup_guid id = c->found.device_id;
    memset(&c->row, 0, sizeof c->row);
    bkey_err err = bkey_decision_get(&none, &id, &c->row);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_ok();
    c->row.device_id = id;
    if (!bkey_is_ok(err))
        return err;
    err = bkey_evidence_get(&none, &id, &c->known);
    c->has_known = bkey_is_ok(err);
    (void)bkey_naming_title(c->found.name, &id, c->title);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static bkey_err take_key(void *context, const bkey_held_key *key)
{
    changing *c = context;
    if (!sup_guid_equal(&key->device_id, &c->found.device_id))
        return bkey_ok();
    shown_key *row = bkey_vec_add(&c->keys);
    if (row == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    row->key = *key;
    row->place = c->scanned;
    return bkey_ok();
}

/* Every key of the device that is in an organization where it is not to be. */
static bkey_err find_keys(changing *c)
{
    const bkey_connection *connection = &c->found.connection;
    bkey_err err = bkey_ok();
    bkey_vec_clear(&c->keys);
    for (uint32_t i = 0; bkey_is_ok(err) && i < connection->organization_count; i++) {
        c->scanned = connection->organization_ids[i];
        if (strcmp(c->scanned, c->target.organization_id) == 0)
            continue;
        const bkey_place place = place_of(c, c->scanned);
        err = bkey_held_scan(&place, take_key, c);
    }
    return err;
}

/* ---- what is to be ---- */

static bkey_err choose_target(changing *c)
{
    const bkey_match_change *change = c->change;
    if (change->kind == BKEY_MATCH_CHANGE_SET)
        return bkey_match_find_configuration(&change->query, &c->found.connection,
                                             change->configuration, &c->target, c->detail);
    return bkey_ok();
}

static bkey_err choose_new(changing *c)
{
    const bkey_match_change *change = c->change;
    uint8_t random[ID_BYTES];
    if (!bkey_scope_has(change->query.scope, change->organization) ||
        !bkey_connection_has(&c->found.connection, change->organization))
        return refuse(c, BKEY_E_NO_STATE, "The device's connection names no such organization.");
    if (!c->has_known)
        return refuse(c, BKEY_E_PARAMETER,
                      "Nothing is known of the device yet: the next sync reads it. Then create its "
                      "configuration.");
    ports_of(c)->random(ports_of(c)->self, random, sizeof random);
    memcpy(c->target.configuration_id, "bkey-", 5);
    sup_hex_format(random, sizeof random, c->target.configuration_id + 5);
    (void)snprintf(c->target.organization_id, sizeof c->target.organization_id, "%s",
                   change->organization);
    (void)sup_utf8_clean(c->title, strlen(c->title), c->target.name, sizeof c->target.name);
    return bkey_ok();
}

static bool is_placing(bkey_match_reason reason)
{
    return reason != 0 && reason < BKEY_MATCH_IGNORED;
}

/* What the asker may do was judged by what was found. When it is not so any more, all is looked up
 * again; but a word taken back a second time would mean the opposite. */
static bkey_err check_found(const changing *c)
{
    bkey_match_reason reason = c->row.reason == BKEY_MATCH_OPEN ? 0 : c->row.reason;
    if (reason == c->found.reason &&
        (!is_placing(reason) || strcmp(c->row.organization_id, c->found.organization_id) == 0))
        return bkey_ok();
    return c->change->kind == BKEY_MATCH_CHANGE_UNDO
               ? refuse(c, BKEY_E_CONFLICT, "Somebody else decided about that device just now.")
               : bkey_fail(BKEY_E_CONFLICT);
}

static bkey_err choose_reason(changing *c)
{
    switch (c->change->kind) {
    case BKEY_MATCH_CHANGE_SET:
        c->row.reason = BKEY_MATCH_PERSON;
        return bkey_ok();
    case BKEY_MATCH_CHANGE_CREATE:
        c->row.reason = BKEY_MATCH_CREATED;
        return choose_new(c);
    case BKEY_MATCH_CHANGE_IGNORE:
        c->row.reason = BKEY_MATCH_IGNORED;
        return bkey_ok();
    case BKEY_MATCH_CHANGE_UNDO:
        break;
    }
    if (c->row.reason == 0 || c->row.reason == BKEY_MATCH_OPEN)
        return refuse(c, BKEY_E_PARAMETER,
                      "Nothing was decided about that device: there is nothing to take back.");
    c->row.reason = is_placing(c->row.reason) ? BKEY_MATCH_UNDONE : BKEY_MATCH_OPEN;
    return bkey_ok();
}

static void fill_row(changing *c)
{
    const bkey_call *call = c->change->query.call;
    if (is_placing(c->row.reason)) {
        memcpy(c->row.organization_id, c->target.organization_id, sizeof c->row.organization_id);
        memcpy(c->row.configuration_id, c->target.configuration_id, sizeof c->row.configuration_id);
    }
    c->row.since_ms = ports_of(c)->wall_ms(ports_of(c)->self);
    (void)sup_utf8_clean(c->title, strlen(c->title), c->row.device_name, sizeof c->row.device_name);
    (void)sup_utf8_clean(call->actor, strlen(call->actor), c->row.who, sizeof c->row.who);
}

/* ---- the batch ---- */

static bkey_err put_decision(changing *c)
{
    const bkey_place none = place_of(c, "");
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_vault_ensure(&none);
    if (bkey_is_ok(err))
        err = bkey_decision_seal(&none, &c->row, &sealed);
    if (bkey_is_ok(err))
        bkey_batch_put(&c->batch, &sealed);
    bkey_sealed_done(&sealed);
    return err;
}

static const char *format_mac(bkey_batch *batch, uint64_t mac)
{
    char text[24] = "";
    if (mac != 0)
        (void)snprintf(text, sizeof text,
                       "%02" PRIX64 ":%02" PRIX64 ":%02" PRIX64 ":%02" PRIX64 ":%02" PRIX64
                       ":%02" PRIX64,
                       mac >> 40 & 0xFFU, mac >> 32 & 0xFFU, mac >> 24 & 0xFFU, mac >> 16 & 0xFFU,
                       mac >> 8 & 0xFFU, mac & 0xFFU);
    return bkey_batch_text(batch, text);
}

/* S1.102 */
static void put_configuration(changing *c)
{
    const bkey_evidence_row *known = &c->known;
    bkey_item *item = bkey_batch_add(&c->batch, BKEY_ITEM_CONFIGURATION);
    item->organization_id = c->target.organization_id;
    item->configuration_id = c->target.configuration_id;
    item->title = c->title;
    item->hostname = known->name;
    item->serial = known->serial;
    item->manufacturer = known->manufacturer;
    item->model = known->model;
    item->mac = format_mac(&c->batch,
                           known->facts.macs[0] != 0 ? known->facts.macs[0] : known->facts.macs[1]);
}

static void put_activity(changing *c, const char *organization_id, const char *detail)
{
    bkey_item *item = bkey_batch_add(&c->batch, BKEY_ITEM_ACTIVITY);
    item->action = BKEY_ACTION_MATCHED;
    item->organization_id = organization_id;
    item->title = c->title;
    item->detail = detail;
}

/* The one that it was in may be deleted since, or be another one. */
static bkey_err find_before(changing *c, const char **out_before)
{
    char id[BKEY_CONNECT_NAME_SIZE];
    char name[BKEY_CONNECT_NAME_SIZE];
    const char *before = c->found.organization_id;
    *out_before = "";
    if (before[0] == '\0')
        return bkey_ok();
    bkey_err err = ports_of(c)->organization(ports_of(c)->self, c->change->query.call, before, id,
                                             name, sizeof id);
    if (bkey_is_ok(err))
        *out_before = bkey_batch_text(&c->batch, id);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

/* In the organization that it is now in, and in the one that it was in (S1.77). */
static bkey_err put_activities(changing *c)
{
    const char *before = "";
    bkey_err err = find_before(c, &before);
    if (!bkey_is_ok(err))
        return err;
    bool placed = is_placing(c->row.reason);
    const char *what = bkey_match_state_reason(c->row.reason);
    if (placed)
        put_activity(c, c->target.organization_id, what);
    if (!placed || (before[0] != '\0' && strcmp(before, c->target.organization_id) != 0))
        put_activity(c, before, placed ? "matched elsewhere by a person" : what);
    return bkey_ok();
}

typedef struct withdrawing {
    changing *c;
    const char *external_id;
} withdrawing;

static bkey_err take_record(void *context, const bkey_record_view *row)
{
    const withdrawing *w = context;
    changing *c = w->c;
    bkey_batch *batch = &c->batch;
    if (strcmp(row->organization_id, c->target.organization_id) == 0)
        return bkey_ok();
    bkey_item *gone = bkey_batch_add(batch, BKEY_ITEM_WITHDRAW);
    gone->expect_revision = row->revision;
    gone->external_id = w->external_id;
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_ACTIVITY);
    item->action = BKEY_ACTION_MOVED;
    item->organization_id = bkey_batch_text(batch, row->organization_id);
    item->external_id = w->external_id;
    item->title = bkey_batch_text(batch, row->title);
    item->detail = BKEY_REHOME_WITHDRAWN;
    c->pending++;
    return bkey_ok();
}

static bkey_err withdraw(changing *c, const sup_guid *key_id)
{
    char text[BKEY_EXTERNAL_ID_SIZE];
    sup_guid_format(&c->found.connection.tenant, text);
    text[SUP_GUID_TEXT_LEN] = ':';
    sup_guid_format(key_id, text + SUP_GUID_TEXT_LEN + 1);
    withdrawing w = {c, bkey_batch_text(&c->batch, text)};
    bkey_err err = ports_of(c)->record(ports_of(c)->self, c->change->query.call, w.external_id,
                                       take_record, &w);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static bkey_err flush(changing *c)
{
    bkey_err err = bkey_batch_apply(&c->batch);
    if (bkey_is_ok(err)) {
        c->decided = true;
        c->moved += c->pending;
    }
    c->pending = 0;
    return err;
}

static bkey_err make_room(changing *c, size_t items)
{
    return bkey_batch_room(&c->batch) < items ? flush(c) : bkey_ok();
}

/* The records go with the decision, in one batch as far as it has room. The rows of the keys follow
 * after all of them; should that not happen, the next tick completes it. */
static bkey_err expel_keys(changing *c)
{
    const bkey_place none = place_of(c, "");
    const shown_key *keys = c->keys.items;
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < c->keys.count; i++) {
        err = make_room(c, WITHDRAW_ITEMS);
        if (bkey_is_ok(err))
            err = withdraw(c, &keys[i].key.id);
    }
    for (size_t i = 0; bkey_is_ok(err) && i < c->keys.count; i++) {
        const bkey_place from = place_of(c, keys[i].place);
        err = make_room(c, BKEY_REHOME_ITEMS);
        if (bkey_is_ok(err))
            err = bkey_rehome_add(&c->batch, &from, &none, &keys[i].key);
    }
    return err;
}

static bkey_err add_decision(changing *c)
{
    bkey_err err = read_rows(c);
    if (bkey_is_ok(err))
        err = check_found(c);
    if (bkey_is_ok(err))
        err = choose_reason(c);
    if (!bkey_is_ok(err))
        return err;
    fill_row(c);
    err = put_decision(c);
    if (!bkey_is_ok(err))
        return err;
    if (c->change->kind == BKEY_MATCH_CHANGE_CREATE)
        put_configuration(c);
    return put_activities(c);
}

static bkey_err change_once(changing *c)
{
    bkey_batch_clear(&c->batch);
    c->pending = 0;
    bkey_err err = c->decided ? bkey_ok() : add_decision(c);
    if (bkey_is_ok(err))
        err = find_keys(c);
    /* Open again, a device stays where it is: nobody's. */
    if (bkey_is_ok(err))
        err = expel_keys(c);
    return bkey_is_ok(err) ? flush(c) : err;
}

static bkey_err write_result(const changing *c, sup_buffer *json)
{
    bkey_json_builder builder;
    char device[SUP_GUID_TEXT_LEN + 1];
    bool placed = is_placing(c->row.reason);
    sup_guid_format(&c->found.device_id, device);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "device_id", device);
    bkey_json_put_text(&builder, builder.root, "state",
                       placed                                ? "matched"
                       : c->row.reason == BKEY_MATCH_IGNORED ? "ignored"
                                                             : "unmatched");
    bkey_json_put_text(&builder, builder.root, "organization_id", c->target.organization_id);
    bkey_json_put_text(&builder, builder.root, "configuration_id", c->target.configuration_id);
    bkey_json_put_int(&builder, builder.root, "moved", (int64_t)c->moved);
    bkey_err err = bkey_json_builder_write(&builder, json);
    bkey_json_builder_done(&builder);
    return err;
}

static bkey_err find_all(changing *c)
{
    bkey_err err =
        bkey_match_find_device(&c->change->query, c->change->device, &c->found, c->detail);
    return bkey_is_ok(err) ? choose_target(c) : err;
}

static bkey_err run_change(changing *c, sup_buffer *json)
{
    bkey_err err = find_all(c);
    if (bkey_is_ok(err))
        err = change_once(c);
    for (uint32_t i = 1; i < TRIES && bkey_is(err, BKEY_E_CONFLICT); i++) {
        const bool again = !c->decided && c->change->kind != BKEY_MATCH_CHANGE_UNDO;
        err = again ? find_all(c) : bkey_ok();
        if (bkey_is_ok(err))
            err = change_once(c);
    }
    return bkey_is_ok(err) ? write_result(c, json) : err;
}

bkey_err bkey_match_change_run(const bkey_match_change *change, sup_buffer *json,
                               char detail[BKEY_MATCH_CHANGE_DETAIL_SIZE])
{
    changing *c = calloc(1, sizeof *c);
    if (c == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    c->change = change;
    c->detail = detail;
    bkey_vec_init(&c->keys, sizeof(shown_key));
    bkey_err err = bkey_batch_init(&c->batch, change->query.ports, change->query.call, false);
    if (bkey_is_ok(err))
        err = run_change(c, json);
    bkey_batch_done(&c->batch);
    bkey_vec_done(&c->keys);
    free(c);
    return err;
}
