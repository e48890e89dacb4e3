/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader against files that are not what they should be: names, places, owners, permissions,
 * cut, altered or replaced content. */
/* LINK: host-sdk/loader/[a-z]*.c host-sdk/support/[a-z]*.c tests/support/plugin_box.c */
/* LIBS: -lsodium -ljansson */
#define _GNU_SOURCE
#include "tests/support/plugin_box.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOREIGN_UID 12345

/* Opens without a probe: a plugin whose code ran by mistake would be seen in this process. */
static void expect_refused(plugin_box *box, const char *row, dph_status status, uint32_t code,
                           const char *text)
{
    dphl_library *library = NULL;
    memset(&box->err, 0, sizeof box->err);
    box->options.already_probed = 1;
    int files = plugin_box_count_files(box);
    dph_status got = dphl_open(&box->options, plugin_box_host(), &library, &box->err);
    cr_expect_eq(got, status, "%s: status %d, \"%s\"", row, got, box->err.message);
    cr_expect_eq(box->err.code, code, "%s: code %u, \"%s\"", row, box->err.code, box->err.message);
    cr_expect_not_null(strstr(box->err.message, text), "%s: \"%s\"", row, box->err.message);
    cr_expect_null(library, "%s", row);
    cr_expect_eq(plugin_box_count_files(box), files, "%s: a file was left behind", row);
    cr_expect_eq(plugin_box_count_open(), box->open_files, "%s: a file was left open", row);
}

static void expect_accepted(plugin_box *box, const char *row)
{
    dphl_library *library = NULL;
    box->options.already_probed = 1;
    dph_status status = dphl_open(&box->options, plugin_box_host(), &library, &box->err);
    cr_expect_eq(status, DPH_OK, "%s: \"%s\"", row, box->err.message);
    dphl_close(library, NULL);
}

Test(files, bad_name_is_refused_before_any_file_is_touched)
{
    static const char *const paths[] = {
        "good_plain.so",
        "./good_plain.so",
        "",
        "/",
        "/nowhere/",
        "/nowhere/.so",
        "/nowhere/ab.so",
        "/nowhere/good_plain",
        "/nowhere/good_plain.dll",
        "/nowhere/good_plain.so.1",
        "/nowhere/Good_plain.so",
        "/nowhere/good-plain.so",
        "/nowhere/good plain.so",
        "/nowhere/good.plain.so",
        "/nowhere/good_plain\xc3\xa9.so",
        "/nowhere/..so",
        "/nowhere/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.so",
        NULL,
    };
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        box.options.path = paths[i];
        expect_refused(&box, paths[i] == NULL ? "NULL" : paths[i], DPH_E_INVALID, DPHL_CODE_PATH,
                       "");
    }
    /* The longest and the shortest good name get as far as the file. */
    box.options.path = "/nowhere/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.so";
    expect_refused(&box, "48", DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE, "No such file");
    box.options.path = "/nowhere/abc.so";
    expect_refused(&box, "3", DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE, "No such file");
    plugin_box_done(&box);
}

Test(files, missing_argument_is_refused)
{
    plugin_box box;
    dphl_library *library = NULL;
    dph_host short_host = *plugin_box_host();
    dph_host other_host = *plugin_box_host();
    plugin_box_init(&box, "good_plain");
    short_host.struct_size = 8;
    other_host.abi_major = 9;
    cr_expect_eq(dphl_open(NULL, plugin_box_host(), &library, NULL), DPH_E_INVALID);
    cr_expect_eq(dphl_open(&box.options, NULL, &library, NULL), DPH_E_INVALID);
    cr_expect_eq(dphl_open(&box.options, &short_host, &library, NULL), DPH_E_INVALID);
    cr_expect_eq(dphl_open(&box.options, &other_host, &library, NULL), DPH_E_INVALID);
    box.options.library_hash = NULL;
    expect_refused(&box, "hash", DPH_E_INVALID, DPHL_CODE_PATH, "required");
    box.options.library_hash = box.library_hash;
    box.options.manifest_path = "good_plain.json";
    expect_refused(&box, "relative", DPH_E_INVALID, DPHL_CODE_PATH, "absolute path");
    plugin_box_done(&box);
}

