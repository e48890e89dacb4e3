/* SPDX-License-Identifier: Apache-2.0
 *
 * The root key file: what it derives, what it refuses, and that a slot is durable. */
/* LINK: tests/support/scratch.c tests/support/host_box.c sample-host/src/base/[a-z]*.c
 * sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/call.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#define _GNU_SOURCE
#include "sample-host/src/base/os_file.h"
#include "tests/support/host_box.h"
#include "tests/support/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(host_keyring, .init = scratch_make, .fini = scratch_drop);

static host_keyring *make(void)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    cr_assert(host_keyring_create(scratch_path, &ring, &err), "%s", err.message);
    return ring;
}

static dph_status reopen_status(char *out_message)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    bool ok = host_keyring_open(scratch_path, &ring, &err);
    host_keyring_close(ring);
    (void)snprintf(out_message, HOST_MESSAGE_SIZE, "%s", err.message);
    return ok ? DPH_OK : err.status;
}

static void derive(host_keyring *ring, const char *plugin, const char *label, uint32_t generation,
                   uint8_t out[32])
{
    host_error err = {0};
    host_keyring_name name = {host_str(plugin), host_str(label)};
    cr_assert(host_keyring_derive(ring, &name, generation, out, 32, &err), "%s", err.message);
}

Test(host_keyring, same_input_gives_same_key_after_reopening)
{
    uint8_t before[32];
    uint8_t after[32];
    host_error err = {0};
    host_keyring *ring = make();
    derive(ring, "plug", "label", 1, before);
    host_keyring_close(ring);
    cr_assert(host_keyring_open(scratch_path, &ring, &err), "%s", err.message);
    derive(ring, "plug", "label", 1, after);
    cr_assert_arr_eq(before, after, sizeof before);
    host_keyring_close(ring);
}

Test(host_keyring, plugin_label_and_generation_each_change_the_key)
{
    static const struct {
        const char *plugin, *label;
        uint32_t generation;
    } other[] = {
        {"plug", "labe", 1}, {"plugl", "abel", 1}, {"gulp", "label", 1}, {"plug", "label", 0}};
    uint8_t first[32];
    host_keyring *ring = make();
    derive(ring, "plug", "label", 1, first);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        uint8_t key[32];
        derive(ring, other[i].plugin, other[i].label, other[i].generation, key);
        cr_assert_arr_neq(first, key, sizeof key, "case %zu", i);
    }
    host_keyring_close(ring);
}

Test(host_keyring, unknown_generation_is_not_found)
{
    uint8_t out[32];
    host_error err = {0};
    host_keyring *ring = make();
    host_keyring_name name = {host_str("plug"), host_str("label")};
    cr_assert_not(host_keyring_derive(ring, &name, 2, out, sizeof out, &err));
    cr_assert_eq(err.status, DPH_E_NOT_FOUND);
    cr_assert_not(host_keyring_derive(ring, &name, 1, out, 15, &err));
    cr_assert_eq(err.status, DPH_E_INVALID);
    host_keyring_close(ring);
}

Test(host_keyring, slot_is_kept_once_made_and_gone_once_destroyed)
{
    uint8_t first[32];
    uint8_t second[32];
    host_error err = {0};
    host_keyring *ring = make();
    host_keyring_name name = {host_str("plug"), host_str("org1")};
    host_keyring_name foreign = {host_str("other"), host_str("org1")};
    cr_assert(host_keyring_slot_make(ring, &name, &err), "%s", err.message);
    cr_assert(host_keyring_slot_get(ring, &name, first, &err));
    cr_assert(host_keyring_slot_make(ring, &name, &err));
    cr_assert_not(host_keyring_slot_get(ring, &foreign, second, &err));
    host_keyring_close(ring);
    cr_assert(host_keyring_open(scratch_path, &ring, &err), "%s", err.message);
    cr_assert(host_keyring_slot_get(ring, &name, second, &err));
    cr_assert_arr_eq(first, second, sizeof first);
    cr_assert(host_keyring_slot_destroy(ring, &name, &err));
    cr_assert(host_keyring_slot_destroy(ring, &name, &err));
    host_keyring_close(ring);
    cr_assert(host_keyring_open(scratch_path, &ring, &err));
    cr_assert_not(host_keyring_slot_get(ring, &name, second, &err));
    cr_assert_eq(err.status, DPH_E_NOT_FOUND);
    host_keyring_close(ring);
}

Test(host_keyring, slot_that_cannot_be_written_changes_nothing)
{
    uint8_t key[32];
    host_error err = {0};
    char moved[300];
    host_keyring *ring = make();
    host_keyring_name name = {host_str("plug"), host_str("org1")};
    (void)snprintf(moved, sizeof moved, "%s.moved", scratch_dir);
    cr_assert_eq(rename(scratch_dir, moved), 0);
    cr_assert_not(host_keyring_slot_make(ring, &name, &err));
    cr_assert_neq(strlen(err.message), 0);
    cr_assert_not(host_keyring_slot_get(ring, &name, key, &err));
    cr_assert_eq(rename(moved, scratch_dir), 0);
    cr_assert(host_keyring_slot_make(ring, &name, &err), "%s", err.message);
    host_keyring_close(ring);
}

Test(host_keyring, file_that_others_may_read_is_refused)
{
    char message[HOST_MESSAGE_SIZE];
    host_keyring_close(make());
    struct stat info;
    cr_assert_eq(stat(scratch_path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    cr_assert_eq(chmod(scratch_path, 0640), 0);
    cr_assert_eq(reopen_status(message), DPH_E_DENIED);
    cr_assert_eq(chmod(scratch_path, 0604), 0);
    cr_assert_eq(reopen_status(message), DPH_E_DENIED);
    cr_assert_not_null(strstr(message, "only its owner"));
}

Test(host_keyring, every_altered_or_missing_byte_is_told)
{
    uint8_t bytes[4096];
    char message[HOST_MESSAGE_SIZE];
    host_error err = {0};
    host_keyring *ring = make();
    host_keyring_name name = {host_str("plug"), host_str("org1")};
    cr_assert(host_keyring_slot_make(ring, &name, &err));
    host_keyring_close(ring);
    int fd = open(scratch_path, O_RDWR);
    ssize_t len = read(fd, bytes, sizeof bytes);
    cr_assert(len > 0);
    for (ssize_t i = 0; i < len; i++) {
        uint8_t altered = bytes[i] ^ 0x41;
        cr_assert_eq(pwrite(fd, &altered, 1, i), 1);
        cr_assert_neq(reopen_status(message), DPH_OK, "byte %zd", i);
        cr_assert_eq(pwrite(fd, &bytes[i], 1, i), 1);
    }
    for (ssize_t cut = 0; cut < len; cut += 7) {
        cr_assert_eq(ftruncate(fd, cut), 0);
        cr_assert_eq(reopen_status(message), DPH_E_CORRUPT, "cut at %zd", cut);
    }
    cr_assert_eq(pwrite(fd, bytes, (size_t)len, 0), len);
    cr_assert_eq(reopen_status(message), DPH_OK);
    (void)close(fd);
}

Test(host_keyring, newer_format_is_named_as_such)
{
    char message[HOST_MESSAGE_SIZE];
    host_keyring_close(make());
    int fd = open(scratch_path, O_RDWR);
    uint8_t version = 3;
    cr_assert_eq(pwrite(fd, &version, 1, 8), 1);
    (void)close(fd);
    cr_assert_eq(reopen_status(message), DPH_E_UNSUPPORTED);
    cr_assert_not_null(strstr(message, "newer"));
}

Test(host_keyring, existing_file_is_never_overwritten)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    host_keyring_close(make());
    cr_assert_not(host_keyring_create(scratch_path, &ring, &err));
    cr_assert_eq(err.status, DPH_E_CONFLICT);
}

Test(host_keyring, two_files_have_two_check_values)
{
    uint8_t first[HOST_KEYRING_CHECK_SIZE];
    uint8_t second[HOST_KEYRING_CHECK_SIZE];
    host_keyring *ring = make();
    host_keyring_check_value(ring, first);
    host_keyring_close(ring);
    cr_assert_eq(unlink(scratch_path), 0);
    ring = make();
    host_keyring_check_value(ring, second);
    host_keyring_close(ring);
    cr_assert_arr_neq(first, second, sizeof first);
}
