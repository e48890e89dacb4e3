/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tenant in a struct answers to a question of Graph: pages of rows, one key, one device.
 */
#include "tests/support/fake_graph_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN "https://graph.example"

static void put_device(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    if (index == graph->odd_device && graph->odd_device_row[0] != '\0') {
        sup_buffer_add_str(out, graph->odd_device_row);
        return;
    }
    sup_buffer_printf(out,
                      "{\"id\":\"3a000000-0000-4000-8000-%012x\",\"azureADDeviceId\":\"%s\","
                      "\"deviceName\":\"%s\",\"serialNumber\":\"%s\",\"isEncrypted\":%s,"
                      "\"operatingSystem\":\"Windows\",\"manufacturer\":\"HP\",\"userId\":\"%s\"",
                      index, row->id, row->name, row->serial, row->not_encrypted ? "false" : "true",
                      row->owner);
    if (row->seen[0] != '\0')
        sup_buffer_printf(out, ",\"lastSyncDateTime\":\"%s\"", row->seen);
    sup_buffer_add_str(out, "}");
    if (row->twice)
        sup_buffer_printf(out,
                          ",{\"azureADDeviceId\":\"%s\",\"deviceName\":\"%s\","
                          "\"serialNumber\":\"%s-2\"}",
                          row->id, row->name, row->serial);
}

static void put_object(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"0b000000-0000-4000-8000-%012x\",\"deviceId\":\"%s\","
                      "\"displayName\":\"%s\",\"operatingSystem\":\"Windows\",\"trustType\":",
                      index, row->id, row->name);
    sup_buffer_printf(out, row->join[0] != '\0' ? "\"%s\"}" : "null}", row->join);
}

static void put_state(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"3a000000-0000-4000-8000-%012x\",\"deviceName\":\"%s\","
                      "\"encryptionState\":\"%s\",\"advancedBitLockerStates\":\"%s\"}",
                      index, row->name, row->not_encrypted ? "notEncrypted" : "encrypted",
                      row->backup);
}

/* What was removed since; the address that is given next is always the same. */
int32_t fake_graph_answer_removals(const fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *before = "";
    const bool is_first = strstr(url, "deltatoken=latest") != NULL;
    if (!is_first && graph->lost_changes) {
        sup_buffer_add_str(out, "{\"error\":{\"code\":\"syncStateNotFound\",\"message\":\"\"}}");
        return 410;
    }
    sup_buffer_add_str(out, "{\"value\":[");
    for (uint32_t i = 0; i < graph->device_count && !is_first; i++) {
        if (graph->devices[i].removed[0] == '\0')
            continue;
        sup_buffer_printf(out,
                          "%s{\"id\":\"0b000000-0000-4000-8000-%012x\",\"@removed\":{\"reason\":"
                          "\"%s\"}}",
                          before, i, graph->devices[i].removed);
        before = ",";
    }
    sup_buffer_add_str(out, "],\"@odata.deltaLink\":\"" ORIGIN
                            "/v1.0/devices/delta?$deltatoken=since\"}");
    return 200;
}

static void put_key(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_key *row = &graph->keys[index];
    if (index == 0 && graph->odd_key_row[0] != '\0') {
        sup_buffer_add_str(out, graph->odd_key_row);
        return;
    }
    sup_buffer_printf(out, "{\"id\":\"%s\",\"createdDateTime\":\"%s\",\"volumeType\":\"%s\"",
                      row->id, row->created, row->volume);
    if (row->device_id[0] != '\0')
        sup_buffer_printf(out, ",\"deviceId\":\"%s\"", row->device_id);
    sup_buffer_add_str(out, "}");
}

static void put_user(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_user *row = &graph->users[index];
    sup_buffer_printf(out, "{\"id\":\"%s\",\"displayName\":\"%s\",\"givenName\":\"%s\",", row->id,
                      row->name, row->first);
    sup_buffer_printf(out, "\"surname\":\"%s\",\"userPrincipalName\":\"%s\",\"mail\":\"%s\",",
                      row->last, row->sign_in, row->mail);
    sup_buffer_printf(out, "\"otherMails\":[],\"proxyAddresses\":[%s],\"accountEnabled\":%s,",
                      row->proxies, row->disabled ? "false" : "true");
    sup_buffer_printf(out, "\"userType\":\"%s\",\"assignedLicenses\":[%s]}",
                      row->guest ? "Guest" : "Member", row->licences);
}

void fake_graph_answer_licences(const fake_graph *graph, sup_buffer *out)
{
    sup_buffer_printf(
        out,
        "{\"value\":[{\"skuId\":\"" FAKE_SKU "\",\"skuPartNumber\":\"SPB\","
        "\"capabilityStatus\":\"Enabled\",\"servicePlans\":[{\"servicePlanId\":\"" FAKE_PLAN
        "\",\"servicePlanName\":\"%s\",\"provisioningStatus\":"
        "\"Success\"}]}]}",
        graph->no_plan ? "INTUNE_O365" : "INTUNE_A");
}