Test(files, altered_or_cut_library_is_refused)
{
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    expect_accepted(&box, "as pinned");
    plugin_box_flip(&box, 4096);
    expect_refused(&box, "altered", DPH_E_CORRUPT, DPHL_CODE_HASH, "not the file that was pinned");
    plugin_box_flip(&box, 4096);
    expect_accepted(&box, "as pinned again");
    plugin_box_truncate(&box, 1000);
    expect_refused(&box, "cut", DPH_E_CORRUPT, DPHL_CODE_HASH, "not the file that was pinned");
    plugin_box_truncate(&box, 0);
    expect_refused(&box, "empty", DPH_E_CORRUPT, DPHL_CODE_HASH, "not the file that was pinned");
    plugin_box_done(&box);
}

/* What was hashed is what runs: nobody, this process included, can change the copy afterwards. */
Test(files, loaded_copy_is_sealed)
{
    plugin_box box;
    dphl_library *library = NULL;
    char link[64];
    char name[64] = "";
    int images = 0;
    plugin_box_init(&box, "good_plain");
    box.options.already_probed = 1;
    cr_assert_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK);
    for (int fd = 3; fd < 64; fd++) {
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(link, name, sizeof name - 1);
        name[len < 0 ? 0 : len] = '\0';
        if (strncmp(name, "/memfd:dph-plugin", 17) != 0)
            continue;
        images++;
        cr_expect_eq(pwrite(fd, "x", 1, 0), -1);
        cr_expect_eq(errno, EPERM);
        cr_expect_eq(ftruncate(fd, 0), -1);
    }
    cr_expect_eq(images, 1);
    dphl_close(library, NULL);
    plugin_box_done(&box);
}

Test(files, pinned_file_that_is_no_library_is_refused_by_the_linker)
{
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    static const char script[] = "#!/bin/sh\necho I am no library, but a script that is long\n";
    plugin_box_write(box.library, script, sizeof script);
    plugin_box_pin(&box);
    expect_refused(&box, "script", DPH_E_INVALID, DPHL_CODE_LINK, "refused by the dynamic linker");
    plugin_box_truncate(&box, 0);
    plugin_box_pin(&box);
    expect_refused(&box, "empty", DPH_E_INVALID, DPHL_CODE_LINK, "refused by the dynamic linker");
    plugin_box_done(&box);
}

/* A library whose later pages are missing kills whoever maps it: the probe, not the host. */
Test(files, library_cut_behind_its_headers_does_not_hurt_the_host)
{
    static const size_t lengths[] = {1000, 5000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        plugin_box box;
        dphl_library *library = NULL;
        plugin_box_init(&box, "good_plain");
        plugin_box_truncate(&box, lengths[i]);
        plugin_box_pin(&box);
        cr_expect_neq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK);
        cr_expect(box.err.code == DPHL_CODE_LINK || box.err.code == DPHL_CODE_PROBE, "%s",
                  box.err.message);
        cr_expect_eq(plugin_box_count_files(&box), 2);
        cr_expect_eq(plugin_box_count_open(), box.open_files);
        plugin_box_done(&box);
    }
}

Test(files, file_or_folder_that_others_may_write_is_refused)
{
    static const mode_t bad[] = {0664, 0646, 0666};
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)chmod(box.library, bad[i]);
        expect_refused(&box, "library", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, box.library);
        (void)chmod(box.library, 0644);
        (void)chmod(box.manifest, bad[i]);
        expect_refused(&box, "manifest", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, box.manifest);
        (void)chmod(box.manifest, 0644);
    }
    (void)chmod(box.folder, 0770);
    expect_refused(&box, "folder", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, "The folder");
    (void)chmod(box.folder, 01777);
    expect_refused(&box, "sticky folder", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, "The folder");
    (void)chmod(box.folder, 0755);
    expect_accepted(&box, "readable by all");
    plugin_box_done(&box);
}

