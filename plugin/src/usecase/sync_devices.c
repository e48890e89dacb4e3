/* SPDX-License-Identifier: Apache-2.0
 *
 * Every device that the tenant knows: Intune's inventory, the directory's devices joined to it by
 * device id, and what Intune's encryption report says of them. Must not know keys. */
#include "usecase/sync.h"

#include <stdlib.h>
#include <string.h>

#include "domain/idsort.h"
#include "graph/endpoints.h"

bkey_err bkey_sync_devices_judge(bkey_err err, bkey_sync_answer *out_answer)
{
    const bkey_category category = bkey_err_category(err);
    const bool silent = bkey_err_is_silence(err); /* a certificate is no word of the source's */
    const bool denied = !silent && (category == BKEY_CAT_CONFIG || category == BKEY_CAT_AUTH ||
                                    category == BKEY_CAT_DENIED || bkey_is(err, BKEY_E_STATUS) ||
                                    bkey_is(err, BKEY_E_NOT_FOUND));
    const bool passing = silent || category == BKEY_CAT_REMOTE || bkey_is(err, BKEY_E_THROTTLED) ||
                         bkey_is(err, BKEY_E_REMOTE_FAULT);
    if (!bkey_is_ok(err) && !denied && !passing)
        return err;
    *out_answer = bkey_is_ok(err) ? BKEY_SYNC_COMPLETE
                  : denied        ? BKEY_SYNC_DENIED
                                  : BKEY_SYNC_NO_NEWS;
    return bkey_ok();
}

/* A tenant has few makers and models, and thousands of devices of each. */
static const char *intern(bkey_sync *sync, const char *text)
{
    const uint32_t known =
        sync->interned_count < BKEY_SYNC_INTERNED ? sync->interned_count : BKEY_SYNC_INTERNED;
    if (text[0] == '\0')
        return "";
    for (uint32_t i = 0; i < known; i++)
        if (strcmp(sync->interned[i], text) == 0)
            return sync->interned[i];
    const char *copy = bkey_arena_text(&sync->listing_texts, text);
    if (copy != NULL)
        sync->interned[sync->interned_count++ % BKEY_SYNC_INTERNED] = copy;
    return copy;
}

