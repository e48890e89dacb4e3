/* SPDX-License-Identifier: Apache-2.0
 *
 * The host of unit tests. */
#define _GNU_SOURCE
#include "tests/support/host_box.h"

#include "sample-host/src/base/os_file.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void host_box_sql(host_box *box, const char *sql)
{
    host_error err = {0};
    host_conn *conn = host_db_write_begin(box->h.db, true, &err);
    cr_assert_not_null(conn, "%s", err.message);
    char *problem = NULL;
    cr_assert_eq(sqlite3_exec(conn->sqlite, sql, NULL, NULL, &problem), SQLITE_OK, "%s", problem);
    cr_assert(host_db_write_commit(box->h.db, conn, &err), "%s", err.message);
}

int64_t host_box_number(host_box *box, const char *sql)
{
    host_error err = {0};
    host_conn *conn = host_db_read_begin(box->h.db, &err);
    cr_assert_not_null(conn, "%s", err.message);
    sqlite3_stmt *stmt = NULL;
    cr_assert_eq(sqlite3_prepare_v2(conn->sqlite, sql, -1, &stmt, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    host_db_read_end(box->h.db, conn);
    return number;
}

void host_box_open(host_box *box)
{
    static const host_actor admin = {.kind = DPH_ACTOR_LOCAL,
                                     .role = DPH_ROLE_ADMINISTRATOR,
                                     .source = DPH_SOURCE_CLI,
                                     .os_uid = 7,
                                     .name = "tester",
                                     .remote_address = ""};
    char path[512];
    host_error err = {0};
    memset(box, 0, sizeof *box);
    cr_assert(sodium_init() >= 0);
    cr_assert(host_file_make_scratch(box->dir, sizeof box->dir, &err), "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/store.db", box->dir);
    cr_assert(host_db_open(path, &box->h.db, &err), "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/key", box->dir);
    cr_assert(host_keyring_create(path, &box->h.keyring, &err), "%s", err.message);
    box->h.lock_fd = -1;
    host_call_init(&box->call, &box->h, &admin, DPH_LANE_HOOK, "");
    host_box_sql(box, "INSERT INTO organizations VALUES('org1','Contoso',1,1,1),"
                      "('org2','Fabrikam',1,1,1);"
                      "INSERT INTO configurations VALUES('conf1','org1','PC1','','','','','',0,1,"
                      "1,1)");
}

void host_box_close(host_box *box)
{
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "key"};
    host_db_close(box->h.db);
    host_keyring_close(box->h.keyring);
    for (size_t i = 0; i < box->h.plugin_count; i++) {
        json_decref(box->h.plugins[i]->manifest);
        free(box->h.plugins[i]->instance);
        free(box->h.plugins[i]);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", box->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(box->dir);
}

host_plugin *host_box_plugin(host_box *box, const char *id, const char *manifest,
                             const dph_hook_guard_v1 *guard)
{
    host_plugin *plugin = calloc(1, sizeof *plugin);
    cr_assert_not_null(plugin);
    plugin->host = &box->h;
    (void)snprintf(plugin->id, sizeof plugin->id, "%s", id);
    plugin->manifest = json_loads(manifest, 0, NULL);
    plugin->guard = guard;
    if (guard != NULL) {
        plugin->instance = calloc(1, sizeof *plugin->instance);
        plugin->instance->struct_size = sizeof *plugin->instance;
    }
    box->h.plugins[box->h.plugin_count++] = plugin;
    return plugin;
}