Test(files, file_or_folder_of_another_user_is_refused)
{
    plugin_box box;
    if (geteuid() != 0)
        cr_skip_test("only root can give files away");
    plugin_box_init(&box, "good_plain");
    cr_assert_eq(chown(box.library, FOREIGN_UID, 0), 0);
    expect_refused(&box, "library", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, "another user");
    cr_assert_eq(chown(box.library, 0, 0), 0);
    cr_assert_eq(chown(box.folder, FOREIGN_UID, 0), 0);
    expect_refused(&box, "folder", DPH_E_DENIED, DPHL_CODE_PERMISSIONS, "another user");
    plugin_box_done(&box);
}

Test(files, link_folder_and_pipe_are_no_plugin)
{
    plugin_box box;
    char real[256];
    plugin_box_init(&box, "good_plain");
    (void)snprintf(real, sizeof real, "%s/real", box.folder);
    cr_assert_eq(rename(box.library, real), 0);
    cr_assert_eq(symlink(real, box.library), 0);
    expect_refused(&box, "link", DPH_E_INVALID, DPHL_CODE_PATH, "symbolic link");
    cr_assert_eq(unlink(box.library), 0);
    expect_refused(&box, "missing", DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE, "No such file");
    cr_assert_eq(mkfifo(box.library, 0600), 0);
    expect_refused(&box, "pipe", DPH_E_INVALID, DPHL_CODE_PATH, "not a regular file");
    cr_assert_eq(unlink(box.library), 0);
    cr_assert_eq(mkdir(box.library, 0700), 0);
    expect_refused(&box, "folder", DPH_E_INVALID, DPHL_CODE_PATH, "not a regular file");
    cr_assert_eq(rmdir(box.library), 0);
    cr_assert_eq(rename(real, box.library), 0);
    cr_assert_eq(rename(box.manifest, real), 0);
    cr_assert_eq(symlink(real, box.manifest), 0);
    expect_refused(&box, "manifest", DPH_E_INVALID, DPHL_CODE_PATH, "symbolic link");
    plugin_box_done(&box);
}

typedef struct row {
    const char *text;
    const char *says;
} row;

#define ID "\"id\":\"good_plain\","
#define VERSION "\"version\":\"1.2.3\","
#define NAME "\"name\":\"Bad plugin\","
#define ABI "\"abi\":{\"major\":0,\"minor\":1},"
#define HOOKS "\"hooks\":[],"
#define SERVICES "\"services\":{\"required\":[],\"optional\":[]},"
#define UNITS "\"max_parallel_units\":1"

static const row bad_manifests[] = {
    {"", "no JSON"},
    {"{", "no JSON"},
    {"{" ID VERSION NAME ABI HOOKS SERVICES UNITS "} x", "no JSON"},
    {"{\"id\":\"\xff\"}", "no JSON"},
    {"{" ID ID VERSION NAME ABI HOOKS SERVICES UNITS "}", "no JSON"},
    {"[]", "no JSON object"},
    {"{" VERSION NAME ABI HOOKS SERVICES UNITS "}", "for another plugin"},
    {"{\"id\":\"good_plane\"," VERSION NAME ABI HOOKS SERVICES UNITS "}", "for another plugin"},
    {"{" ID NAME ABI HOOKS SERVICES UNITS "}", "no version"},
    {"{" ID "\"version\":\"1.2\"," NAME ABI HOOKS SERVICES UNITS "}", "no version"},
    {"{" ID "\"version\":\"1.2.3.4\"," NAME ABI HOOKS SERVICES UNITS "}", "no version"},
    {"{" ID "\"version\":\"v1.2.3\"," NAME ABI HOOKS SERVICES UNITS "}", "no version"},
    {"{" ID VERSION ABI HOOKS SERVICES UNITS "}", "no name"},
    {"{" ID VERSION NAME HOOKS SERVICES UNITS "}", "ABI"},
    {"{" ID VERSION NAME "\"abi\":{\"major\":-1,\"minor\":1}," HOOKS SERVICES UNITS "}", "ABI"},
    {"{" ID VERSION NAME "\"abi\":{\"major\":0,\"minor\":65537}," HOOKS SERVICES UNITS "}", "ABI"},
    {"{" ID VERSION NAME "\"abi\":\"0.1\"," HOOKS SERVICES UNITS "}", "ABI"},
    {"{" ID VERSION NAME ABI SERVICES UNITS "}", "lacks a list"},
    {"{" ID VERSION NAME ABI "\"hooks\":[1]," SERVICES UNITS "}", "lacks a list"},
    {"{" ID VERSION NAME ABI HOOKS UNITS "}", "lacks a list"},
    {"{" ID VERSION NAME ABI HOOKS SERVICES "\"max_parallel_units\":0}", "max_parallel_units"},
    {"{" ID "\"version\":\"1.2.4\"," NAME ABI HOOKS SERVICES UNITS "}", "in \"version\""},
    {"{" ID VERSION "\"name\":\"Other\"," ABI HOOKS SERVICES UNITS "}", "in \"name\""},
    {"{" ID VERSION NAME "\"abi\":{\"major\":0,\"minor\":0}," HOOKS SERVICES UNITS "}",
     "in \"abi\""},
    {"{" ID VERSION NAME ABI "\"hooks\":[\"a/1\"]," SERVICES UNITS "}", "in \"hooks\""},
    {"{" ID VERSION NAME ABI HOOKS
     "\"services\":{\"required\":[\"dph.log/1\"],\"optional\":[]}," UNITS "}",
     "in \"services.required\""},
    {"{" ID VERSION NAME ABI HOOKS "\"services\":{\"required\":[],\"optional\":[\"x/1\"]}," UNITS
     "}",
     "in \"services.optional\""},
    {"{" ID VERSION NAME ABI HOOKS SERVICES "\"max_parallel_units\":2}",
     "in \"max_parallel_units\""},
};

