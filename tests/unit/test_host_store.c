/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: growth of its schema, the writer's two priorities, snapshots, pages and lookups. */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/call.c */
/* LINK: sample-host/src/record.c sample-host/src/folder_page.c sample-host/src/key_lookup.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LINK: sample-host/src/viewer.c sample-host/src/settings.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#define _GNU_SOURCE
#include "sample-host/src/folder_page.h"
#include "sample-host/src/key_lookup.h"
#include "sample-host/src/store/migrate.h"
#include "tests/support/host_box.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static host_box box;
static host_error err;

static void open_box(void)
{
    host_box_open(&box);
    memset(&err, 0, sizeof err);
}

static void close_box(void)
{
    host_box_close(&box);
}

TestSuite(host_store, .init = open_box, .fini = close_box);

static void store_path(char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/store.db", box.dir);
}

Test(host_store, reopening_changes_nothing)
{
    char path[512];
    int64_t version = host_box_number(&box, "PRAGMA user_version");
    int count = 0;
    (void)host_migrate_steps(&count);
    cr_assert_eq(version, count);
    store_path(path, sizeof path);
    host_db_close(box.h.db);
    cr_assert(host_db_open(path, &box.h.db, &err), "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM organizations"), 2);
}

Test(host_store, newer_schema_is_refused_untouched)
{
    char path[512];
    char back[64];
    (void)snprintf(back, sizeof back, "PRAGMA user_version=%d",
                   (int)host_box_number(&box, "PRAGMA user_version"));
    host_box_sql(&box, "PRAGMA user_version=900");
    store_path(path, sizeof path);
    host_db_close(box.h.db);
    box.h.db = NULL;
    cr_assert_not(host_db_open(path, &box.h.db, &err));
    cr_assert_eq(err.status, DPH_E_UNSUPPORTED);
    cr_assert_not_null(strstr(err.message, "900"));
    sqlite3 *raw = NULL;
    cr_assert_eq(sqlite3_open(path, &raw), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(raw, "SELECT id FROM organizations WHERE 1", NULL, NULL, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_exec(raw, back, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(raw);
    cr_assert(host_db_open(path, &box.h.db, &err), "%s", err.message);
}

Test(host_store, failing_step_leaves_the_schema_before_it)
{
    static const char *const steps[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x); broken"};
    host_conn conn;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/key.db", box.dir);
    cr_assert(host_db_connect(path, false, &conn, &err));
    cr_assert_not(host_migrate_run_steps(&conn, steps, 2, &err));
    int64_t version = 0;
    int64_t tables = 0;
    cr_assert(host_rows_number(&conn, &err, &version, "PRAGMA user_version", ""));
    cr_assert(host_rows_number(&conn, &err, &tables, "SELECT count(*) FROM sqlite_master", ""));
    cr_assert_eq(version, 1);
    cr_assert_eq(tables, 1);
    host_db_disconnect(&conn);
    (void)unlink(path);
}

Test(host_store, damaged_file_is_told_in_one_sentence)
{
    char path[512];
    store_path(path, sizeof path);
    host_db_close(box.h.db);
    box.h.db = NULL;
    int fd = open(path, O_WRONLY | O_TRUNC);
    cr_assert_eq(write(fd, "this is no store, whatever its name says", 40), 40);
    (void)close(fd);
    cr_assert_not(host_db_open(path, &box.h.db, &err));
    cr_assert_eq(err.status, DPH_E_CORRUPT, "%s", err.message);
}

/* A connection keeps a limited number of statements; one that is being stepped is not among those
 * that make room. */
Test(host_store, statement_in_use_survives_any_number_of_others)
{
    static char sql[HOST_DB_STATEMENTS * 2][32];
    host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Third',1,1,1)");
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    cr_assert_not_null(conn);
    for (size_t i = 0; i + 1 < HOST_DB_STATEMENTS; i++) {
        int64_t number = 0;
        (void)snprintf(sql[i], sizeof sql[i], "SELECT %zu", i);
        cr_assert(host_rows_number(conn, &err, &number, sql[i], ""));
    }
    sqlite3_stmt *outer = host_rows_query(conn, &err, "SELECT id FROM organizations", "");
    bool row = false;
    cr_assert(host_rows_next(conn, outer, &row, &err) && row);
    for (size_t i = HOST_DB_STATEMENTS; i < HOST_DB_STATEMENTS * 2; i++) {
        int64_t number = 0;
        (void)snprintf(sql[i], sizeof sql[i], "SELECT %zu", i);
        cr_assert(host_rows_number(conn, &err, &number, sql[i], ""));
        cr_assert_eq(number, (int64_t)i);
    }
    cr_assert(host_rows_next(conn, outer, &row, &err), "%s", err.message);
    cr_expect(row);
    host_db_read_end(box.h.db, conn);
}

