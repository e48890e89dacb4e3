/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.audit/1: signed heads of plugins in DIR.audit, beside the data and outside its backups, and
 * in the system's log. */
#include "dph/dph.h"
#include "sample-host/src/base/os_append.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/services.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 31)
#define LINE_SIZE (HOST_PLUGIN_ID_SIZE + 1 + DPH_AUDIT_LINE_MAX + 1)

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

static dph_status give_lines(const host_plugin *plugin, const host_secret *bytes,
                             const dph_audit_sink *sink)
{
    const char *at = (const char *)bytes->ptr;
    const char *end = at + bytes->len;
    size_t id = strlen(plugin->id);
    dph_status status = DPH_OK;
    while (status == DPH_OK && at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        if (feed == NULL) {
            break; /* never confirmed */
        }
        size_t len = (size_t)(feed - at);
        if (len > id + 1 && memcmp(at, plugin->id, id) == 0 && at[id] == ' ') {
            dph_str head = {at + id + 1, len - id - 1};
            status = sink->add(sink->context, &head);
        }
        at = feed + 1;
    }
    return status;
}

static dph_status DPH_CALL list_heads(const dph_host *services, const dph_call *call,
                                      const dph_audit_sink *sink, dph_error *err)
{
    const host_plugin *plugin = host_services_plugin(services);
    host_error problem = {0};
    host_secret bytes = {0};
    char path[PATH_MAX + 8];
    (void)call;
    if (sink == NULL || !DPH_HAS(sink, add)) {
        (void)host_error_set(&problem, DPH_E_INVALID, 0, "A sink is needed.");
        return host_error_to_dph(&problem, err);
    }
    name_file(plugin->host, path);
    if (!host_file_exists(path)) {
        return DPH_OK;
    }
    if (!host_file_read(path, FILE_MAX, true, &bytes, &problem)) {
        return host_error_to_dph(&problem, err);
    }
    dph_status status = give_lines(plugin, &bytes, sink);
    host_secret_done(&bytes);
    return status;
}

static const dph_audit_v1 audit_service = {sizeof audit_service, 0, publish_head, list_heads};

const void *host_services_audit(const char *id)
{
    return strcmp(id, DPH_AUDIT_ID) == 0 ? &audit_service : NULL;
}
