/* SPDX-License-Identifier: Apache-2.0
 *
 * A rotation of the root, killed at every durable step: no value is ever sealed under a generation
 * that is gone, and the next run finishes. */
/* LINK: tests/support/kill_steps.c */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/key_rotate.c sample-host/src/key_reseal.c */
/* LINK: sample-host/src/sealed.c sample-host/src/action.c sample-host/src/activity.c */
/* LINK: sample-host/src/call.c sample-host/src/grace.c host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv -Wl,--wrap=fsync -Wl,--wrap=rename -Wl,--wrap=link */
/* LIBS: -Wl,--wrap=sqlite3_exec */
#define _GNU_SOURCE
#include "sample-host/src/key_rotate.h"

#include "sample-host/src/action.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/key_reseal.h"
#include "sample-host/src/sealed.h"
#include "tests/support/host_box.h"
#include "tests/support/kill_steps.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSWORDS 210 /* more than one batch */
#define PLUGIN_KEYS 7
#define PER_CALL 3

static char plugin_file[300]; /* the generation of each of the plugin's keys */
static bool never_done;

static void read_plugin(uint8_t out[PLUGIN_KEYS])
{
    host_error err = {0};
    host_secret bytes = {0};
    cr_assert(host_file_read(plugin_file, PLUGIN_KEYS, true, &bytes, &err), "%s", err.message);
    cr_assert_eq(bytes.len, PLUGIN_KEYS);
    memcpy(out, bytes.ptr, PLUGIN_KEYS);
    host_secret_done(&bytes);
}

static dph_status DPH_CALL move_over(dph_plugin *plugin, const dph_call *call,
                                     const dph_str *action, const dph_params *params,
                                     const dph_action_sink *sink, dph_error *problem)
{
    uint8_t keys[PLUGIN_KEYS];
    char text[128];
    host_error err = {0};
    int moved = 0;
    int left = 0;
    (void)plugin;
    (void)call;
    (void)action;
    (void)problem;
    int wanted = 0;
    for (size_t i = 0; i < params->items[0]->value.len; i++) {
        wanted = wanted * 10 + params->items[0]->value.ptr[i] - '0';
    }
    read_plugin(keys);
    for (size_t i = 0; i < PLUGIN_KEYS; i++) {
        if (keys[i] != wanted && moved < PER_CALL && !never_done) {
            keys[i] = (uint8_t)wanted;
            moved++;
        }
        left += keys[i] != wanted;
    }
    cr_assert(host_file_write(plugin_file, keys, sizeof keys, &err), "%s", err.message);
    (void)snprintf(text, sizeof text, "{\"rewrapped\":%d,\"remaining\":%d,\"oldest_generation\":1}",
                   moved, left);
    if (left == 0) {
        (void)snprintf(text, sizeof text,
                       "{\"rewrapped\":%d,\"remaining\":0,\"oldest_generation\":%d}", moved,
                       wanted);
    }
    const dph_str json = {text, strlen(text)};
    return sink->result(sink->context, &json);
}

static const dph_hook_action_v1 action_hook = {sizeof action_hook, 0, move_over};
static const char manifest[] = "{\"services\":{\"required\":[\"dph.keyring/1\"]},"
                               "\"actions\":[{\"id\":\"keyring_rotated\"}]}";
static const dph_hook_guard_v1 no_guard = {.struct_size = sizeof no_guard};

static host_box box;
static host_request request;

static void add_passwords(void)
{
    for (int i = 0; i < PASSWORDS; i++) {
        char id[32];
        uint8_t sealed[HOST_SEALED_MAX];
        size_t len = 0;
        host_error err = {0};
        host_secret secret = {(unsigned char *)id, 8, 8};
        (void)snprintf(id, sizeof id, "id%06d", i);
        cr_assert(host_sealed_make(box.h.keyring, id, &secret, sealed, &len, &err));
        dph_bytes bytes = {sealed, len};
        host_conn *conn = host_db_write_begin(box.h.db, true, &err);
        cr_assert(host_rows_run(conn, &err,
                                "INSERT INTO passwords VALUES(NULL,?,'org1','','','n','','','',?,"
                                "NULL,'','','','',0,1,1,1)",
                                "sb", id, &bytes),
                  "%s", err.message);
        cr_assert(host_db_write_commit(box.h.db, conn, &err));
    }
}

static void open_box(void)
{
    host_error err = {0};
    uint8_t keys[PLUGIN_KEYS];
    host_box_open(&box);
    memset(keys, 1, sizeof keys);
    (void)snprintf(plugin_file, sizeof plugin_file, "%s/plugin", box.dir);
    cr_assert(host_file_write(plugin_file, keys, sizeof keys, &err));
    host_box_plugin(&box, "plug", manifest, &no_guard)->action = &action_hook;
    request = (host_request){.command = "key rotate", .actor = box.call.actor};
    never_done = false;
}

static void close_box(void)
{
    (void)unlink(plugin_file);
    host_box_close(&box);
}

TestSuite(key_rotate, .init = open_box, .fini = close_box);

static void reopen(void)
{
    char path[512];
    host_error err = {0};
    host_db_close(box.h.db);
    host_keyring_close(box.h.keyring);
    (void)snprintf(path, sizeof path, "%s/store.db", box.dir);
    cr_assert(host_db_open(path, &box.h.db, &err), "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/key", box.dir);
    cr_assert(host_keyring_open(path, &box.h.keyring, &err), "%s", err.message);
}