static bkey_err keep_row(bkey_sync *sync, bkey_vec *rows, const bkey_device *row)
{
    bkey_device *device = bkey_vec_add(rows);
    if (device == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *device = *row;
    device->name = bkey_arena_text(&sync->listing_texts, row->name);
    device->serial =
        row->serial[0] != '\0' ? bkey_arena_text(&sync->listing_texts, row->serial) : "";
    device->manufacturer = intern(sync, row->manufacturer);
    device->model = intern(sync, row->model);
    const bool whole = device->name != NULL && device->serial != NULL &&
                       device->manufacturer != NULL && device->model != NULL;
    return whole ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_managed(void *context, const bkey_device *row)
{
    bkey_sync *sync = context;
    return keep_row(sync, &sync->devices, row);
}

static bkey_err read_managed(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_devices(body, sync->connection.graph_url, take_managed, sync, out_page);
}

typedef bool make_url(const char *graph_url, sup_buffer *out);

static bkey_err list(bkey_sync *sync, make_url *make, const bkey_sync_listing *listing)
{
    sup_buffer url;
    sup_buffer_init(&url, BKEY_SYNC_URL_MAX);
    bkey_err err = make(sync->connection.graph_url, &url)
                       ? bkey_sync_listing_pages(sync, &url, listing)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    return err;
}

typedef struct joining {
    bkey_sync *sync;
    bkey_idsort known; /* Intune's devices, by device id or by Intune's own */
    bkey_vec others;   /* bkey_device: those that only the directory has */
} joining;

static int by_contact(const void *a, const void *b)
{
    const bkey_device *x = a;
    const bkey_device *y = b;
    if (x->last_seen_ms != y->last_seen_ms)
        return x->last_seen_ms < y->last_seen_ms ? -1 : 1;
    return sup_guid_compare(&x->managed_id, &y->managed_id);
}

/* A machine that was enrolled again stays listed under its old enrolment too, in any order. The
 * last row counts everywhere: that is the one that was in contact last, or each tick would see
 * another name. */
static bkey_err settle_doubles(bkey_sync *sync, const bkey_idsort *known)
{
    bkey_device *devices = sync->devices.items;
    bkey_vec rows;
    bkey_err err = bkey_ok();
    bkey_vec_init(&rows, sizeof(bkey_device));
    for (size_t at = 0; bkey_is_ok(err) && at < known->count;) {
        const size_t first = at;
        at = bkey_idsort_skip(known, first);
        bkey_vec_clear(&rows);
        for (size_t i = first; at - first > 1 && i < at; i++) {
            bkey_device *row = bkey_vec_add(&rows);
            if (row == NULL) {
                err = bkey_fail(BKEY_E_NOMEM);
                break;
            }
            *row = devices[bkey_idsort_row(known, i)];
        }
        if (!bkey_is_ok(err) || rows.count == 0)
            continue;
        qsort(rows.items, rows.count, sizeof(bkey_device), by_contact);
        for (size_t i = 0; i < rows.count; i++)
            devices[bkey_idsort_row(known, first + i)] = ((const bkey_device *)rows.items)[i];
    }
    bkey_vec_done(&rows);
    return err;
}

/* Intune's word on names counts; the directory adds what only it knows. */
static void join_row(bkey_device *device, const bkey_device *row)
{
    device->object_id = row->object_id;
    device->join = row->join;
    device->sources |= row->sources;
    if (row->last_seen_ms > device->last_seen_ms)
        device->last_seen_ms = row->last_seen_ms;
}

static bkey_err take_directory(void *context, const bkey_device *row)
{
    joining *j = context;
    bkey_device *devices = j->sync->devices.items;
    size_t first = 0;
    const size_t rows = bkey_idsort_rows(&j->known, &row->id, &first);
    for (size_t i = 0; i < rows; i++)
        join_row(&devices[bkey_idsort_row(&j->known, first + i)], row);
    return rows > 0 ? bkey_ok() : keep_row(j->sync, &j->others, row);
}

static bkey_err read_directory(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_directory(body, sync->connection.graph_url, take_directory,
                                 sync->listing_context, out_page);
}

static bkey_err append_others(joining *j)
{
    const bkey_device *others = j->others.items;
    for (size_t i = 0; i < j->others.count; i++) {
        bkey_device *device = bkey_vec_add(&j->sync->devices);
        if (device == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *device = others[i];
    }
    return bkey_ok();
}

static bkey_err list_directory(bkey_sync *sync)
{
    static const bkey_sync_listing listing = {BKEY_CALL_DIRECTORY, read_directory};
    joining j = {.sync = sync};
    bkey_vec_init(&j.others, sizeof(bkey_device));
    bkey_err err =
        bkey_idsort_init(&j.known, sync->devices.items, sync->devices.count, sizeof(bkey_device));
    sync->listing_context = &j;
    if (bkey_is_ok(err))
        err = settle_doubles(sync, &j.known);
    if (bkey_is_ok(err))
        err = list(sync, bkey_endpoints_directory, &listing);
    sync->listing_context = NULL;
    bkey_idsort_done(&j.known);
    /* A part of the list is true as far as it goes; only what is missing from it proves nothing. */
    bkey_err appended = append_others(&j);
    bkey_vec_done(&j.others);
    return bkey_is_ok(appended) ? err : appended;
}

bkey_err bkey_sync_devices_list(bkey_sync *sync)
{
    static const bkey_sync_listing listing = {BKEY_CALL_DEVICES, read_managed};
    bkey_err managed = list(sync, bkey_endpoints_devices, &listing);
    if (!bkey_is_ok(managed) && !bkey_is(managed, BKEY_E_NO_INTUNE))
        return managed;
    sync->intune = bkey_is_ok(managed) ? BKEY_SYNC_COMPLETE : BKEY_SYNC_DENIED;
    bkey_err err = list_directory(sync);
    if (!bkey_is_ok(managed) && !bkey_is_ok(err)) {
        const bool denied = bkey_is_ok(bkey_sync_devices_judge(err, &sync->entra)) &&
                            sync->entra == BKEY_SYNC_DENIED;
        return denied ? managed : err;
    }
    return bkey_sync_devices_judge(err, &sync->entra);
}

static bkey_err take_encryption(void *context, const bkey_encryption_row *row)
{
    joining *j = context;
    bkey_device *devices = j->sync->devices.items;
    size_t first = 0;
    const size_t rows = bkey_idsort_rows(&j->known, &row->managed_id, &first);
    for (size_t i = 0; i < rows; i++) {
        bkey_device *device = &devices[bkey_idsort_row(&j->known, first + i)];
        device->backup = row->backup;
        if (row->encryption != BKEY_ENCRYPTION_UNKNOWN)
            device->encryption = row->encryption;
    }
    return bkey_ok();
}

static bkey_err read_report(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_encryption(body, sync->connection.graph_url, take_encryption,
                                  sync->listing_context, out_page);
}

bkey_err bkey_sync_devices_report(bkey_sync *sync)
{
    static const bkey_sync_listing listing = {BKEY_CALL_ENCRYPTION, read_report};
    joining j = {.sync = sync};
    const bkey_device *devices = sync->devices.items;
    sync->report = BKEY_SYNC_DENIED;
    if (sync->intune != BKEY_SYNC_COMPLETE || sync->devices.count == 0)
        return bkey_ok();
    bkey_err err = bkey_idsort_init(&j.known, &devices[0].managed_id, sync->devices.count,
                                    sizeof(bkey_device));
    sync->listing_context = &j;
    if (bkey_is_ok(err))
        err = list(sync, bkey_endpoints_encryption, &listing);
    sync->listing_context = NULL;
    bkey_idsort_done(&j.known);
    return bkey_sync_devices_judge(err, &sync->report);
}