Test(files, broken_or_different_manifest_is_refused)
{
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    for (size_t i = 0; i < sizeof bad_manifests / sizeof bad_manifests[0]; i++) {
        const row *row = &bad_manifests[i];
        plugin_box_write(box.manifest, row->text, strlen(row->text));
        plugin_box_pin(&box);
        expect_refused(&box, row->text, DPH_E_INVALID, DPHL_CODE_MANIFEST, row->says);
    }
    static const char good[] =
        "{" ID VERSION NAME ABI HOOKS SERVICES UNITS ",\"more\":{\"fields\":[1,2]}}";
    plugin_box_write(box.manifest, good, sizeof good - 1);
    plugin_box_pin(&box);
    expect_accepted(&box, "fields that a loader does not know");
    plugin_box_write(box.manifest, good, sizeof good - 2);
    expect_refused(&box, "altered", DPH_E_CORRUPT, DPHL_CODE_HASH, "not the manifest that was");
    plugin_box_done(&box);
}

Test(files, manifest_that_is_far_too_long_is_refused)
{
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    cr_assert_eq(truncate(box.manifest, 1024 * 1024 + 1), 0);
    plugin_box_pin(&box);
    expect_refused(&box, "long", DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE, "cannot be read");
    plugin_box_done(&box);
}

Test(files, hash_is_sha256_of_the_content_and_written_only_on_success)
{
    static const uint8_t of_abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                     0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                     0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                     0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t hash[DPHL_HASH_SIZE] = {0};
    plugin_box box;
    plugin_box_init(&box, "good_plain");
    plugin_box_write(box.manifest, "abc", 3);
    cr_expect_eq(dphl_hash_file(box.manifest, hash, NULL), DPH_OK);
    cr_expect_arr_eq(hash, of_abc, sizeof of_abc);
    cr_expect_eq(dphl_hash_file("/nowhere/x", hash, &box.err), DPH_E_UNAVAILABLE);
    cr_expect_eq(dphl_hash_file("relative", hash, &box.err), DPH_E_INVALID);
    cr_expect_eq(dphl_hash_file("/tmp/", hash, &box.err), DPH_E_INVALID);
    cr_expect_eq(dphl_hash_file(box.folder, hash, &box.err), DPH_E_INVALID);
    cr_expect_eq(dphl_hash_file(NULL, hash, &box.err), DPH_E_INVALID);
    cr_expect_arr_eq(hash, of_abc, sizeof of_abc);
    plugin_box_done(&box);
}