static void expect_all_opens(int step)
{
    uint8_t keys[PLUGIN_KEYS];
    uint8_t derived[32];
    uint64_t done = 0;
    host_error err = {0};
    host_keyring_name name = {host_str("plug"), host_str("kek")};
    read_plugin(keys);
    for (size_t i = 0; i < PLUGIN_KEYS; i++) {
        cr_assert(host_keyring_derive(box.h.keyring, &name, keys[i], derived, 32, &err),
                  "step %d: %s", step, err.message);
    }
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    sqlite3_stmt *stmt = host_rows_query(conn, &err, "SELECT id, sealed_secret FROM passwords", "");
    bool row = true;
    while (host_rows_next(conn, stmt, &row, &err) && row) {
        host_secret opened = {0};
        dph_bytes sealed = host_rows_bytes(stmt, 1);
        bool ok =
            host_sealed_open(box.h.keyring, host_rows_column(stmt, 0), &sealed, &opened, &err);
        cr_assert(ok, "step %d: %s", step, err.message);
        host_secret_done(&opened);
        done++;
    }
    host_db_read_end(box.h.db, conn);
    cr_assert(done == 0 || done == PASSWORDS);
}

static bool rotate_in_child(int step)
{
    int status = 0;
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        host_key_rotate_result made;
        host_error err = {0};
        reopen();
        kill_steps_at(step);
        bool ok = host_key_rotate(&box.h, &request, &made, &err);
        _exit(ok && made.kept_because[0] == '\0' ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    cr_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILL_STEPS_EXIT,
              "step %d: exit %d", step, WEXITSTATUS(status));
    return WEXITSTATUS(status) == 0;
}

Test(key_rotate, killed_at_every_durable_step_it_loses_nothing_and_ends)
{
    int step = 1;
    add_passwords();
    while (!rotate_in_child(step)) {
        host_keyring_facts facts;
        reopen();
        expect_all_opens(step);
        cr_assert(rotate_in_child(0), "step %d", step);
        reopen();
        expect_all_opens(step);
        host_keyring_describe(box.h.keyring, &facts);
        cr_assert_eq(facts.generation_count, 1, "step %d", step);
        step++;
    }
    cr_assert_gt(step, 20);
}

static host_key_rotate_result rotate(void)
{
    host_key_rotate_result made;
    host_error err = {0};
    cr_assert(host_key_rotate(&box.h, &request, &made, &err), "%s", err.message);
    return made;
}

Test(key_rotate, all_moves_to_the_newest_and_the_old_root_goes)
{
    json_t *counts = NULL;
    host_error err = {0};
    add_passwords();
    host_key_rotate_result made = rotate();
    cr_assert_eq(made.generation, 2);
    cr_assert_eq(made.passwords, PASSWORDS);
    cr_assert_eq(made.plugin_rows, PLUGIN_KEYS);
    cr_assert_eq(made.retired, 1);
    cr_assert(host_key_reseal_count(&box.h, &counts, &err));
    cr_assert_eq(json_integer_value(json_object_get(counts, "2")), PASSWORDS);
    cr_assert_eq(json_object_size(counts), 1);
    json_decref(counts);
    expect_all_opens(0);
}

Test(key_rotate, plugin_that_does_not_move_keeps_the_old_root)
{
    host_keyring_facts facts;
    never_done = true;
    host_key_rotate_result made = rotate();
    cr_assert_eq(made.retired, 0);
    cr_assert_not_null(strstr(made.kept_because, "plug"));
    host_keyring_describe(box.h.keyring, &facts);
    cr_assert_eq(facts.generation_count, 2);
    never_done = false;
    made = rotate();
    cr_assert(made.is_resumed);
    cr_assert_eq(made.generation, 2);
    cr_assert_eq(made.retired, 1);
}

Test(key_rotate, plugin_that_is_not_loaded_keeps_the_old_root)
{
    box.h.plugins[0]->action = NULL;
    (void)snprintf(box.h.plugins[0]->problem, sizeof box.h.plugins[0]->problem, "It is away.");
    host_key_rotate_result made = rotate();
    cr_assert_eq(made.retired, 0);
    cr_assert_not_null(strstr(made.kept_because, "away"));
}

Test(key_rotate, damaged_password_keeps_the_old_root_and_is_left_alone)
{
    add_passwords();
    host_box_sql(&box, "UPDATE passwords SET sealed_secret=x'01000000'||zeroblob(60) WHERE seq=3");
    host_key_rotate_result made = rotate();
    cr_assert_eq(made.passwords, PASSWORDS - 1);
    cr_assert_eq(made.retired, 0);
    cr_assert_eq(host_box_number(&box, "SELECT sealed_secret=x'01000000'||zeroblob(60) FROM"
                                       " passwords WHERE seq=3"),
                 1);
}

Test(key_rotate, grace_waits_for_those_inside_and_not_for_newcomers)
{
    host_error err = {0};
    host_grace *grace = host_grace_new();
    unsigned before = host_grace_enter(grace);
    host_grace_leave(grace, before);
    cr_assert(host_grace_wait(grace, NULL, NULL, &err));
    unsigned inside = host_grace_enter(grace);
    cr_assert_neq(inside, before);
    host_grace_leave(grace, inside);
    cr_assert(host_grace_claim(grace));
    cr_assert_not(host_grace_claim(grace));
    host_grace_release(grace);
    host_grace_free(grace);
}

static int say_stop(void *context)
{
    (void)context;
    return 1;
}

Test(key_rotate, grace_gives_up_when_told_to)
{
    host_error err = {0};
    host_grace *grace = host_grace_new();
    unsigned inside = host_grace_enter(grace);
    cr_assert_not(host_grace_wait(grace, say_stop, NULL, &err));
    cr_assert_eq(err.status, DPH_E_CANCELLED);
    host_grace_leave(grace, inside);
    cr_assert(host_grace_wait(grace, say_stop, NULL, &err));
    host_grace_free(grace);
}
