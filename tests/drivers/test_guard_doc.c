/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes docs/guard.md from the rules themselves, and fails when the one in the tree is another.
 * `test_guard_doc --print > docs/guard.md` renews it. */
/* LINK: plugin/src/base/[a-z]*.c plugin/src/domain/[a-z]*.c host-sdk/support/[a-z]*.c */
/* LIBS: -lutf8proc -lsodium -ljansson -lpcre2-8 */
#include "domain/guard_rules.h"
#include "loader/gate.h"
#include "sample-host/src/base/host_error.h"
#include "support/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct code_row {
    uint32_t code;
    const char *means;
} code_row;

static const code_row gate_codes[] = {
    {DPHL_GATE_UNAVAILABLE, "The plugin that guards this is not loaded."},
    {DPHL_GATE_NO_ANSWER, "The guard answered neither yes nor no."},
    {DPHL_GATE_ERROR, "The guard reported an error, whatever else it wrote."},
    {DPHL_GATE_LATE, "The guard answered after the call was over."},
    {DPHL_GATE_NO_CODE, "The guard said no without a code of its own."},
};

static const code_row host_codes[] = {
    {HOST_CODE_RESERVED_NAME,
     "A plugin claims that name: one that is not loaded, or, for a plugin, another one."},
    {HOST_CODE_NO_REASON, "Showing a secret, or lifting a protection, needs a reason."},
    {HOST_CODE_SUBSCRIPTION, "The add-on is not active; its settings cannot be changed."},
    {HOST_CODE_PLUGIN_MISSING, "The plugin that keeps the key is not loaded; bkey-open reads it."},
    {HOST_CODE_ROLE, "The role of the user may not do that, whatever the object."},
    {HOST_CODE_NO_USER, "There is no such user."},
    {HOST_CODE_NOTHING_GUARDED, "A release was asked for a plugin that guards nothing."},
};

static void add_codes(sup_buffer *out, const char *title, const code_row *rows, size_t count)
{
    (void)sup_buffer_printf(out, "\n## %s\n\n| code | meaning |\n|---|---|\n", title);
    for (size_t i = 0; i < count; i++)
        (void)sup_buffer_printf(out, "| %u | %s |\n", (unsigned)rows[i].code, rows[i].means);
}

static void write_page(sup_buffer *out)
{
    (void)sup_buffer_add_str(
        out,
        "# Refusals\n\n"
        "Every refusal has a sentence for people, a number that does not change, and an entry\n"
        "`refused` in the activity log. This page is made from the rules by\n"
        "`build/test/drivers/test_guard_doc --print`, and a test holds it against them.\n\n"
        "What a user may not see, and what the missing add-on hides, is not refused: it is\n"
        "not found, in the words for what does not exist.\n\n"
        "## Rules of the BitLocker key sync\n\n| code | key | sentence |\n|---|---|---|\n");
    for (size_t i = 0; i < bkey_guard_rules_count(); i++) {
        const bkey_guard_rule *rule = bkey_guard_rules_at(i);
        (void)sup_buffer_printf(out, "| %u | `%s` | %s |\n", (unsigned)rule->code, rule->reason_key,
                                rule->message);
    }
    add_codes(out, "When the guard itself does not answer", gate_codes,
              sizeof gate_codes / sizeof gate_codes[0]);
    add_codes(out, "Refusals of the host", host_codes, sizeof host_codes / sizeof host_codes[0]);
}

static bool is_current(const char *wanted)
{
    char path[4096];
    const char *root = getenv("ROOT");
    static char text[65536];
    (void)snprintf(path, sizeof path, "%s/docs/guard.md", root != NULL ? root : ".");
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = '\0';
    if (file != NULL)
        (void)fclose(file);
    return strcmp(text, wanted) == 0;
}

int main(int argc, char **argv)
{
    sup_buffer page;
    int exit_code = 0;
    sup_buffer_init(&page, 65536);
    write_page(&page);
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        (void)fputs(sup_buffer_text(&page), stdout);
    } else {
        bool ok = !sup_buffer_failed(&page) && is_current(sup_buffer_text(&page));
        if (!ok)
            (void)puts("docs/guard.md is not what the rules say");
        (void)printf("%d passed, %d failed\n", ok ? 1 : 0, ok ? 0 : 1);
        exit_code = ok ? 0 : 1;
    }
    sup_buffer_done(&page);
    return exit_code;
}
