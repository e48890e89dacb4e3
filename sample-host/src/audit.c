/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit.h. */
#include "sample-host/src/audit.h"

#include "sample-host/src/action.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/base/os_lock.h"
#include "sample-host/src/commands.h"

#include <stdio.h>
#include <string.h>

#define JOURNAL_MAX ((size_t)16 << 20)

void host_audit_refused(host *h, const host_request *request, const dph_record_row *row,
                        const char *why)
{
    const char *key = host_commands_text_or_empty(request, "key");
    host_error ignored = {0};
    for (size_t i = 0; i < h->plugin_count; i++) {
        const host_plugin *plugin = h->plugins[i];
        host_action_params params = {.count = 0};
        json_t *answer = NULL;
        host_call call;
        bool concerns =
            row == NULL || (row->guard_owner.len == strlen(plugin->id) &&
                            memcmp(row->guard_owner.ptr, plugin->id, row->guard_owner.len) == 0);
        if (plugin->action == NULL || !concerns || !host_action_has(plugin, "reveal_refused")) {
            continue;
        }
        host_call_for_request(&call, h, request, "");
        dph_str id = row != NULL ? row->external_id : host_str(key);
        if (row != NULL) {
            call.abi.organization_id = row->organization_id;
        }
        dph_bytes bytes = {(const uint8_t *)id.ptr, id.len};
        bool ok = host_action_add(&params, "key", bytes, 0, &ignored) &&
                  host_action_add_text(&params, "reason", host_commands_text(request, "reason"),
                                       &ignored) &&
                  host_action_add_text(&params, "ticket", host_commands_text(request, "ticket"),
                                       &ignored) &&
                  host_action_add_text(&params, "why", why, &ignored) &&
                  host_action_invoke(plugin, &call, "reveal_refused", &params, &answer, &ignored);
        json_decref(answer);
        if (!ok) {
            host_log_line(DPH_LOG_WARNING, "audit", ignored.message, NULL);
        }
    }
}

bool host_audit_journal_path(host *h, char *out, size_t cap)
{
    host_keyring_facts facts;
    host_keyring_describe(h->keyring, &facts);
    return snprintf(out, cap, "%s.journal", facts.path) < (int)cap;
}

static bool give_journal(host *h, const host_secret *bytes, host_error *err)
{
    host_actor actor = host_call_scheduler();
    host_call call;
    bool taken = false;
    for (size_t i = 0; i < h->plugin_count; i++) {
        const host_plugin *plugin = h->plugins[i];
        host_action_params params = {.count = 0};
        json_t *answer = NULL;
        dph_bytes journal = {bytes->ptr, bytes->len};
        if (plugin->action == NULL || !host_action_has(plugin, "audit_merge")) {
            continue;
        }
        host_call_init(&call, h, &actor, DPH_LANE_HOOK, "");
        if (!host_action_add(&params, "journal", journal, DPH_PARAM_SECRET, err) ||
            !host_action_invoke(plugin, &call, "audit_merge", &params, &answer, err)) {
            return false;
        }
        json_decref(answer);
        taken = true;
    }
    return taken ? true
                 : host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING,
                                  "No plugin takes the journal over.");
}

static bool take_over(host *h, const char *path, host_error *err)
{
    host_secret bytes = {0};
    bool ok = host_file_read(path, JOURNAL_MAX, true, &bytes, err) &&
              (bytes.len == 0 || give_journal(h, &bytes, err));
    host_secret_done(&bytes);
    if (ok) {
        host_file_remove(path);
    }
    return ok;
}

/* Held meanwhile: a record that is added between reading and removing would be nowhere. */
void host_audit_merge_journal(host *h)
{
    char path[PATH_MAX + 16];
    host_error err = {0};
    int fd = -1;
    if (!host_audit_journal_path(h, path, sizeof path) || !host_file_exists(path)) {
        return;
    }
    if (!host_lock_file(path, &fd, &err) || !take_over(h, path, &err)) {
        host_log_line(DPH_LOG_ERROR, "journal", err.message, NULL);
    }
    host_lock_release(fd);
}
