/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader against plugins that are broken inside: each is refused with one clear sentence and
 * leaves nothing behind. The plugins are those of tests/bad-plugins. */
/* LINK: host-sdk/loader/[a-z]*.c host-sdk/support/[a-z]*.c tests/support/plugin_box.c */
/* LIBS: -lsodium -ljansson */
#define _GNU_SOURCE
#include "loader/gate.h"
#include "tests/support/plugin_box.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One sentence: not empty, ends with a full stop, no control character. */
static void expect_sentence(const char *row, const dph_error *err)
{
    size_t len = strnlen(err->message, sizeof err->message);
    cr_expect(len > 10 && len < sizeof err->message - 1, "%s: \"%s\"", row, err->message);
    cr_expect_eq(err->message[len - 1], '.', "%s: \"%s\"", row, err->message);
    for (size_t i = 0; i < len; i++)
        cr_expect((unsigned char)err->message[i] >= 0x20, "%s: \"%s\"", row, err->message);
}

static void expect_error(const char *row, const dph_error *err, uint32_t code, const char *text)
{
    cr_expect_eq(err->code, code, "%s: code %u, \"%s\"", row, err->code, err->message);
    cr_expect_not_null(strstr(err->message, text), "%s: \"%s\"", row, err->message);
    expect_sentence(row, err);
}

/* Two files, library and manifest, and no open file more than before. */
static void expect_nothing_left(const char *row, const plugin_box *box)
{
    cr_expect_eq(plugin_box_count_files(box), 2, "%s: a file was left behind", row);
    cr_expect_eq(plugin_box_count_open(), box->open_files, "%s: a file was left open", row);
}

typedef struct row {
    const char *id;
    dph_status status;
    uint32_t code;
    const char *text;
} row;

static const row refused_at_open[] = {
    {"bad_no_entry", DPH_E_INVALID, DPHL_CODE_SYMBOL, "does not export dph_plugin_entry_v1"},
    {"bad_null_entry", DPH_E_UNSUPPORTED, DPHL_CODE_ABI, "speaks ABI 0.1"},
    {"bad_magic", DPH_E_INVALID, DPHL_CODE_SYMBOL, "no plugin entry"},
    {"bad_abi_major", DPH_E_UNSUPPORTED, DPHL_CODE_ABI, "built for ABI 7.1; this host speaks 0.1"},
    {"bad_abi_minor", DPH_E_UNSUPPORTED, DPHL_CODE_ABI, "built for ABI 0.99; this host speaks 0.1"},
    {"bad_short_entry", DPH_E_INVALID, DPHL_CODE_SYMBOL, "too short"},
    {"bad_no_create", DPH_E_INVALID, DPHL_CODE_SYMBOL, "no create function"},
    {"bad_no_manifest", DPH_E_INVALID, DPHL_CODE_MANIFEST, "missing or too short"},
    {"bad_short_manifest", DPH_E_INVALID, DPHL_CODE_MANIFEST, "missing or too short"},
    {"bad_other_id", DPH_E_INVALID, DPHL_CODE_MANIFEST, "plugin \"someone_else\""},
    {"bad_version", DPH_E_INVALID, DPHL_CODE_MANIFEST, "differs from the one inside"},
    {"bad_hooks", DPH_E_INVALID, DPHL_CODE_MANIFEST, "in \"hooks\""},
    {"bad_symbol", DPH_E_INVALID, DPHL_CODE_LINK, "undefined symbol: dph_no_such_function"},
};

static void refuse_at_open(const row *row, int with_probe)
{
    plugin_box box;
    dphl_library *library = NULL;
    plugin_box_init(&box, row->id);
    if (!with_probe)
        box.options.already_probed = 1;
    dph_status status = dphl_open(&box.options, plugin_box_host(), &library, &box.err);
    cr_expect_eq(status, row->status, "%s: status %d", row->id, status);
    cr_expect_eq(box.err.status, row->status, "%s", row->id);
    cr_expect_null(library, "%s", row->id);
    expect_error(row->id, &box.err, row->code, row->text);
    expect_nothing_left(row->id, &box);
    plugin_box_done(&box);
}