Test(host_store, reader_sees_one_snapshot)
{
    int64_t before = 0;
    int64_t after = 0;
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    cr_assert(host_rows_number(conn, &err, &before, "SELECT count(*) FROM organizations", ""));
    host_box_sql(&box, "INSERT INTO organizations VALUES('org3','Third',1,1,1)");
    cr_assert(host_rows_number(conn, &err, &after, "SELECT count(*) FROM organizations", ""));
    host_db_read_end(box.h.db, conn);
    cr_assert_eq(before, after);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM organizations"), 3);
}

Test(host_store, reader_cannot_write)
{
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    cr_assert_not(host_rows_run(conn, &err, "DELETE FROM organizations", ""));
    host_db_read_end(box.h.db, conn);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM organizations"), 2);
}

/* Threads line up behind a held writer; the order in which they get it is written down. */
static struct {
    pthread_mutex_t lock;
    int order[8];
    int count;
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

typedef struct waiter {
    int number;
    bool is_interactive;
} waiter;

static void *wait_in_line(void *context)
{
    const waiter *mine = context;
    host_error problem = {0};
    host_conn *conn = host_db_write_begin(box.h.db, mine->is_interactive, &problem);
    (void)pthread_mutex_lock(&line.lock);
    line.order[line.count++] = mine->number;
    (void)pthread_mutex_unlock(&line.lock);
    host_db_write_rollback(box.h.db, conn);
    return NULL;
}

Test(host_store, interactive_writers_go_before_syncs)
{
    static const waiter waiters[] = {{1, false}, {2, false}, {3, true}, {4, true}};
    pthread_t threads[4];
    host_conn *held = host_db_write_begin(box.h.db, true, &err);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(
            pthread_create(&threads[i], NULL, wait_in_line, (void *)(uintptr_t)&waiters[i]), 0);
    }
    while (host_db_waiting(box.h.db) < 4) {
        (void)sched_yield();
    }
    host_db_write_rollback(box.h.db, held);
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    cr_assert_eq(line.count, 4);
    cr_assert_geq(line.order[0], 3);
    cr_assert_geq(line.order[1], 3);
}

static void fill_keys(void)
{
    host_box_sql(
        &box,
        "INSERT INTO folders VALUES('keys','org1','','Keys','plug',0,1,1,1),"
        "('dark','org2','','Keys','plug',1,1,1,1);"
        "INSERT INTO passwords(id,organization_id,folder_id,category,name,username,notes,url,"
        "external_id,guard_owner,plugin_tag,plugin_data,configuration_id,archived,revision,"
        "created_ms,updated_ms) VALUES"
        "('r1','org1','keys','K','PC-b','0d58262b-1de6-4f1c-9a1f-8a8ad9c9dbc4','','','e1','plug',"
        "'current','','conf1',0,1,1,1),"
        "('r2','org1','keys','K','PC-a','eb00d56b-4654-4ebc-998c-de1ba299de7e','','','e2','plug',"
        "'current','','',0,1,1,1),"
        "('r3','org1','keys','K','PC-a','0d58ffff-4654-4ebc-998c-de1ba299de70','','','e3','plug',"
        "'superseded','','',1,1,1,1),"
        "('r4','org2','dark','K','PC-x','0d58262b-1de6-4f1c-9a1f-000000000000','','','e4','plug',"
        "'current','','',0,1,1,1),"
        "('own','org1','keys','K','0d58262b','0d58262b','','',NULL,'','','','',0,1,1,1)");
}

static size_t count_part(const char *part)
{
    host_record_page page = {.count = 0};
    memset(&err, 0, sizeof err);
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    bool ok = host_key_lookup_part(conn, NULL, part, &page, &err);
    host_db_read_end(box.h.db, conn);
    size_t count = ok ? page.count : 1000;
    host_record_page_done(&page);
    return count;
}

/* Case and braces do not matter, wildcards are characters, hidden folders are not searched. */
Test(host_store, part_of_a_key_id_finds_what_contains_it)
{
    static const struct {
        const char *part;
        size_t rows;
    } cases[] = {
        {"0d58", 2},       {"0D58262B", 1},       {"{0d58262b-1de6-4f1c-9a1f-8a8ad9c9dbc4}", 1},
        {"8ad9c9dbc4", 1}, {"4654-4ebc-998c", 2}, {"0d58%", 0},
        {"____", 0},       {"****", 0},           {"\"\"\"\"", 0},
        {"0d58262b\"", 0}, {"0d5' OR 1", 0},      {"000000000000", 0}};
    fill_keys();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(count_part(cases[i].part), cases[i].rows, "%s: %zu %s", cases[i].part,
                     count_part(cases[i].part), err.message);
    }
}

Test(host_store, too_short_a_part_is_refused)
{
    fill_keys();
    cr_assert_eq(count_part("0d5"), 1000);
    cr_assert_eq(err.code, HOST_CODE_USAGE);
    cr_assert_eq(count_part("{0d5}"), 1000);
}

