/* SPDX-License-Identifier: Apache-2.0
 *
 * Intune's lists. Must not know where rows come from. */
#define _GNU_SOURCE
#include "managed_devices.h"

#include "errors.h"
#include "json.h"
#include "listing.h"
#include "odata.h"
#include "rotation.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <string.h>

#define PAGE_MAX 1000U
#define OFFSET_MS INT64_C(28800000)

static const char *const options[] = {"$top", "$select", "$filter", "$skiptoken", "$count", NULL};

bool sim_managed_devices_licensed(sim_call *call)
{
    if (!call->tenant->intune)
        (void)sim_errors_named(call->world, call->response, "no_intune");
    return call->tenant->intune;
}

static sim_listing listing_of(const sim_call *call)
{
    return (sim_listing){.kind = &sim_kind_managed_device,
                         .context = "deviceManagement/managedDevices",
                         .options = options,
                         .page = (size_t)call->world->switches.values[SIM_SWITCH_PAGE_SIZE],
                         .most = PAGE_MAX,
                         .count_page = true,
                         .bad_query = "BadRequest"};
}

/* Every "....Z" of a date becomes the same instant eight hours west. */
static void offset_dates(sim_call *call)
{
    sup_buffer *body = &call->response->body;
    sup_buffer out;
    if (call->world->switches.values[SIM_SWITCH_INTUNE_OFFSET_DATES] == 0 ||
        call->response->status != 200)
        return;
    sup_buffer_init(&out, SIM_HTTP_BODY_MAX);
    const char *at = sup_buffer_text(body);
    const char *found;
    while ((found = strstr(at, "DateTime\":\"")) != NULL) {
        int64_t when;
        found += 11;
        size_t len = strcspn(found, "\"");
        sup_buffer_add(&out, at, (size_t)(found - at));
        if (sup_iso8601_parse(found, len, &when)) {
            char text[SUP_ISO8601_TEXT_SIZE];
            sup_iso8601_format(when - OFFSET_MS, text);
            sup_buffer_printf(&out, "%.23s-08:00", text);
        } else {
            sup_buffer_add(&out, found, len);
        }
        at = found + len;
    }
    sup_buffer_add_str(&out, at);
    sup_buffer_done(body);
    *body = out;
}

void sim_managed_devices_list(sim_call *call)
{
    sim_listing listing = listing_of(call);
    if (!sim_managed_devices_licensed(call))
        return;
    sim_listing_run(call, &listing);
    offset_dates(call);
}

void sim_managed_devices_get(sim_call *call)
{
    sim_listing listing = listing_of(call);
    size_t position = 0;
    if (!sim_managed_devices_licensed(call))
        return;
    if (!sim_tenant_find_managed(call->tenant, call->captured, &position)) {
        sim_errors_graph(call->world, call->response, 404, "ResourceNotFound",
                         "The device was not found.");
        return;
    }
    sim_listing_single(call, &listing, position);
    sim_rotation_show(call, call->captured);
    offset_dates(call);
}

static void write_text(const sim_call *call, size_t position, const char *property,
                       const char *shown, sup_buffer *out)
{
    const sim_kind *kind = &sim_kind_managed_device;
    sup_buffer_printf(out, "\"%s\":", shown);
    sim_kind_write_value(kind, call->tenant, position,
                         sim_kind_property(kind, property, strlen(property)), out);
    sup_buffer_add_str(out, ",");
}

static void write_state(const sim_call *call, size_t position, sup_buffer *out)
{
    const json_t *row = sim_rows_object(&call->tenant->devices, position);
    const json_t *given = json_object_get(row, "encryptionState");
    bool encrypted = row == NULL || json_is_true(json_object_get(row, "isEncrypted"));
    sup_buffer_add_str(out, "{");
    write_text(call, position, "id", "id", out);
    write_text(call, position, "deviceName", "deviceName", out);
    write_text(call, position, "userPrincipalName", "userPrincipalName", out);
    write_text(call, position, "osVersion", "osVersion", out);
    sup_buffer_printf(
        out,
        "\"deviceType\":\"%s\",\"tpmSpecificationVersion\":\"%s\",\"encryptionReadinessState\":"
        "\"%s\",\"encryptionState\":\"%s\",\"encryptionPolicySettingState\":\"%s\","
        "\"advancedBitLockerStates\":",
        sim_json_text(given, "deviceType", "desktop"),
        sim_json_text(given, "tpmSpecificationVersion", "2.0"),
        sim_json_text(given, "encryptionReadinessState", "ready"),
        sim_json_text(given, "encryptionState", encrypted ? "encrypted" : "notEncrypted"),
        sim_json_text(given, "encryptionPolicySettingState", encrypted ? "compliant" : "error"));
    sim_json_string(out, sim_json_text(given, "advancedBitLockerStates",
                                       encrypted ? "success" : "osVolumeUnprotected"));
    sup_buffer_add_str(out, ",\"fileVaultStates\":\"success\",\"policyDetails\":");
    const json_t *details = json_object_get(given, "policyDetails");
    if (details != NULL)
        sim_json_value(out, details);
    else
        sup_buffer_add_str(out, "[]");
    sup_buffer_add_str(out, "}");
}

static void write_states(sim_call *call, size_t from, size_t top)
{
    const sim_rows *rows = &call->tenant->devices;
    sup_buffer text;
    sup_buffer_init(&text, SIM_HTTP_BODY_MAX);
    size_t count = 0;
    size_t at = from;
    for (; at < sim_rows_end(rows) && count < top; at++) {
        if (!sim_rows_alive(rows, at))
            continue;
        sup_buffer_add_str(&text, count++ > 0 ? "," : "");
        write_state(call, at, &text);
    }
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "deviceManagement/managedDeviceEncryptionStates", out);
    sup_buffer_printf(out, ",\"@odata.count\":%zu", count);
    if (at < sim_rows_end(rows))
        sim_odata_next_link(call, at, out);
    sup_buffer_add_str(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&text));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&text);
}

void sim_managed_devices_encryption(sim_call *call)
{
    static const char *const allowed[] = {"$top", "$skiptoken", NULL};
    const char *name;
    size_t from = 0;
    size_t top = (size_t)call->world->switches.values[SIM_SWITCH_PAGE_SIZE];
    const char *wanted = sim_params_get(&call->query, "$top");
    const char *page = sim_params_get(&call->query, "$skiptoken");
    if (!sim_managed_devices_licensed(call))
        return;
    if (!sim_odata_only(&call->query, allowed, &name) ||
        (wanted != NULL && !sim_odata_top(wanted, &top)))
        sim_errors_graph(call->world, call->response, 400, "BadRequest",
                         "The query option is not supported.");
    else if (page == NULL || sim_odata_page_read(call, page, &from))
        write_states(call, from, top > PAGE_MAX ? PAGE_MAX : top);
}
