/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing list of audit records. Must not know which call made them. */
#include "audits.h"

#include "json.h"
#include "support/iso8601.h"

#include <stdlib.h>

void sim_audits_done(sim_audits *audits)
{
    free(audits->list);
    *audits = (sim_audits){0};
}

void sim_audits_reset(sim_audits *audits)
{
    audits->count = 0;
    audits->total = 0;
}

void sim_audits_add(sim_audits *audits, const sim_audit *audit)
{
    audits->total++;
    if (audits->count == SIM_AUDITS_MAX)
        return;
    if (audits->count == audits->size) {
        size_t size = audits->size == 0 ? 1024 : audits->size * 2;
        sim_audit *grown = realloc(audits->list, size * sizeof *grown);
        if (grown == NULL)
            return;
        audits->list = grown;
        audits->size = size;
    }
    audits->list[audits->count++] = *audit;
}

void sim_audits_write(const sim_audit *audit, size_t number, sup_buffer *out)
{
    char when[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(audit->when_ms, when);
    sup_buffer_printf(out,
                      "{\"id\":\"Directory_SIM_%zu\",\"category\":\"KeyManagement\",\"result\":"
                      "\"success\",\"resultReason\":\"\",\"activityDisplayName\":\"Read BitLocker "
                      "key\",\"activityDateTime\":\"%s\",\"loggedByService\":\"Device Registration "
                      "Service\",\"operationType\":\"Read\",\"initiatedBy\":",
                      number, when);
    if (audit->application) {
        sup_buffer_add_str(out, "{\"user\":null,\"app\":{\"appId\":");
        sim_json_string(out, audit->app_id);
        sup_buffer_add_str(out, "}}");
    } else {
        sup_buffer_add_str(out, "{\"app\":null,\"user\":{\"id\":\"f6732670-8556-4d87-a9b4-"
                                "776954c997f4\",\"userPrincipalName\":\"tech@harborbyte.example\","
                                "\"ipAddress\":\"203.0.113.24\"}}");
    }
    sup_buffer_add_str(out, ",\"targetResources\":[{\"id\":");
    sim_json_string(out, audit->key_id);
    sup_buffer_add_str(out, ",\"displayName\":");
    sim_json_string(out, audit->key_id);
    sup_buffer_add_str(out, ",\"type\":\"Other\",\"modifiedProperties\":[]}],\"additionalDetails\":"
                            "[]}");
}
