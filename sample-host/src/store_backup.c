/* SPDX-License-Identifier: Apache-2.0
 *
 * See store_backup.h. */
#include "sample-host/src/store_backup.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/store/copy.h"

#include "support/hex.h"

#include <stdio.h>
#include <string.h>

#define NAME_ROOM 64

static void name_key(host *h, char out[HOST_COPY_MARK_SIZE])
{
    uint8_t check[HOST_KEYRING_CHECK_SIZE];
    host_keyring_check_value(h->keyring, check);
    sup_hex_format(check, sizeof check, out);
}

static host_copy_watch watch_of(const host_request *request)
{
    return (host_copy_watch){.cancelled = request->cancelled,
                             .cancel_ctx = request->cancel_ctx,
                             .progress = request->progress,
                             .progress_ctx = request->progress_ctx};
}

static bool copy_store(host *h, const host_request *request, const char *path, host_error *err)
{
    host_copy_watch watch = watch_of(request);
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL && host_copy_make(conn, path, &watch, err);
    host_db_read_end(h->db, conn);
    return ok;
}

bool host_store_backup(host *h, const host_request *request, const char *path, host_error *err)
{
    char partial[PATH_MAX + NAME_ROOM];
    host_copy_mark mark = {.at_ms = host_clock_wall_ms()};
    host_keyring_facts facts;
    if (host_file_exists(path)) {
        return host_error_set(err, DPH_E_CONFLICT, 0, "%s exists already.", path);
    }
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    /* Before the copy: a generation that is added meanwhile is named in no copied row. */
    host_keyring_describe(h->keyring, &facts);
    mark.oldest_generation = facts.generations[0];
    name_key(h, mark.key_check);
    bool ok = host_file_write(partial, "", 0, err) && copy_store(h, request, partial, err);
    mark.newest_generation = host_keyring_generation(h->keyring);
    ok = ok && host_copy_mark_write(partial, &mark, err) && host_copy_check(partial, &mark, err) &&
         host_file_rename_dir(partial, path, err);
    if (!ok) {
        host_file_remove(partial);
    }
    return ok;
}

static bool check_key(host *h, const host_copy_mark *mark, host_error *err)
{
    char own[HOST_COPY_MARK_SIZE];
    host_keyring_facts facts;
    host_keyring_describe(h->keyring, &facts);
    name_key(h, own);
    if (strcmp(own, mark->key_check) != 0) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_WRONG_KEY,
                              "The copy belongs to another key file than %s. Nothing was changed.",
                              facts.path);
    }
    if (mark->oldest_generation < (int64_t)facts.generations[0] ||
        mark->newest_generation > (int64_t)host_keyring_generation(h->keyring)) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_OLD_GENERATION,
                              "The copy needs generations %d to %d of the root; the key file %s "
                              "holds %u to %u. Restore the key file's backup of that time (`key "
                              "restore`) and name it by --key-file. Nothing was changed.",
                              (int)mark->oldest_generation, (int)mark->newest_generation,
                              facts.path, facts.generations[0],
                              facts.generations[facts.generation_count - 1]);
    }
    return true;
}

/* The entry goes into the new store before it takes its place: there is no restore without one. */
static bool note_restore(host *h, const host_request *request, host_db *db, host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    host_activity entry = {.action = DPH_ACTIVITY_UPDATED,
                           .subject = host_str("store"),
                           .detail = host_str("restored from a copy")};
    host_conn *conn = host_db_write_begin(db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!host_activity_add(conn, &call.abi, &entry, err)) {
        host_db_write_rollback(db, conn);
        return false;
    }
    return host_db_write_commit(db, conn, err);
}

/* Opening brings an older schema up to date. */
static bool prepare(host *h, const host_request *request, const char *from, const char *fresh,
                    host_error *err)
{
    host_copy_watch watch = watch_of(request);
    host_db *db = NULL;
    bool ok = host_file_write(fresh, "", 0, err) && host_copy_file(from, fresh, &watch, err) &&
              host_db_open(fresh, &db, err) && note_restore(h, request, db, err);
    host_db_close(db);
    return ok && host_copy_settle(fresh, err);
}

static void remove_store(const char *path)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char name[PATH_MAX + 2 * NAME_ROOM];
        (void)snprintf(name, sizeof name, "%s%s", path, tails[i]);
        host_file_remove(name);
    }
}

/* A log that is left beside a damaged store would be replayed into the new one. */
static bool set_log_aside(const char *store, const char *aside, host_error *err)
{
    char from[PATH_MAX + 2 * NAME_ROOM];
    char to[PATH_MAX + 2 * NAME_ROOM];
    (void)snprintf(from, sizeof from, "%s-wal", store);
    (void)snprintf(to, sizeof to, "%s-wal", aside);
    if (host_file_exists(from) && !host_file_replace(from, to, err)) {
        return false;
    }
    (void)snprintf(from, sizeof from, "%s-shm", store);
    host_file_remove(from);
    return true;
}

static bool set_aside(const char *store, const char *aside, host_error *err)
{
    host_error ignored = {0};
    if (!host_file_exists(store)) {
        return true;
    }
    if (!host_copy_settle(store, &ignored) && !set_log_aside(store, aside, err)) {
        return false;
    }
    return host_file_link(store, aside, err);
}

static bool opens(const char *store, host_error *err)
{
    host_db *db = NULL;
    bool ok = host_db_open(store, &db, err);
    host_db_close(db);
    return ok;
}

bool host_store_restore(host *h, const host_request *request, const char *path, host_error *err)
{
    char store[PATH_MAX + NAME_ROOM];
    char fresh[PATH_MAX + NAME_ROOM];
    char aside[PATH_MAX + NAME_ROOM];
    host_copy_mark mark;
    host_error ignored = {0};
    if (!host_copy_check(path, &mark, err) || !check_key(h, &mark, err)) {
        return false;
    }
    (void)snprintf(store, sizeof store, "%s/store.db", h->dir);
    (void)snprintf(fresh, sizeof fresh, "%s/store.db.new", h->dir);
    (void)snprintf(aside, sizeof aside, "%s/store.db.replaced-%lld", h->dir,
                   (long long)host_clock_wall_ms());
    remove_store(fresh);
    if (!prepare(h, request, path, fresh, err) || !set_aside(store, aside, err) ||
        !host_file_replace(fresh, store, err)) {
        remove_store(fresh);
        return false;
    }
    if (!opens(store, err)) {
        (void)host_file_replace(aside, store, &ignored);
        return false;
    }
    remove_store(aside);
    return true;
}
