/* SPDX-License-Identifier: Apache-2.0
 *
 * One JSON object per line, written with one call so that threads do not mix. */
#include "sample-host/src/base/log.h"

#include "sample-host/src/base/os_clock.h"
#include "support/iso8601.h"
#include "support/utf8.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX 1024

static _Atomic uint32_t max_level = DPH_LOG_ERROR;

void host_log_set_level(uint32_t level)
{
    atomic_store(&max_level, level);
}

uint32_t host_log_level(void)
{
    return atomic_load(&max_level);
}

json_t *host_log_text(const char *text, size_t len)
{
    char clean[TEXT_MAX];
    size_t used = len > 0 ? sup_utf8_clean(text, len, clean, sizeof clean) : 0;
    return json_stringn(clean, used);
}

static const char *name_level(uint32_t level)
{
    static const char *const names[] = {"error", "error", "warning", "info", "debug"};
    return level <= DPH_LOG_DEBUG ? names[level] : "debug";
}

void host_log_line(uint32_t level, const char *event, const char *text, const json_t *fields)
{
    if (level > host_log_level()) {
        return;
    }
    char when[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(host_clock_wall_ms(), when);
    json_t *line = json_pack("{s:s,s:s,s:s,s:s}", "time", when, "level", name_level(level), "event",
                             event, "text", text);
    if (line != NULL && fields != NULL) {
        json_t *copy = json_copy((json_t *)(uintptr_t)fields);
        (void)json_object_update_missing(line, copy);
        json_decref(copy);
    }
    char *dump = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    if (dump != NULL) {
        (void)fprintf(stderr, "%s\n", dump);
    }
    free(dump);
    json_decref(line);
}
