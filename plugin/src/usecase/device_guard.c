/* SPDX-License-Identifier: Apache-2.0
 *
 * May a device be deleted at Microsoft, where its keys go with it? In doubt, no. See
 * device_status.h. */
#include <stdlib.h>
#include <string.h>

#include "state/held.h"
#include "usecase/device_rows.h"
#include "usecase/sync_tick.h"

#define FRESH_MS (INT64_C(24) * 3600 * 1000)
#define CLOCKS_MS (INT64_C(60) * 1000) /* a sync that ends later than now by more is no proof */
#define LINE_MAX 128u

typedef struct asking {
    const bkey_device_query *query;
    bkey_json_builder builder;
    bkey_json *rows;
    int64_t now_ms;
    sup_guid id; /* what is wanted, when it is an id */
    bool by_id;
} asking;

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Names of machines are ASCII; the case of any other letter counts. */
static bool same_name(const char *a, const char *b)
{
    while (*a != '\0' && to_lower(*a) == to_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_wanted(const asking *a, const bkey_tracked *device)
{
    if (a->by_id &&
        (sup_guid_equal(&a->id, &device->id) || sup_guid_equal(&a->id, &device->object_id)))
        return true;
    return same_name(device->name, a->query->wanted);
}

typedef struct last_sync {
    int64_t complete_ms;  /* 0 = never */
    bkey_outcome outcome; /* of the newest; 0 = none is known */
} last_sync;

/* False when the line is of another tenant, or no such line. */
static bool read_line(const char *line, const char *tenant, last_sync *out)
{
    char *end = NULL;
    if (strncmp(line, tenant, SUP_GUID_TEXT_LEN) != 0 || line[SUP_GUID_TEXT_LEN] != ' ')
        return false;
    const long long ms = strtoll(line + SUP_GUID_TEXT_LEN, &end, 10);
    const long long outcome = strtoll(end, &end, 10);
    if (ms < 0 || outcome < 0 || outcome > BKEY_OUTCOME_FAILED || *end != '\0')
        return false;
    *out = (last_sync){ms, (bkey_outcome)outcome};
    return true;
}

static last_sync find_sync(const bkey_device_query *query, const sup_guid *tenant)
{
    last_sync found = {.complete_ms = 0};
    char id[SUP_GUID_TEXT_LEN + 1];
    const char *text = (const char *)query->synced.ptr;
    size_t left = query->synced.len;
    sup_guid_format(tenant, id);
    while (left > 0) {
        char line[LINE_MAX] = "";
        const char *end = memchr(text, '\n', left);
        const size_t len = end != NULL ? (size_t)(end - text) : left;
        if (len < sizeof line) {
            memcpy(line, text, len);
            (void)read_line(line, id, &found);
        }
        text += end != NULL ? len + 1 : len;
        left -= end != NULL ? len + 1 : len;
    }
    return found;
}

typedef struct proof {
    const sup_guid *device_id;
    bkey_vec ids; /* sup_guid: the held keys of the device in one place */
} proof;

static bkey_err take_key(void *context, const bkey_held_key *key)
{
    proof *p = context;
    if ((key->flags & BKEY_HELD_SECRET) == 0 || !sup_guid_equal(&key->device_id, p->device_id))
        return bkey_ok();
    sup_guid *id = bkey_vec_add(&p->ids);
    if (id == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *id = key->id;
    return bkey_ok();
}

/* What is said of a key is no proof: its password is opened, and put away. */
static bkey_err prove_place(const bkey_place *place, proof *p, bool *whole)
{
    p->ids.count = 0;
    bkey_err err = bkey_held_scan(place, take_key, p);
    const sup_guid *ids = p->ids.items;
    for (size_t i = 0; bkey_is_ok(err) && i < p->ids.count; i++) {
        bkey_secret *secret = NULL;
        bool malformed = false;
        err = bkey_held_open_secret(place, &ids[i], &secret, &malformed);
        bkey_secret_free(&secret);
        if (bkey_is(err, BKEY_E_NO_STATE) || bkey_err_category(err) == BKEY_CAT_CORRUPT) {
            *whole = false;
            err = bkey_ok();
        }
    }
    return err;
}

static bkey_err prove(const bkey_device_tenant *tenant, const sup_guid *device_id, bool *whole)
{
    proof p = {.device_id = device_id};
    bkey_err err = bkey_ok();
    bkey_vec_init(&p.ids, sizeof(sup_guid));
    for (size_t i = 0; bkey_is_ok(err) && i < tenant->places->items.count; i++) {
        const bkey_place place = bkey_place_list_at(tenant->places, i);
        if (sup_guid_equal(&place.tenant, &tenant->tenant))
            err = prove_place(&place, &p, whole);
    }
    bkey_vec_done(&p.ids);
    return err;
}

typedef struct verdict {
    asking *a;
    bkey_json *reasons;
    bool safe;
} verdict;

static void object(verdict *v, bool wrong, const char *reason)
{
    if (!wrong)
        return;
    bkey_json_add_text(&v->a->builder, v->reasons, reason);
    v->safe = false;
}

static void judge_keys(verdict *v, const bkey_tracked *device, const bkey_device_keys *keys)
{
    const bool off = device->encryption == BKEY_ENCRYPTION_OFF;
    const bool escrowed =
        device->status == BKEY_ESCROW_ESCROWED || device->status == BKEY_ESCROW_NOT_AVAILABLE;
    object(v, device->unheld > 0, "keys-not-held");
    object(v, keys != NULL && keys->malformed > 0, "malformed-key");
    object(v, keys == NULL && !off && device->why != BKEY_ESCROW_WHY_NO_KEY, "no-key");
    object(v, keys != NULL && device->why == BKEY_ESCROW_WHY_NOT_TOLD,
           bkey_escrow_status_reason(device->why));
    object(v, !escrowed && (device->unheld == 0 || device->why != BKEY_ESCROW_WHY_NOT_COPIED),
           bkey_escrow_status_reason(device->why));
}

static void judge_freshness(verdict *v, const bkey_device_tenant *tenant)
{
    const last_sync sync = find_sync(v->a->query, &tenant->tenant);
    const bool failed = sync.outcome != 0 && sync.outcome != BKEY_OUTCOME_DONE;
    const int64_t age_ms = v->a->now_ms - sync.complete_ms;
    const bool old = sync.complete_ms == 0 || age_ms > FRESH_MS || age_ms < -CLOCKS_MS;
    object(v, !tenant->is_connected, "not-connected");
    object(v, tenant->is_connected && failed, "last-sync-failed");
    object(v, tenant->is_connected && old, "not-fresh");
}

static bkey_err put_device(asking *a, const bkey_device_tenant *tenant, const bkey_tracked *device)
{
    bool whole = true;
    bkey_err err = prove(tenant, &device->id, &whole);
    if (!bkey_is_ok(err))
        return err;
    const bkey_device_keys *keys = bkey_device_load_keys(tenant, &device->id);
    bkey_json *row = bkey_json_add_object(&a->builder, a->rows);
    bkey_device_rows_put(&a->builder, row, tenant, device);
    bkey_json_put_int(&a->builder, row, "keys",
                      (int64_t)(keys != NULL ? keys->held : 0) + device->unheld);
    bkey_json_put_int(&a->builder, row, "held", keys != NULL ? keys->held : 0);
    bkey_json_put_text(&a->builder, row, "state", bkey_tracked_presence_name(device->presence));
    verdict v = {a, bkey_json_put_array(&a->builder, row, "reasons"), true};
    judge_keys(&v, device, keys);
    object(&v, !whole, "key-not-readable");
    judge_freshness(&v, tenant);
    bkey_json_put_bool(&a->builder, row, "safe", v.safe);
    return bkey_ok();
}

static bkey_err take_tenant(void *context, const bkey_device_tenant *tenant)
{
    asking *a = context;
    const bkey_tracked *devices = tenant->devices.items;
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < tenant->devices.count; i++)
        if (is_wanted(a, &devices[i]))
            err = put_device(a, tenant, &devices[i]);
    return err;
}

bkey_err bkey_device_guard_run(const bkey_device_query *query, sup_buffer *out_json)
{
    asking a = {.query = query, .now_ms = query->ports->wall_ms(query->ports->self)};
    a.by_id = sup_guid_parse(query->wanted, strlen(query->wanted), &a.id);
    bkey_json_builder_init(&a.builder);
    a.rows = bkey_json_put_array(&a.builder, a.builder.root, "rows");
    bkey_err err = bkey_device_load_each(query, NULL, take_tenant, &a);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&a.builder, out_json);
    bkey_json_builder_done(&a.builder);
    return err;
}
