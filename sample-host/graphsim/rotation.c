/* SPDX-License-Identifier: Apache-2.0
 *
 * Rotations as JSON objects in the tenant's list of actions:
 *   {"device","started_ms","due_ms","escrow_ms","outcome","state","escrowed"}
 * Must not know how keys are listed. */
#define _GNU_SOURCE
#include "rotation.h"

#include "errors.h"
#include "json.h"
#include "kind.h"
#include "managed_devices.h"
#include "odata.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEYS_PER_DEVICE 200

static void set_number(json_t *action, const char *name, int64_t value)
{
    (void)json_object_set_new(action, name, json_integer(value));
}

static void device_id(const sim_tenant *tenant, size_t position, const char *property, char out[64])
{
    sup_buffer text;
    const sim_kind *kind = &sim_kind_managed_device;
    sup_buffer_init(&text, 256);
    sim_kind_write_value(kind, tenant, position,
                         sim_kind_property(kind, property, strlen(property)), &text);
    (void)snprintf(out, 64, "%.*s", text.len > 2 ? (int)text.len - 2 : 0,
                   sup_buffer_text(&text) + (text.len > 2));
    sup_buffer_done(&text);
}

/* A valid password of a key that did not exist when the data was made. */
static void make_password(const sim_world *world, uint32_t number, char out[56])
{
    sim_gen gen = {0};
    memcpy(gen.values, world->id_key, sizeof gen.values);
    sim_gen_password(&gen, number, out);
}

static void add_key(sim_world *world, sim_tenant *tenant, const char *device, int64_t when_ms,
                    bool fixed)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    char created[SUP_ISO8601_TEXT_SIZE];
    char password[56];
    sim_world_new_id(world, id);
    make_password(world, world->id_sequence, password);
    sup_iso8601_format(when_ms, created);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id, "createdDateTime", created,
                            "deviceId", device, "volumeType",
                            fixed ? "fixedDataVolume" : "operatingSystemVolume", "key", password);
    if (!sim_rows_add(&tenant->keys, row))
        return;
    sim_audit audit = {.when_ms = when_ms, .tenant = tenant->index, .activity = SIM_AUDIT_ADD_KEY};
    (void)snprintf(audit.target, sizeof audit.target, "%s", id);
    sim_audits_add(&world->audits, &audit);
}

/* Operating system and fixed volumes get a new key, the old ones stay listed; a device with as many
 * keys as one may have gets none. */
static void escrow(sim_world *world, sim_tenant *tenant, const char *managed, int64_t when_ms)
{
    char device[64];
    size_t position = 0;
    size_t count = 0;
    bool fixed = false;
    if (!sim_tenant_find_device(tenant, managed, &position))
        return;
    device_id(tenant, position, "azureADDeviceId", device);
    size_t at = 0;
    for (size_t from = 0; sim_tenant_next_key(tenant, from, device, &at); from = at + 1) {
        sim_key key;
        count++;
        fixed = fixed || (sim_tenant_read_key(tenant, at, &key) && key.volume == 2);
    }
    if (count < KEYS_PER_DEVICE)
        add_key(world, tenant, device, when_ms, false);
    if (fixed && count + 1 < KEYS_PER_DEVICE)
        add_key(world, tenant, device, when_ms, true);
}

static void settle_one(sim_world *world, sim_tenant *tenant, json_t *action, int64_t now)
{
    static const char *const states[] = {"done", "failed", "notSupported", "pending", "done"};
    int64_t outcome = sim_json_number(action, "outcome", 0);
    int64_t due = sim_json_number(action, "due_ms", 0);
    int64_t escrow_ms = sim_json_number(action, "escrow_ms", 0);
    if (outcome == SIM_ROTATION_STUCK || now < due)
        return;
    if (strcmp(sim_json_text(action, "state", ""), "pending") == 0) {
        (void)json_object_set_new(action, "state", json_string(states[outcome]));
        set_number(action, "updated_ms", due);
    }
    if (outcome == SIM_ROTATION_DONE && now >= escrow_ms &&
        !json_is_true(json_object_get(action, "escrowed"))) {
        (void)json_object_set_new(action, "escrowed", json_true());
        escrow(world, tenant, sim_json_text(action, "device", ""), escrow_ms);
    }
}

void sim_rotation_settle(sim_world *world, sim_tenant *tenant)
{
    int64_t now = sim_world_now(world);
    size_t i;
    json_t *action;
    json_array_foreach(tenant->actions, i, action) settle_one(world, tenant, action, now);
}

/* The action of that device that has not been started yet, or NULL. */
static json_t *find_planned(const sim_tenant *tenant, const char *device, const char *state)
{
    size_t i;
    json_t *action;
    json_t *found = NULL;
    json_array_foreach(tenant->actions, i, action)
    {
        if (strcasecmp(sim_json_text(action, "device", ""), device) == 0 &&
            strcmp(sim_json_text(action, "state", ""), state) == 0)
            found = action;
    }
    return found;
}

