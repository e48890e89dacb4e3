/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.audit/1: signed heads of plugins in DIR.audit, beside the data and outside its backups, and
 * in the system's log. */
#include "dph/dph.h"
#include "sample-host/src/base/os_append.h"
#include "sample-host/src/services.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE (HOST_PLUGIN_ID_SIZE + 1 + DPH_AUDIT_LINE_MAX + 1)
_Static_assert(LINE_SIZE <= HOST_APPEND_MAX, "each head is a line");

/* Appending is one caller's at a time; the data directory has one owner. */
static pthread_mutex_t append_lock = PTHREAD_MUTEX_INITIALIZER;

static void name_file(const host *h, char out[PATH_MAX + 8])
{
    (void)snprintf(out, PATH_MAX + 8, "%s.audit", h->dir);
}

static bool is_printable(const dph_str *head)
{
    if (head->len < 1 || head->len > DPH_AUDIT_LINE_MAX) {
        return false;
    }
    for (size_t i = 0; i < head->len; i++) {
        if (head->ptr[i] < 0x20 || head->ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static dph_status DPH_CALL publish_head(const dph_host *services, const dph_call *call,
                                        const dph_str *head, dph_error *err)
{
    const host_plugin *plugin = host_services_plugin(services);
    host_error problem = {0};
    char path[PATH_MAX + 8];
    char line[LINE_SIZE];
    (void)call;
    if (head == NULL || !is_printable(head)) {
        (void)host_error_set(&problem, DPH_E_INVALID, 0, "A head is one line of ASCII text.");
        return host_error_to_dph(&problem, err);
    }
    int len = snprintf(line, sizeof line, "%s %.*s", plugin->id, (int)head->len, head->ptr);
    name_file(plugin->host, path);
    (void)pthread_mutex_lock(&append_lock);
    bool ok = host_append_line(path, line, (size_t)len, &problem);
    (void)pthread_mutex_unlock(&append_lock);
    if (ok) {
        host_append_syslog(line);
    }
    return host_services_result(ok, &problem, err);
}

typedef struct line_filter {
    const host_plugin *plugin;
    size_t id_len;
    const dph_audit_sink *sink;
} line_filter;

static dph_status give_line(void *context, const char *line, size_t len)
{
    const line_filter *filter = context;
    const size_t id = filter->id_len;
    if (len <= id + 1 || memcmp(line, filter->plugin->id, id) != 0 || line[id] != ' ') {
        return DPH_OK;
    }
    const dph_str head = {line + id + 1, len - id - 1};
    return filter->sink->add(filter->sink->context, &head);
}

static dph_status DPH_CALL list_heads(const dph_host *services, const dph_call *call,
                                      const dph_audit_sink *sink, dph_error *err)
{
    const host_plugin *plugin = host_services_plugin(services);
    host_error problem = {0};
    char path[PATH_MAX + 8];
    (void)call;
    if (sink == NULL || !DPH_HAS(sink, add)) {
        (void)host_error_set(&problem, DPH_E_INVALID, 0, "A sink is needed.");
        return host_error_to_dph(&problem, err);
    }
    name_file(plugin->host, path);
    line_filter filter = {plugin, strlen(plugin->id), sink};
    dph_status status = host_append_each(path, give_line, &filter, &problem);
    if (problem.status == DPH_OK) {
        return status;
    }
    host_log_line(DPH_LOG_ERROR, "audit", problem.message, NULL);
    return host_error_to_dph(&problem, err);
}

static const dph_audit_v1 audit_service = {sizeof audit_service, 0, publish_head, list_heads};

const void *host_services_audit(const char *id)
{
    return strcmp(id, DPH_AUDIT_ID) == 0 ? &audit_service : NULL;
}
