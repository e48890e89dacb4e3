/* SPDX-License-Identifier: Apache-2.0
 *
 * The spawned trial load: dph-probe itself, and the deadline that any program is held to. */
/* LINK: host-sdk/loader/[a-z]*.c host-sdk/support/[a-z]*.c tests/support/plugin_box.c */
/* LIBS: -lsodium -ljansson */
#define _GNU_SOURCE
#include "loader/os_spawn.h"
#include "support/hex.h"
#include "tests/support/plugin_box.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static dphl_os_spawn_result run(const char *program, const char *const *argv, uint32_t timeout_ms)
{
    dphl_os_spawn_result result;
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dphl_os_spawn_request request = {program, argv, file, 3, timeout_ms};
    cr_assert_eq(dphl_os_spawn_run(&request, &result), 0);
    (void)close(file);
    return result;
}

static dphl_os_spawn_result run_shell(const char *script, uint32_t timeout_ms)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    return run("/bin/sh", argv, timeout_ms);
}

static void expect_text(const dphl_os_spawn_result *result, const char *text)
{
    cr_expect_eq(result->len, strlen(text), "%.*s", (int)result->len, result->text);
    cr_expect_eq(memcmp(result->text, text, strlen(text)), 0);
}

Test(probe, end_of_a_program_is_told)
{
    dphl_os_spawn_result result = run_shell("echo hello; exit 7", 10000);
    expect_text(&result, "hello\n");
    cr_expect_eq(result.exit_code, 7);
    cr_expect_eq(result.signal, 0);
    cr_expect_eq(result.timed_out, 0);
    result = run_shell("kill -9 $$", 10000);
    cr_expect_eq(result.signal, SIGKILL);
    cr_expect_eq(result.exit_code, -1);
}

Test(probe, program_gets_no_environment_and_no_file_but_the_given_one)
{
    char script[256];
    int leak = open("/dev/null", O_RDONLY); /* as a careless library might open it */
    cr_assert_geq(leak, 3);
    int high = fcntl(leak, F_DUPFD, 20);
    cr_assert_eq(setenv("PLANTED", "value", 1), 0);
    (void)snprintf(script, sizeof script,
                   "echo \"<$PLANTED>\"; for f in 3 %d; do test -e /proc/self/fd/$f && echo $f; "
                   "done",
                   high);
    dphl_os_spawn_result result = run_shell(script, 10000);
    expect_text(&result, "<>\n3\n");
    (void)close(leak);
    (void)close(high);
}

Test(probe, program_without_end_is_killed)
{
    static const char *const scripts[] = {
        "while :; do :; done",                  /* busy */
        "exec >/dev/null; while :; do :; done", /* output closed, not ended */
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        dphl_os_spawn_result result = run_shell(scripts[i], 150);
        cr_expect_eq(result.timed_out, 1, "script %zu", i);
        cr_expect_eq(result.signal, SIGKILL, "script %zu", i);
    }
}

/* Reading from the pipe ends when the last one who could write to it has ended. */
Test(probe, children_of_a_program_end_with_it, .timeout = 10)
{
    static const char *const scripts[] = {"(read x < /dev/zero) & exit 0",
                                          "(read x < /dev/zero) & wait"};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const char *const argv[] = {"sh", "-c", scripts[i], NULL};
        dphl_os_spawn_result result;
        int ends[2];
        char byte;
        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        dphl_os_spawn_request request = {"/bin/sh", argv, ends[1], 3, 150};
        cr_assert_eq(dphl_os_spawn_run(&request, &result), 0);
        (void)close(ends[1]);
        cr_expect_eq(read(ends[0], &byte, 1), 0);
        (void)close(ends[0]);
    }
}

Test(probe, endless_output_is_cut_not_stored)
{
    dphl_os_spawn_result result =
        run_shell("while :; do echo 0123456789012345678901234567; done", 1000);
    cr_expect_eq(result.timed_out, 1);
    cr_expect_eq(result.len, sizeof result.text);
}

Test(probe, program_that_is_not_there_is_an_error)
{
    dphl_os_spawn_result result;
    const char *const argv[] = {"x", NULL};
    dphl_os_spawn_request request = {"/nowhere/x", argv, 0, 3, 1000};
    int before = plugin_box_count_open();
    cr_expect_eq(dphl_os_spawn_run(&request, &result), ENOENT);
    cr_expect_eq(plugin_box_count_open(), before);
}

static dphl_os_spawn_result run_probe(const plugin_box *box, const char *path, const char *hash)
{
    const char *const argv[] = {"dph-probe", path, hash, NULL};
    return run(box->probe, argv, 20000);
}

Test(probe, file_is_loaded_by_path_and_hash)
{
    plugin_box box;
    char hash[2 * DPHL_HASH_SIZE + 1];
    plugin_box_init(&box, "good_plain");
    sup_hex_format(box.library_hash, sizeof box.library_hash, hash);
    dphl_os_spawn_result result = run_probe(&box, box.library, hash);
    expect_text(&result, "{\"ok\":true,\"id\":\"good_plain\",\"abi_major\":0,\"abi_minor\":1}\n");
    cr_expect_eq(result.exit_code, 0);
    hash[0] = hash[0] == '0' ? '1' : '0';
    result = run_probe(&box, box.library, hash);
    cr_expect_eq(result.exit_code, 1);
    cr_expect_not_null(memmem(result.text, result.len, "\"code\":104", 10));
    plugin_box_done(&box);
}

Test(probe, wrong_usage_exits_with_two)
{
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    dphl_os_spawn_result result = run_probe(&box, box.library, "no hash");
    cr_expect_eq(result.exit_code, 2);
    cr_expect_eq(result.len, 0);
    plugin_box_done(&box);
}
