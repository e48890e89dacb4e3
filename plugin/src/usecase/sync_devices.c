/* SPDX-License-Identifier: Apache-2.0
 *
 * Every device that the tenant knows: Intune's, the directory's joined to them by device id, and
 * what Intune's encryption report says of them. Must not know keys, nor how pages are listed. */
#include "usecase/sync.h"

#include <stdlib.h>
#include <string.h>

#include "domain/idsort.h"

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

bkey_err bkey_sync_devices_read_managed(bkey_sync *sync, void *context, bkey_bytes body,
                                        bkey_page *out_page)
{
    (void)context;
    return bkey_decode_devices(body, sync->connection.graph_url, take_managed, sync, out_page);
}

struct bkey_sync_devices {
    bkey_sync *sync;
    bkey_idsort by_id;      /* Intune's devices, by device id */
    bkey_idsort by_managed; /* and by Intune's own */
    bkey_vec others;        /* bkey_device: those that only the directory has */
};

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
    bkey_sync_devices *d = context;
    bkey_device *devices = d->sync->devices.items;
    size_t first = 0;
    const size_t rows = bkey_idsort_rows(&d->by_id, &row->id, &first);
    for (size_t i = 0; i < rows; i++)
        join_row(&devices[bkey_idsort_row(&d->by_id, first + i)], row);
    return rows > 0 ? bkey_ok() : keep_row(d->sync, &d->others, row);
}

bkey_err bkey_sync_devices_read_directory(bkey_sync *sync, void *context, bkey_bytes body,
                                          bkey_page *out_page)
{
    return bkey_decode_directory(body, sync->connection.graph_url, take_directory, context,
                                 out_page);
}

static bkey_err take_encryption(void *context, const bkey_encryption_row *row)
{
    bkey_sync_devices *d = context;
    bkey_device *devices = d->sync->devices.items;
    size_t first = 0;
    const size_t rows = bkey_idsort_rows(&d->by_managed, &row->managed_id, &first);
    for (size_t i = 0; i < rows; i++) {
        bkey_device *device = &devices[bkey_idsort_row(&d->by_managed, first + i)];
        device->backup = row->backup;
        if (row->encryption != BKEY_ENCRYPTION_UNKNOWN)
            device->encryption = row->encryption;
    }
    return bkey_ok();
}

bkey_err bkey_sync_devices_read_report(bkey_sync *sync, void *context, bkey_bytes body,
                                       bkey_page *out_page)
{
    return bkey_decode_encryption(body, sync->connection.graph_url, take_encryption, context,
                                  out_page);
}

bkey_err bkey_sync_devices_index(bkey_sync *sync, bkey_sync_devices **out)
{
    const bkey_device *devices = sync->devices.items;
    const size_t count = sync->devices.count;
    bkey_sync_devices *d = calloc(1, sizeof *d);
    if (d == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    d->sync = sync;
    bkey_vec_init(&d->others, sizeof(bkey_device));
    bkey_err err = bkey_idsort_init(&d->by_id, devices, count, sizeof *devices);
    if (bkey_is_ok(err))
        err = settle_doubles(sync, &d->by_id);
    if (bkey_is_ok(err) && count > 0)
        err = bkey_idsort_init(&d->by_managed, &devices[0].managed_id, count, sizeof *devices);
    if (bkey_is_ok(err))
        *out = d;
    else
        bkey_sync_devices_free(&d);
    return err;
}

bkey_err bkey_sync_devices_join(bkey_sync_devices *devices)
{
    const bkey_device *others = devices->others.items;
    /* Adding rows moves them all: nothing may point to them any more. */
    bkey_idsort_done(&devices->by_managed);
    bkey_idsort_done(&devices->by_id);
    for (size_t i = 0; i < devices->others.count; i++) {
        bkey_device *device = bkey_vec_add(&devices->sync->devices);
        if (device == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *device = others[i];
    }
    return bkey_ok();
}

void bkey_sync_devices_free(bkey_sync_devices **devices)
{
    if (devices == NULL || *devices == NULL)
        return;
    bkey_idsort_done(&(*devices)->by_managed);
    bkey_idsort_done(&(*devices)->by_id);
    bkey_vec_done(&(*devices)->others);
    free(*devices);
    *devices = NULL;
}