static size_t count_exact(const char *key)
{
    host_record_page page = {.count = 0};
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    (void)host_key_lookup_exact(conn, NULL, key, &page, &err);
    host_db_read_end(box.h.db, conn);
    size_t count = page.count;
    host_record_page_done(&page);
    return count;
}

Test(host_store, full_key_id_or_record_id_finds_the_record)
{
    fill_keys();
    cr_assert_eq(count_exact("{0D58262B-1DE6-4F1C-9A1F-8A8AD9C9DBC4}"), 1);
    cr_assert_eq(count_exact("r3"), 1);
    cr_assert_eq(count_exact("own"), 1);
    cr_assert_eq(count_exact("r4"), 0);
    cr_assert_eq(count_exact("0d58262b-1de6-4f1c-9a1f-000000000000"), 0);
    host_box_sql(&box, "UPDATE passwords SET username=(SELECT username FROM passwords WHERE"
                       " id='r1') WHERE id='r2'");
    cr_assert_eq(count_exact("0d58262b-1de6-4f1c-9a1f-8a8ad9c9dbc4"), 2);
}

/* S1.67: archived keys are left out unless asked for. Pages join without gap or repeat. */
Test(host_store, pages_of_a_folder_join_without_gap_or_repeat)
{
    host_folder_query query = {.organization_id = "org1", .folder_id = "many", .limit = 7};
    char last[64] = "";
    int64_t last_seq = -1;
    size_t total = 0;
    host_box_sql(&box, "INSERT INTO folders VALUES('many','org1','','Many','plug',0,1,1,1);"
                       "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<99)"
                       "INSERT INTO passwords(id,organization_id,folder_id,category,name,username,"
                       "notes,url,external_id,guard_owner,plugin_tag,plugin_data,configuration_id,"
                       "archived,revision,created_ms,updated_ms) SELECT 'p'||i,'org1','many','K',"
                       "'PC-'||(i%10),'u'||i,'','','e'||i,'plug','t','','',i%4=0,1,1,1 FROM n");
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    for (size_t count = 7; count == 7;) {
        host_record_page page = {.count = 0};
        cr_assert(host_folder_page(conn, &query, &page, &err), "%s", err.message);
        count = page.count;
        for (size_t i = 0; i < count; i++) {
            int order = strcmp(last, page.rows[i].title.ptr);
            cr_assert(order < 0 || (order == 0 && last_seq < page.seqs[i]));
            cr_assert_eq(page.rows[i].flags, 0);
            (void)snprintf(last, sizeof last, "%s", page.rows[i].title.ptr);
            last_seq = page.seqs[i];
        }
        total += count;
        if (count > 0) {
            host_folder_cursor_make(&page, query.sort, query.after);
        }
        host_record_page_done(&page);
    }
    host_db_read_end(box.h.db, conn);
    cr_assert_eq(total, 75);
}

Test(host_store, search_and_cursor_check_what_they_are_given)
{
    host_record_page page = {.count = 0};
    host_folder_query query = {.organization_id = "org1", .folder_id = "keys", .limit = 10};
    fill_keys();
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    query.search = "PC-";
    cr_assert(host_folder_page(conn, &query, &page, &err), "%s", err.message);
    cr_assert_eq(page.count, 2);
    host_record_page_done(&page);
    query.search = "P";
    cr_assert_not(host_folder_page(conn, &query, &page, &err));
    query.search = NULL;
    (void)snprintf(query.after, sizeof query.after, "garbage");
    cr_assert_not(host_folder_page(conn, &query, &page, &err));
    cr_assert_eq(err.code, HOST_CODE_USAGE);
    host_db_read_end(box.h.db, conn);
}

static size_t count_found(const char *text)
{
    host_record_page page = {.count = 0};
    host_folder_query query = {
        .organization_id = "org1", .folder_id = "keys", .limit = 10, .search = text};
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    cr_assert(host_folder_page(conn, &query, &page, &err), "%s", err.message);
    host_db_read_end(box.h.db, conn);
    size_t count = page.count;
    host_record_page_done(&page);
    return count;
}

/* S1.67: the letters stand together, whatever their case, and no letter means another one. */
Test(host_store, search_finds_the_text_itself_alone)
{
    fill_keys();
    host_box_sql(&box, "UPDATE passwords SET name='Front desk 100%_\\ Ærø' WHERE id='r1'");
    cr_assert_eq(count_found("front DESK"), 1);
    cr_assert_eq(count_found("desk 100%_\\"), 1);
    cr_assert_eq(count_found("des_ 100"), 0);
    cr_assert_eq(count_found("front%desk"), 0);
    cr_assert_eq(count_found("sk Front desk"), 0);
    cr_assert_eq(count_found("desk 100%_\\ ærø"), 1);
    host_box_sql(&box, "UPDATE passwords SET name='defabc' WHERE id='r1'");
    cr_assert_eq(count_found("abcdef"), 0);
    cr_assert_eq(count_found("defabc"), 1);
}