Test(loader, broken_plugin_is_refused_in_the_host)
{
    for (size_t i = 0; i < sizeof refused_at_open / sizeof refused_at_open[0]; i++)
        refuse_at_open(&refused_at_open[i], 0);
}

Test(loader, broken_plugin_is_refused_the_same_way_by_the_probe)
{
    for (size_t i = 0; i < sizeof refused_at_open / sizeof refused_at_open[0]; i++)
        refuse_at_open(&refused_at_open[i], 1);
}

Test(loader, deadly_plugin_kills_the_probe_only)
{
    static const row rows[] = {
        {"bad_crash", DPH_E_UNAVAILABLE, DPHL_CODE_PROBE, "ended by a signal (6)"},
        {"bad_exit", DPH_E_UNAVAILABLE, DPHL_CODE_PROBE, "without an answer: exit code (0)"},
        {"bad_hang", DPH_E_UNAVAILABLE, DPHL_CODE_PROBE, "did not end in time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plugin_box box;
        dphl_library *library = NULL;
        plugin_box_init(&box, rows[i].id);
        box.options.probe_timeout_ms = i == 2 ? 1500 : 0;
        cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err),
                     rows[i].status);
        expect_error(rows[i].id, &box.err, rows[i].code, rows[i].text);
        expect_nothing_left(rows[i].id, &box);
        plugin_box_done(&box);
    }
}

Test(loader, probe_that_cannot_be_started_is_told)
{
    plugin_box box;
    dphl_library *library = NULL;
    plugin_box_init(&box, "good_plain");
    box.options.probe_path = "/nowhere/dph-probe";
    cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_E_UNAVAILABLE);
    expect_error("no probe", &box.err, DPHL_CODE_PROBE, "/nowhere/dph-probe cannot be started");
    expect_nothing_left("no probe", &box);
    plugin_box_done(&box);
}

/* The library would abort the test if a line of it ran. */
Test(loader, what_the_files_tell_is_refused_before_any_code_runs)
{
    plugin_box box;
    dphl_library *library = NULL;
    plugin_box_init(&box, "bad_crash");
    box.options.already_probed = 1;
    plugin_box_set_manifest(&box, "", "\"dph.nowhere/1\"", DPH_ABI_MAJOR, DPH_ABI_MINOR);
    cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_E_UNSUPPORTED);
    expect_error("requires", &box.err, DPHL_CODE_REQUIRES,
                 "requires the host service dph.nowhere/1");
    plugin_box_set_manifest(&box, "", "", 2, 0);
    cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_E_UNSUPPORTED);
    expect_error("abi", &box.err, DPHL_CODE_ABI,
                 "Plugin bad_crash is built for ABI 2.0; this host speaks 0.1.");
    expect_nothing_left("files", &box);
    plugin_box_done(&box);
}

static const row refused_at_start[] = {
    {"bad_create", DPH_E_UNSUPPORTED, DPHL_CODE_CREATE, "No room?at all."},
    {"bad_create_status", DPH_E_INTERNAL, DPHL_CODE_CREATE, "no reason"},
    {"bad_null_instance", DPH_E_INTERNAL, DPHL_CODE_CREATE, "lacks functions"},
    {"bad_incomplete", DPH_E_INTERNAL, DPHL_CODE_CREATE, "lacks functions"},
    {"bad_claim", DPH_E_INVALID, DPHL_CODE_MANIFEST, "claims the hook dph.hook.guard/1"},
    {"bad_start", DPH_E_CORRUPT, DPHL_CODE_START, "failed to start: State is damaged."},
};

