/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of the store: refused ones change nothing, and a restore that is killed at any durable
 * step leaves the old or the new store, whole. */
/* LINK: tests/support/kill_steps.c */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/store_backup.c sample-host/src/activity.c */
/* LINK: sample-host/src/call.c host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv -Wl,--wrap=fsync -Wl,--wrap=rename -Wl,--wrap=link */
/* LIBS: -Wl,--wrap=sqlite3_exec -Wl,--wrap=sqlite3_step */
#define _GNU_SOURCE
#include "sample-host/src/store_backup.h"

#include "sample-host/src/base/os_file.h"
#include "tests/support/host_box.h"
#include "tests/support/kill_steps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);

int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
    kill_steps_pass();
    return __real_sqlite3_step(stmt);
}

static host_box box;
static host_request request;
static char copy[300];

static void open_box(void)
{
    host_box_open(&box);
    (void)snprintf(box.h.dir, sizeof box.h.dir, "%s", box.dir);
    (void)snprintf(copy, sizeof copy, "%s/copy", box.dir);
    request = (host_request){.command = "backup", .actor = box.call.actor};
}

static void close_box(void)
{
    char partial[320];
    (void)snprintf(partial, sizeof partial, "%s.partial", copy);
    (void)unlink(partial);
    (void)unlink(copy);
    host_box_close(&box);
    host_file_remove_dir(box.dir);
}

TestSuite(store_backup, .init = open_box, .fini = close_box);

static void close_store(void)
{
    host_db_close(box.h.db);
    box.h.db = NULL;
}

static void open_store(void)
{
    char path[300];
    host_error err = {0};
    (void)snprintf(path, sizeof path, "%s/store.db", box.dir);
    cr_assert(host_db_open(path, &box.h.db, &err), "%s", err.message);
}

static int64_t count_organizations(void)
{
    return host_box_number(&box, "SELECT count(*) FROM organizations");
}

static void make_copy(void)
{
    host_error err = {0};
    struct stat info;
    cr_assert(host_store_backup(&box.h, &request, copy, &err), "%s", err.message);
    cr_assert_eq(stat(copy, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
}

Test(store_backup, restored_copy_has_what_was_there_and_says_so)
{
    host_error err = {0};
    make_copy();
    host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Later',1,1,1)");
    cr_assert_eq(count_organizations(), 3);
    close_store();
    cr_assert(host_store_restore(&box.h, &request, copy, &err), "%s", err.message);
    open_store();
    cr_assert_eq(count_organizations(), 2);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM activity WHERE subject='store'"), 1);
}

Test(store_backup, existing_file_is_never_overwritten)
{
    host_error err = {0};
    make_copy();
    cr_assert_not(host_store_backup(&box.h, &request, copy, &err));
    cr_assert_eq(err.status, DPH_E_CONFLICT);
}

static dph_status restore_status(void)
{
    host_error err = {0};
    bool ok = host_store_restore(&box.h, &request, copy, &err);
    return ok ? DPH_OK : err.status;
}

static void change_copy(const char *sql)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open(copy, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(store_backup, foreign_newer_old_and_damaged_copies_are_refused)
{
    uint32_t made = 0;
    host_error err = {0};
    make_copy();
    host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Later',1,1,1)");
    close_store();
    change_copy("PRAGMA user_version=999");
    cr_assert_eq(restore_status(), DPH_E_UNSUPPORTED);
    change_copy("PRAGMA user_version=3");
    change_copy("UPDATE meta SET value='00' WHERE key='copy_key_check'");
    cr_assert_eq(restore_status(), DPH_E_DENIED);
    change_copy("DELETE FROM meta WHERE key='copy_key_check'");
    cr_assert_eq(restore_status(), DPH_E_CORRUPT);
    cr_assert_eq(unlink(copy), 0);
    open_store();
    make_copy();
    close_store();
    cr_assert(host_keyring_add_generation(box.h.keyring, &made, &err));
    cr_assert(host_keyring_retire(box.h.keyring, made, &err));
    cr_assert_eq(restore_status(), DPH_E_DENIED);
    cr_assert_eq(truncate(copy, 5000), 0);
    cr_assert_eq(restore_status(), DPH_E_CORRUPT);
    cr_assert_eq(truncate(copy, 10), 0);
    cr_assert_eq(restore_status(), DPH_E_CORRUPT);
    open_store();
    cr_assert_eq(count_organizations(), 3);
}

static bool restore_in_child(int step)
{
    int status = 0;
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        kill_steps_at(step);
        _exit(restore_status() == DPH_OK ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    cr_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILL_STEPS_EXIT,
              "step %d: exit %d", step, WEXITSTATUS(status));
    return WEXITSTATUS(status) == 0;
}

Test(store_backup, restore_killed_at_every_step_leaves_the_old_or_the_new_store)
{
    int step = 1;
    bool saw_old = false;
    bool saw_new = false;
    make_copy();
    host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Later',1,1,1)");
    close_store();
    while (!restore_in_child(step)) {
        open_store();
        int64_t found = count_organizations();
        cr_assert(found == 2 || found == 3, "step %d: %d", step, (int)found);
        saw_old = saw_old || found == 3;
        saw_new = saw_new || found == 2;
        if (found == 2) {
            host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Later',1,1,1)");
        }
        close_store();
        step++;
    }
    cr_assert(saw_old && saw_new);
    cr_assert_gt(step, 20);
    open_store();
    cr_assert_eq(count_organizations(), 2);
}

static int say_stop(void *context)
{
    (void)context;
    return 1;
}

Test(store_backup, cancelled_backup_leaves_no_file)
{
    host_error err = {0};
    host_box_sql(&box, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<9000)"
                       " INSERT INTO organizations SELECT hex(randomblob(300))||i,"
                       " hex(randomblob(300))||i,1,1,1 FROM n");
    request.cancelled = say_stop;
    cr_assert_not(host_store_backup(&box.h, &request, copy, &err));
    cr_assert_eq(err.status, DPH_E_CANCELLED);
    cr_assert_not(host_file_exists(copy));
    char partial[320];
    (void)snprintf(partial, sizeof partial, "%s.partial", copy);
    cr_assert_not(host_file_exists(partial));
}