bool sim_rotation_decide(sim_tenant *tenant, const char *device, int outcome)
{
    char id[64];
    size_t position;
    if (!sim_tenant_find_device(tenant, device, &position))
        return false;
    device_id(tenant, position, "id", id);
    json_t *action = find_planned(tenant, id, "pending");
    if (action == NULL)
        action = find_planned(tenant, id, "planned");
    if (action == NULL) {
        action = json_pack("{s:s, s:s}", "device", id, "state", "planned");
        (void)json_array_append_new(tenant->actions, action);
    }
    set_number(action, "outcome", outcome);
    return true;
}

void sim_rotation_start(sim_call *call)
{
    const int64_t *switches = call->world->switches.values;
    char id[64];
    size_t position = 0;
    if (!sim_managed_devices_licensed(call))
        return;
    if (!sim_tenant_find_managed(call->tenant, call->captured, &position)) {
        sim_errors_graph(call->world, call->response, 404, "ResourceNotFound",
                         "The device was not found.");
        return;
    }
    device_id(call->tenant, position, "id", id);
    int64_t now = sim_world_now(call->world);
    int64_t due = now + switches[SIM_SWITCH_ROTATION_DELAY_S] * 1000;
    json_t *action = find_planned(call->tenant, id, "planned");
    if (action == NULL) {
        action = json_pack("{s:s, s:I}", "device", id, "outcome",
                           (json_int_t)switches[SIM_SWITCH_ROTATION_OUTCOME]);
        (void)json_array_append_new(call->tenant->actions, action);
    }
    (void)json_object_set_new(action, "state", json_string("pending"));
    (void)json_object_set_new(action, "by", json_string(call->claims->user_name));
    set_number(action, "started_ms", now);
    set_number(action, "updated_ms", now);
    set_number(action, "due_ms", due);
    set_number(action, "escrow_ms", due + switches[SIM_SWITCH_ESCROW_DELAY_S] * 1000);
    call->response->status = 204;
}

static json_t *describe(const json_t *action)
{
    char started[SUP_ISO8601_TEXT_SIZE];
    char updated[SUP_ISO8601_TEXT_SIZE];
    const char *state = sim_json_text(action, "state", "");
    sup_iso8601_format(sim_json_number(action, "started_ms", 0), started);
    sup_iso8601_format(sim_json_number(action, "updated_ms", 0), updated);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "@odata.type",
                     "#microsoft.graph.rotateBitLockerKeysDeviceActionResult", "actionName",
                     "rotateBitLockerKeys", "actionState", state, "startDateTime", started,
                     "lastUpdatedDateTime", updated, "errorCode",
                     strcmp(state, "failed") == 0 ? -2016281112 : 0);
}

void sim_rotation_show(sim_call *call, const char *device)
{
    sup_buffer *body = &call->response->body;
    json_t *answer = json_array_size(call->tenant->actions) > 0 && call->response->status == 200
                         ? json_loadb(sup_buffer_text(body), body->len, 0, NULL)
                         : NULL;
    json_t *results = json_object_get(answer, "deviceActionResults");
    size_t i;
    json_t *action;
    json_array_foreach(call->tenant->actions, i, action)
    {
        if (json_is_array(results) && json_object_get(action, "started_ms") != NULL &&
            strcasecmp(sim_json_text(action, "device", ""), device) == 0)
            (void)json_array_insert_new(results, 0, describe(action));
    }
    if (json_is_array(results)) {
        sup_buffer_reset(body);
        sim_json_value(body, answer);
    }
    json_decref(answer);
}

void sim_rotation_audits(sim_call *call)
{
    json_t *rows = json_array();
    size_t i;
    json_t *action;
    json_array_foreach(call->tenant->actions, i, action)
    {
        char started[SUP_ISO8601_TEXT_SIZE];
        char id[SUP_GUID_TEXT_LEN + 1];
        if (json_object_get(action, "started_ms") == NULL)
            continue;
        sim_ids_make(call->tenant->gen.values, (uint32_t)i, id);
        sup_iso8601_format(sim_json_number(action, "started_ms", 0), started);
        (void)json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", id, "action",
                            "rotateBitLockerKeys", "actionState",
                            sim_json_text(action, "state", ""), "initiatedByUserPrincipalName",
                            sim_json_text(action, "by", ""), "managedDeviceId",
                            sim_json_text(action, "device", ""), "requestDateTime", started));
    }
    sim_odata_context(call, "deviceManagement/remoteActionAudits", &call->response->body);
    sup_buffer_add_str(&call->response->body, ",\"value\":");
    sim_json_value(&call->response->body, rows);
    sup_buffer_add_str(&call->response->body, "}");
    json_decref(rows);
}