Test(loader, plugin_that_does_not_start_is_gone_again_and_may_be_tried_again)
{
    for (size_t i = 0; i < sizeof refused_at_start / sizeof refused_at_start[0]; i++) {
        const row *row = &refused_at_start[i];
        plugin_box box;
        dphl_library *library = NULL;
        dph_plugin *plugin = NULL;
        dph_call call = plugin_box_call();
        plugin_box_init(&box, row->id);
        box.options.already_probed = 1;
        if (strcmp(row->id, "bad_claim") == 0)
            plugin_box_set_manifest(&box, "\"dph.hook.guard/1\"", "", DPH_ABI_MAJOR, DPH_ABI_MINOR);
        cr_assert_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK,
                     "%s: %s", row->id, box.err.message);
        for (int twice = 0; twice < 2; twice++) {
            cr_expect_eq(dphl_start(library, &call, &plugin, &box.err), row->status, "%s", row->id);
            expect_error(row->id, &box.err, row->code, row->text);
            cr_expect_null(plugin, "%s", row->id);
        }
        dphl_close(library, &call);
        expect_nothing_left(row->id, &box);
        plugin_box_done(&box);
    }
}

Test(loader, longer_structs_of_a_newer_header_are_accepted)
{
    static const char *const ids[] = {"good_plain", "good_longer"};
    for (size_t i = 0; i < 2; i++) {
        plugin_box box;
        dphl_library *library = NULL;
        dph_plugin *plugin = NULL;
        dph_call call = plugin_box_call();
        plugin_box_init(&box, ids[i]);
        cr_assert_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK, "%s",
                     box.err.message);
        cr_expect_str_eq(dphl_manifest(library)->id, ids[i]);
        cr_expect_eq(dphl_start(library, &call, &plugin, &box.err), DPH_OK, "%s", box.err.message);
        cr_expect_eq(dphl_start(library, &call, &plugin, &box.err), DPH_E_INVALID);
        dphl_close(library, &call);
        expect_nothing_left(ids[i], &box);
        plugin_box_done(&box);
    }
}

/* Numbers of open files come back, and the linker remembers libraries by name. */
Test(loader, second_plugin_is_never_mistaken_for_the_first)
{
    plugin_box first;
    plugin_box second;
    dphl_library *library = NULL;
    plugin_box_init(&first, "good_plain");
    plugin_box_init(&second, "good_longer");
    for (int i = 0; i < 6; i++) {
        plugin_box *box = i % 2 == 0 ? &first : &second;
        box->options.already_probed = 1;
        cr_assert_eq(dphl_open(&box->options, plugin_box_host(), &library, &box->err), DPH_OK,
                     "%d: %s", i, box->err.message);
        cr_expect_str_eq(dphl_manifest(library)->id, box->id);
        dphl_close(library, NULL);
    }
    plugin_box_done(&first);
    plugin_box_done(&second);
}

Test(loader, example_plugin_loads_starts_and_guards)
{
    plugin_box box;
    dphl_library *library = NULL;
    dph_plugin *plugin = NULL;
    dph_call call = plugin_box_call();
    dph_verdict verdict;
    const dph_str taken = {"Example Records", 15};
    const dph_str other = {"Example Records 2", 17};
    size_t len = 0;
    plugin_box_init(&box, "example_plugin");
    char manifest[512];
    cr_assert_not_null(realpath("build/san/example-plugin/manifest.json", manifest));
    box.options.manifest_path = manifest;
    cr_assert_eq(dphl_hash_file(manifest, box.manifest_hash, &box.err), DPH_OK);
    cr_assert_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK, "%s",
                 box.err.message);
    const char *text = dphl_manifest_json(library, &len);
    cr_expect_eq(strlen(text), len);
    cr_expect_not_null(strstr(text, "guarded_names"));
    cr_assert_eq(dphl_start(library, &call, &plugin, &box.err), DPH_OK, "%s", box.err.message);
    cr_expect_eq(plugin_box_log_lines(), 1);
    const dphl_guard guard = {"example_plugin", plugin,
                              plugin->get_interface(plugin, DPH_HOOK_GUARD_ID), NULL, NULL};
    cr_expect_eq(dphl_guard_validate_name(&guard, &call, DPH_NAME_CATEGORY, &other, &verdict), 1);
    cr_expect_eq(dphl_guard_validate_name(&guard, &call, DPH_NAME_CATEGORY, &taken, &verdict), 0);
    cr_expect_str_eq(verdict.reason_key, "example.name");
    cr_expect_eq(dphl_guard_validate_name(&guard, &call, 99, &other, &verdict), 0);
    dph_op op = {.struct_size = sizeof op, .kind = DPH_OP_DELETE};
    cr_expect_eq(dphl_guard_check(&guard, &call, &op, &verdict), 0);
    op.kind = 4711;
    cr_expect_eq(dphl_guard_check(&guard, &call, &op, &verdict), 0);
    dphl_close(library, &call);
    expect_nothing_left("example", &box);
    plugin_box_done(&box);
}

