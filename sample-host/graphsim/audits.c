/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing list of audit records, small ones: who acted is kept once. Must not know which call
 * made them. */
#include "audits.h"

#include "json.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_audit_record {
    int64_t when_ms;
    uint32_t tenant;
    uint16_t actor;
    uint16_t activity;
    char target[40];
};

static const struct {
    const char *name;
    const char *category;
    const char *service;
    const char *operation;
} activities[SIM_AUDIT_COUNT] = {
    {"Read BitLocker key", "KeyManagement", "Device Registration Service", "Read"},
    {"Add BitLocker key", "KeyManagement", "Device Registration Service", "Add"},
    {"Delete BitLocker key", "KeyManagement", "Device Registration Service", "Delete"},
    {"Add registered owner to device", "Device", "Core Directory", "Assign"},
    {"Remove registered owner from device", "Device", "Core Directory", "Unassign"},
    {"Delete device", "Device", "Core Directory", "Delete"},
    {"Update authorization policy", "AuthorizationPolicy", "Core Directory", "Update"},
};

void sim_audits_done(sim_audits *audits)
{
    free(audits->list);
    free(audits->actors);
    *audits = (sim_audits){0};
}

void sim_audits_reset(sim_audits *audits)
{
    audits->count = 0;
    audits->total = 0;
    audits->actor_count = 0;
}

static bool same_actor(const sim_audit *a, const sim_audit *b)
{
    return a->application == b->application && strcmp(a->app_id, b->app_id) == 0 &&
           strcmp(a->user_id, b->user_id) == 0 && strcmp(a->user_name, b->user_name) == 0;
}

/* Actors beyond the maximum share the last place. */
static bool find_actor(sim_audits *audits, const sim_audit *audit, uint16_t *out)
{
    if (audits->actors == NULL)
        audits->actors = calloc(SIM_AUDITS_ACTORS_MAX, sizeof *audits->actors);
    if (audits->actors == NULL)
        return false;
    size_t at = 0;
    while (at < audits->actor_count && !same_actor(&audits->actors[at], audit))
        at++;
    if (at == SIM_AUDITS_ACTORS_MAX)
        at--;
    if (at == audits->actor_count)
        audits->actors[audits->actor_count++] = *audit;
    *out = (uint16_t)at;
    return true;
}

void sim_audits_add(sim_audits *audits, const sim_audit *audit)
{
    uint16_t actor = 0;
    audits->total++;
    if (audits->count == SIM_AUDITS_MAX || !find_actor(audits, audit, &actor))
        return;
    if (audits->count == audits->size) {
        size_t size = audits->size == 0 ? 1024 : audits->size * 2;
        sim_audit_record *grown = realloc(audits->list, size * sizeof *grown);
        if (grown == NULL)
            return;
        audits->list = grown;
        audits->size = size;
    }
    sim_audit_record *record = &audits->list[audits->count++];
    *record = (sim_audit_record){.when_ms = audit->when_ms,
                                 .tenant = (uint32_t)audit->tenant,
                                 .actor = actor,
                                 .activity = (uint16_t)audit->activity};
    (void)snprintf(record->target, sizeof record->target, "%.39s", audit->target);
}

void sim_audits_get(const sim_audits *audits, size_t position, sim_audit *out)
{
    const sim_audit_record *record = &audits->list[position];
    *out = audits->actors[record->actor];
    out->when_ms = record->when_ms;
    out->tenant = record->tenant;
    out->activity = (sim_audit_activity)record->activity;
    (void)snprintf(out->target, sizeof out->target, "%s", record->target);
}

static void write_actor(const sim_audit *audit, sup_buffer *out)
{
    if (audit->application) {
        sup_buffer_add_str(out, "{\"user\":null,\"app\":{\"appId\":");
        sim_json_string(out, audit->app_id);
        sup_buffer_add_str(out, ",\"displayName\":null,\"servicePrincipalId\":null,"
                                "\"servicePrincipalName\":null}}");
        return;
    }
    sup_buffer_add_str(out, "{\"app\":null,\"user\":{\"id\":");
    sim_json_string(out, audit->user_id);
    sup_buffer_add_str(out, ",\"displayName\":null,\"userPrincipalName\":");
    sim_json_string(out, audit->user_name);
    sup_buffer_add_str(out, ",\"ipAddress\":\"203.0.113.24\"}}");
}

void sim_audits_write(const sim_audit *audit, size_t number, sup_buffer *out)
{
    char when[SUP_ISO8601_TEXT_SIZE];
    bool device = audit->activity >= SIM_AUDIT_ADD_OWNER;
    sup_iso8601_format(audit->when_ms, when);
    sup_buffer_printf(out,
                      "{\"id\":\"Directory_SIM_%zu\",\"category\":\"%s\",\"correlationId\":"
                      "\"00000000-0000-4000-8000-%012zu\",\"result\":\"success\",\"resultReason\":"
                      "\"\",\"activityDisplayName\":\"%s\",\"activityDateTime\":\"%s\","
                      "\"loggedByService\":\"%s\",\"operationType\":\"%s\",\"initiatedBy\":",
                      number, activities[audit->activity].category, number,
                      activities[audit->activity].name, when, activities[audit->activity].service,
                      activities[audit->activity].operation);
    write_actor(audit, out);
    sup_buffer_add_str(out, ",\"targetResources\":[{\"id\":");
    sim_json_string(out, audit->target);
    sup_buffer_add_str(out, ",\"displayName\":");
    sim_json_string(out, audit->target);
    sup_buffer_printf(out,
                      ",\"type\":\"%s\",\"userPrincipalName\":null,\"groupType\":null,"
                      "\"modifiedProperties\":[]}],\"additionalDetails\":[]}",
                      device ? "Device" : "Other");
}
