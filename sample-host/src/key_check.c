/* SPDX-License-Identifier: Apache-2.0
 *
 * See key_check.h. */
#include "sample-host/src/key_check.h"

#include "sample-host/src/action.h"
#include "sample-host/src/sealed.h"

#include <string.h>

static bool open_row(host *h, sqlite3_stmt *stmt, host_error *err)
{
    const char *id = host_rows_column(stmt, 0);
    dph_bytes sealed = host_rows_bytes(stmt, 1);
    host_secret opened = {0};
    host_error why = {0};
    if (!host_sealed_open(h->keyring, id, &sealed, &opened, &why)) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "Password %.64s: %.400s", id, why.message);
    }
    host_secret_done(&opened);
    return true;
}

static bool open_passwords(host *h, uint64_t *out, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt = conn == NULL ? NULL
                                      : host_rows_query(conn, err,
                                                        "SELECT id, sealed_secret FROM passwords"
                                                        " WHERE sealed_secret NOT NULL UNION ALL"
                                                        " SELECT id, sealed_secret FROM trash"
                                                        " WHERE sealed_secret NOT NULL",
                                                        "");
    bool ok = stmt != NULL;
    bool row = ok;
    uint64_t opened = 0;
    while (ok && row) {
        ok = host_rows_next(conn, stmt, &row, err) && (!row || open_row(h, stmt, err));
        opened += ok && row ? 1 : 0;
    }
    if (!ok) {
        host_rows_done(stmt);
    }
    host_db_read_end(h->db, conn);
    *out = opened;
    return ok;
}

static bool judge(const host_plugin *plugin, const json_t *answer, host_error *err)
{
    const json_t *problems = json_object_get(answer, "problems");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const json_t *problem = json_array_get(problems, i);
        const char *what = json_string_value(json_object_get(problem, "what"));
        const char *text = json_string_value(json_object_get(problem, "text"));
        if (what != NULL && strcmp(what, "canary") == 0) {
            return host_error_set(err, DPH_E_CORRUPT, HOST_CODE_WRONG_KEY, "Plugin %s: %.400s",
                                  plugin->id, text != NULL ? text : "a data key does not open.");
        }
    }
    return true;
}

static bool ask_state(host *h, const host_plugin *plugin, const host_request *request,
                      host_error *err)
{
    host_action_params none = {.count = 0};
    json_t *answer = NULL;
    host_call call;
    host_call_for_request(&call, h, request, "");
    call.abi.deadline_ns = 0; /* it opens everything */
    bool ok = host_action_invoke(plugin, &call, HOST_KEY_CHECK_ACTION, &none, &answer, err) &&
              judge(plugin, answer, err);
    json_decref(answer);
    return ok;
}

/* A plugin that is not loaded cannot tell: that is said, and is no proof against the key file. */
static bool ask_plugin(host *h, const host_plugin *plugin, const host_request *request,
                       json_t *list, host_error *err)
{
    const char *result = "not asked";
    if (plugin->instance == NULL) {
        result = plugin->problem;
    } else if (plugin->action != NULL && host_action_has(plugin, HOST_KEY_CHECK_ACTION)) {
        if (!ask_state(h, plugin, request, err)) {
            return false;
        }
        result = "fits";
    }
    (void)json_array_append_new(list,
                                json_pack("{s:s,s:s}", "plugin", plugin->id, "result", result));
    return true;
}

bool host_key_check(host *h, const host_request *request, json_t **out, host_error *err)
{
    uint64_t opened = 0;
    json_t *list = json_array();
    bool ok = host_keyring_verify(h->keyring, err) && open_passwords(h, &opened, err);
    for (size_t i = 0; ok && i < h->plugin_count; i++) {
        ok = ask_plugin(h, h->plugins[i], request, list, err);
    }
    if (!ok) {
        json_decref(list);
        return false;
    }
    *out = json_pack("{s:I,s:o}", "passwords", (json_int_t)opened, "plugins", list);
    return true;
}