/* Runs open, and start when that works, in a process that the plugin takes down. */
static int die_of_it(plugin_box *box)
{
    int state = 0;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        dphl_library *library = NULL;
        dph_plugin *plugin = NULL;
        dph_call call = plugin_box_call();
        box->options.already_probed = 1;
        if (dphl_open(&box->options, plugin_box_host(), &library, NULL) == DPH_OK)
            (void)dphl_start(library, &call, &plugin, NULL);
        _exit(77);
    }
    cr_assert_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

Test(loader, load_that_killed_the_host_is_quarantined_until_an_administrator_lifts_it)
{
    static const char *const ids[] = {"bad_exit", "bad_start_exit"};
    for (size_t i = 0; i < 2; i++) {
        plugin_box box;
        dphl_library *library = NULL;
        plugin_box_init(&box, ids[i]);
        cr_expect_eq(dphl_is_quarantined(&box.options), 0);
        cr_expect_eq(die_of_it(&box), i == 0 ? 0 : 3, "%s", ids[i]);
        cr_expect_eq(dphl_is_quarantined(&box.options), 1, "%s", ids[i]);
        box.options.already_probed = 1;
        cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_E_DENIED);
        expect_error(ids[i], &box.err, DPHL_CODE_QUARANTINED, box.marker);
        cr_expect_eq(dphl_is_quarantined(&box.options), 1, "refusing lifts nothing");
        cr_expect_eq(unlink(box.marker), 0);
        cr_expect_eq(dphl_is_quarantined(&box.options), 0);
        plugin_box_done(&box);
    }
}

Test(loader, marker_of_another_file_or_cut_off_is_ignored_and_replaced)
{
    static const char *const left[] = {
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "0123", ""};
    for (size_t i = 0; i < 3; i++) {
        plugin_box box;
        dphl_library *library = NULL;
        plugin_box_init(&box, "good_plain");
        box.options.already_probed = 1;
        plugin_box_write(box.marker, left[i], strlen(left[i]));
        cr_expect_eq(dphl_is_quarantined(&box.options), 0);
        cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK, "%s",
                     box.err.message);
        dphl_close(library, NULL);
        expect_nothing_left("marker", &box);
        plugin_box_done(&box);
    }
}

Test(loader, marker_that_cannot_be_written_stops_the_load)
{
    plugin_box box;
    dphl_library *library = NULL;
    plugin_box_init(&box, "bad_crash");
    box.options.already_probed = 1;
    box.options.marker_path = "/nowhere/loading";
    cr_expect_eq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_E_UNAVAILABLE);
    expect_error("marker", &box.err, DPHL_CODE_MARKER, "/nowhere/loading cannot be written");
    box.options.marker_path = "/tmp"; /* there, but no marker */
    cr_expect_neq(dphl_open(&box.options, plugin_box_host(), &library, &box.err), DPH_OK);
    expect_error("marker", &box.err, DPHL_CODE_MARKER, "/tmp cannot be read");
    expect_nothing_left("marker", &box);
    plugin_box_done(&box);
}

Test(loader, close_of_nothing_is_harmless)
{
    dphl_close(NULL, NULL);
}