static bool is_listed(const fake_graph *graph, fake_route route, uint32_t index)
{
    if (route == FAKE_ROUTE_KEYS)
        return !graph->keys[index].gone;
    if (route == FAKE_ROUTE_USERS)
        return !graph->users[index].gone;
    const fake_device *device = &graph->devices[index];
    if (route == FAKE_ROUTE_DIRECTORY)
        return !device->not_in_entra && device->removed[0] == '\0';
    return !device->gone;
}

static uint32_t list_rows(const fake_graph *graph, fake_route route, uint32_t *out_rows)
{
    uint32_t count = 0;
    uint32_t total = route == FAKE_ROUTE_KEYS    ? graph->key_count
                     : route == FAKE_ROUTE_USERS ? graph->user_count
                                                 : graph->device_count;
    for (uint32_t i = 0; i < total; i++)
        if (is_listed(graph, route, i))
            out_rows[count++] = i;
    return count;
}

static uint32_t read_number(const char *text)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number;
}

void fake_graph_answer_page(const fake_graph *graph, fake_route route, const char *url,
                            sup_buffer *out)
{
    uint32_t rows[FAKE_GRAPH_KEYS];
    uint32_t count = list_rows(graph, route, rows);
    const char *mark = strstr(url, "skiptoken=");
    uint32_t start = mark != NULL ? read_number(mark + 10) : 0;
    bool empty = graph->empty_page && mark == NULL;
    uint32_t end = empty ? 0 : start + graph->page_size < count ? start + graph->page_size : count;
    uint32_t last = graph->duplicate_rows && end < count ? end + 1 : end;
    static const struct {
        const char *path;
        void (*put)(const fake_graph *graph, uint32_t index, sup_buffer *out);
    } lists[FAKE_ROUTE_COUNT] = {
        [FAKE_ROUTE_DEVICES] = {"/v1.0/deviceManagement/managedDevices", put_device},
        [FAKE_ROUTE_KEYS] = {"/v1.0/informationProtection/bitlocker/recoveryKeys", put_key},
        [FAKE_ROUTE_DIRECTORY] = {"/v1.0/devices", put_object},
        [FAKE_ROUTE_USERS] = {"/v1.0/users", put_user},
        [FAKE_ROUTE_REPORT] = {"/beta/deviceManagement/managedDeviceEncryptionStates", put_state},
    };
    sup_buffer_add_str(out, "{\"value\":[");
    for (uint32_t i = start; i < last; i++) {
        sup_buffer_add_str(out, i > start ? "," : "");
        lists[route].put(graph, rows[i], out);
    }
    sup_buffer_add_str(out, "]");
    if (end < count || graph->loop_pages || empty)
        sup_buffer_printf(out, ",\"@odata.nextLink\":\"%s%s?$skiptoken=%u&long=%0*d\"",
                          graph->foreign_link ? "https://evil.example" : ORIGIN, lists[route].path,
                          end < count ? end : 0, graph->long_link ? 9000 : 1, 0);
    sup_buffer_add_str(out, "}");
}

int32_t fake_graph_answer_secret(fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *id = strstr(url, "/recoveryKeys/") + 14;
    if (strstr(url, "?$select=key") == NULL)
        abort(); /* any other read would give no key, and still be audited */
    for (uint32_t i = 0; i < graph->key_count; i++) {
        fake_key *key = &graph->keys[i];
        if (strncmp(key->id, id, 36) != 0)
            continue;
        if (key->status != 0) {
            sup_buffer_add_str(out, "{\"error\":{\"code\":\"x\",\"message\":\"y\"}}");
            return key->status;
        }
        if (i == 0 && graph->odd_answer[0] != '\0' &&
            strstr(graph->odd_answer, key->password) == NULL) {
            sup_buffer_add_str(out, graph->odd_answer);
            return 200; /* audited by Microsoft, but it gave no secret */
        }
        key->reads++;
        graph->key_reads++;
        if (graph->on_secret != NULL)
            graph->on_secret(graph->context);
        graph->used++;
        if (i == 0 && graph->odd_answer[0] != '\0')
            sup_buffer_add_str(out, graph->odd_answer);
        else
            sup_buffer_printf(out, "{\"id\":\"%s\",\"key\":\"%s\"}", key->id, key->password);
        return 200;
    }
    return 404;
}

static bool is_managed_id(uint32_t index, const char *id)
{
    char own[40];
    (void)snprintf(own, sizeof own, "3a000000-0000-4000-8000-%012x", index);
    return strncmp(own, id, 36) == 0;
}

int32_t fake_graph_answer_addresses(const fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *id = strstr(url, "/managedDevices/") + 16;
    if (strstr(url, "ethernetMacAddress") == NULL)
        abort(); /* only who asks by name is told the wired address */
    uint32_t index = 0;
    while (index < graph->device_count && !is_managed_id(index, id))
        index++;
    if (index == graph->device_count)
        return 404;
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"%.36s\",\"ethernetMacAddress\":\"%s\",\"wiFiMacAddress\":\"%s\"}",
                      id, row->wired, row->wifi);
    return 200;
}
