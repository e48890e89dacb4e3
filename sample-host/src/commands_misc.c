/* SPDX-License-Identifier: Apache-2.0
 *
 * init, and the check of a name. */
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int host_commands_init(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    (void)h;
    host_init_result *made = calloc(1, sizeof *made);
    host_init_options options = {.data_dir = host_commands_text(request, "data"),
                                 .key_file = host_commands_text(request, "key_file"),
                                 .plugin_path = host_commands_text(request, "plugin")};
    bool is_chosen = host_commands_protection(request, &options.protection, &err);
    if (is_chosen && made == NULL) {
        (void)host_error_set(&err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    if (!is_chosen || made == NULL || !host_init(&options, made, &err)) {
        free(made);
        return host_commands_fail(reply, &err);
    }
    json_t *body =
        json_pack("{s:s,s:s,s:s,s:s}", "data", made->data_dir, "key_file", made->key_file,
                  "token_file", made->token_file, "plugin", made->plugin);
    free(made);
    return host_commands_done(reply, body, "");
}

static bool check_name(host *h, const host_request *request, host_error *err)
{
    const char *kind = host_commands_text(request, "kind");
    const char *name = host_commands_text(request, "name");
    host_call call;
    uint32_t name_kind = strcmp(kind, "category") == 0 ? DPH_NAME_CATEGORY
                         : strcmp(kind, "folder") == 0 ? DPH_NAME_FOLDER
                                                       : 0;
    if (name_kind == 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "--kind is category or folder.");
    }
    if (!host_mutate_name_valid(name)) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A name has 1 to %d characters and no control characters.",
                              HOST_NAME_POINTS_MAX);
    }
    host_call_for_request(&call, h, request, "");
    return host_mutate_check_name(h, &call, name_kind, name, err);
}

/* Without data: a directory of its own, thrown away after, so that the real plugin answers. */
static bool check_name_alone(const host_request *request, host_error *err)
{
    char parent[PATH_MAX];
    char data[PATH_MAX + 16];
    char key[PATH_MAX + 16];
    host *h = NULL;
    host_init_result *made = calloc(1, sizeof *made);
    if (made == NULL || !host_file_make_scratch(parent, sizeof parent, err)) {
        free(made);
        return false;
    }
    (void)snprintf(data, sizeof data, "%s/data", parent);
    (void)snprintf(key, sizeof key, "%s/key", parent);
    host_init_options init = {.data_dir = data, .key_file = key};
    host_open_options open = {.data_dir = data};
    bool ok = host_init(&init, made, err) && host_open(&open, &h, err);
    if (ok && (h->plugin_count == 0 || h->plugins[0]->instance == NULL)) {
        ok = host_error_set(
            err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING, "No plugin answers: %s",
            h->plugin_count == 0 ? "none lies beside this program." : h->plugins[0]->problem);
    }
    ok = ok && check_name(h, request, err);
    host_close(h);
    host_file_remove_dir(data);
    host_file_remove_dir(parent);
    free(made);
    return ok;
}

int host_commands_name_check(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    bool ok = h != NULL ? check_name(h, request, &err) : check_name_alone(request, &err);
    return ok ? host_commands_done(reply, json_pack("{s:b}", "allowed", 1), "")
              : host_commands_fail(reply, &err);
}
