/* SPDX-License-Identifier: Apache-2.0
 *
 * Every way in which Microsoft's services were seen to say the same thing: whatever the dialect,
 * the key ends up held and shown, or waits without harm. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_cases.h"

#define OS "operatingSystemVolume"

static fake_key *add_one(sync_world *w)
{
    return fake_graph_add_key(w->graph, sync_world_device(w, "PC-1", "SER-1", "org-a"), OS, 10);
}

static const fake_record *record(const sync_world *w, uint32_t index)
{
    return sync_world_record(w, &w->graph->keys[index]);
}

static bool is_shown_as(const sync_world *w, const sync_run *run, const char *data)
{
    const fake_record *row = record(w, 0);
    return IS(run->result.created == 1) && IS(run->result.failed == 0) && IS(row != NULL) &&
           IS(strcmp(row->title, "PC-1") == 0) && IS(strcmp(row->tag, "current") == 0) &&
           IS(!row->archived) && IS(strcmp(row->data, data) == 0) && IS(w->graph->key_reads == 1) &&
           IS(sync_world_state(w, 'S') == 1);
}

static bool check_os(const sync_world *w, const sync_run *run)
{
    return is_shown_as(w, run, "v=os");
}

static bool check_fixed(const sync_world *w, const sync_run *run)
{
    return is_shown_as(w, run, "v=fixed");
}

static bool check_unknown(const sync_world *w, const sync_run *run)
{
    return is_shown_as(w, run, "v=unknown");
}

/* Held and findable, in nobody's folder. */
static bool check_waiting(const sync_world *w, const sync_run *run)
{
    return IS(run->result.unmatched == 1) && IS(run->result.failed == 0) &&
           IS(w->store->record_count == 0) && IS(sync_world_state(w, 'S') == 1) &&
           IS(w->graph->key_reads == 1);
}

static bool check_unread(const sync_world *w, const sync_run *run)
{
    return IS(run->result.failed == 1) && IS(run->result.created == 0) &&
           IS(w->store->record_count == 0) && IS(sync_world_state(w, 'S') == 0);
}

/* ---- the listings: the argument is the whole row ---- */

static void prepare_key_row(sync_world *w)
{
    (void)add_one(w);
    (void)snprintf(w->graph->odd_key_row, sizeof w->graph->odd_key_row, "%s", w->argument);
}

static void prepare_device_row(sync_world *w)
{
    (void)add_one(w);
    (void)snprintf(w->graph->odd_device_row, sizeof w->graph->odd_device_row, "%s", w->argument);
}

static void prepare_extra_device_row(sync_world *w)
{
    (void)add_one(w);
    (void)sync_world_device(w, "PC-2", "SER-2", NULL);
    w->graph->odd_device = 1;
    (void)snprintf(w->graph->odd_device_row, sizeof w->graph->odd_device_row, "%s", w->argument);
}

static void prepare_long_links(sync_world *w)
{
    (void)add_one(w);
    (void)fake_graph_add_device(w->graph, "PC-2", "");
    w->graph->page_size = 1;
    w->graph->long_link = true;
}

/* ---- the reading of a key: the argument is the whole answer, with @ for the password ---- */

static void prepare_answer(sync_world *w)
{
    fake_key *key = add_one(w);
    const char *at = strrchr(w->argument, '@');
    int len = at != NULL ? (int)(at - w->argument) : (int)strlen(w->argument);
    (void)snprintf(w->graph->odd_answer, sizeof w->graph->odd_answer, "%.*s%s%s", len, w->argument,
                   at != NULL ? key->password : "", at != NULL ? at + 1 : "");
}

/* ---- tokens: the argument is what follows the access token ---- */

static void prepare_token(sync_world *w)
{
    (void)add_one(w);
    (void)snprintf(w->graph->token_answer, sizeof w->graph->token_answer, "%s", w->argument);
}

static void prepare_opaque(sync_world *w)
{
    (void)add_one(w);
    w->graph->opaque = true;
}

static void prepare_scopes(sync_world *w)
{
    (void)add_one(w);
    (void)snprintf(w->graph->scopes, sizeof w->graph->scopes, "%s", w->argument);
}

/* ---- trouble that passes: the argument is the body of the answer ---- */

static void prepare_passing(sync_world *w, const fake_graph_fault *fault)
{
    fake_graph_fault copy = *fault;
    (void)add_one(w);
    if (w->argument != NULL)
        (void)snprintf(copy.body, sizeof copy.body, "%s", w->argument);
    fake_graph_add_fault(w->graph, &copy);
}

static void prepare_throttled_devices(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_DEVICES, 0, 2, 429, 7000, ""});
}

static void prepare_throttled_keys(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_KEYS, 0, 2, 429, -1, ""});
}

static void prepare_unavailable(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_KEYS, 0, 1, 503, 1000, ""});
}

static void prepare_gateway(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_DEVICES, 0, 3, 504, -1, ""});
}

static void prepare_broken_line(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_KEYS, 0, 2, 0, -1, ""});
}

static void prepare_token_fault(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_TOKEN, 0, 1, 503, -1, ""});
}

static void prepare_token_throttled(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_TOKEN, 0, 2, 429, 3000, ""});
}

static void prepare_token_refused_once(sync_world *w)
{
    prepare_passing(w, &(fake_graph_fault){FAKE_ROUTE_DEVICES, 0, 1, 401, -1, ""});
}

/* S2.2 S3.38 S3.39 S3.43 */
static const sync_case cases[] = {
    {.name = "volume type as a digit in a string",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument =
         "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-11T07:42:"
         "19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":\"1\"}"},
    {.name = "volume type as a number",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument =
         "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-11T07:42:"
         "19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":1}"},
    {.name = "volume type in capitals",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"OPERATINGSYSTEMVOLUME\"}"},
    {.name = "volume type as the number of a data volume",
     .prepare = prepare_key_row,
     .check = check_fixed,
     .argument =
         "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-11T07:42:"
         "19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":2}"},
    {.name = "volume type null",
     .prepare = prepare_key_row,
     .check = check_unknown,
     .argument =
         "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-11T07:42:"
         "19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":null}"},
    {.name = "volume type of the future",
     .prepare = prepare_key_row,
     .check = check_unknown,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"unknownFutureValue\"}"},
    {.name = "volume type of a type we do not expect",
     .prepare = prepare_key_row,
     .check = check_unknown,
     .argument =
         "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-11T07:42:"
         "19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":{\"a\":[1]}}"},
    {.name = "no volume type at all",
     .prepare = prepare_key_row,
     .check = check_unknown,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\"}"},
    {.name = "identifiers in capitals",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"CE000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"DE000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a date with seven digits of a fraction",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19.1204417Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a date with an offset",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T17:02:10.4412345-08:00\",\"deviceId\":\"de000000-0000-4000-8000-"
                 "000000000001\",\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a date that is not set",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"0001-01-"
                 "01T00:00:00Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a date that is none",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":"
                 "\"yesterday\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "annotations and unknown properties",
     .prepare = prepare_key_row,
     .check = check_os,
     .argument = "{\"@odata.type\":\"#x\",\"id\":\"ce000000-0000-4000-8000-000000000001\","
                 "\"createdDateTime\":\"2026-03-11T07:42:19Z\",\"key\":null,\"more\":{\"a\":[]},"
                 "\"deviceId\":\"de000000-0000-4000-8000-000000000001\",\"volumeType\":"
                 "\"operatingSystemVolume\"}"},
    {.name = "a key of no device",
     .prepare = prepare_key_row,
     .check = check_waiting,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":null,\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a key of an unknown device",
     .prepare = prepare_key_row,
     .check = check_waiting,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-8000-00000000ffff\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a key of the zero device",
     .prepare = prepare_key_row,
     .check = check_waiting,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"00000000-0000-0000-0000-000000000000\","
                 "\"volumeType\":\"operatingSystemVolume\"}"},
    {.name = "a device id in capitals",
     .prepare = prepare_device_row,
     .check = check_os,
     .argument = "{\"id\":\"m0\",\"azureADDeviceId\":\"DE000000-0000-4000-8000-000000000001\","
                 "\"deviceName\":\"PC-1\",\"serialNumber\":\"SER-1\"}"},
    {.name = "a serial number in lower case and with blanks",
     .prepare = prepare_device_row,
     .check = check_os,
     .argument = "{\"id\":\"m0\",\"azureADDeviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"deviceName\":\"PC-1\",\"serialNumber\":\" ser-1 \"}"},
    {.name = "a device with nulls everywhere else",
     .prepare = prepare_device_row,
     .check = check_os,
     .argument = "{\"id\":\"m0\",\"azureADDeviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"deviceName\":\"PC-1\",\"serialNumber\":\"SER-1\",\"userId\":null,"
                 "\"azureADRegistered\":null,\"lastSyncDateTime\":null}"},
    {.name = "a device without a directory identity",
     .prepare = prepare_extra_device_row,
     .check = check_os,
     .argument = "{\"id\":\"m9\",\"azureADDeviceId\":\"00000000-0000-0000-0000-000000000000\","
                 "\"deviceName\":\"PC-1\",\"serialNumber\":\"SER-1\"}"},
    {.name = "the same device twice in the inventory",
     .prepare = prepare_extra_device_row,
     .check = check_os,
     .argument = "{\"id\":\"m9\",\"azureADDeviceId\":\"de000000-0000-4000-8000-000000000001\","
                 "\"deviceName\":\"PC-1\",\"serialNumber\":\"SER-1\"}"},
    {.name = "links of nine thousand characters", .prepare = prepare_long_links, .check = check_os},
    {.name = "a key wrapped under value",
     .prepare = prepare_answer,
     .check = check_os,
     .argument = "{\"value\":{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"key\":\"@\"}}"},
    {.name = "a key alone",
     .prepare = prepare_answer,
     .check = check_os,
     .argument = "{\"key\":\"@\"}"},
    {.name = "a key with its metadata",
     .prepare = prepare_answer,
     .check = check_os,
     .argument = "{\"@odata.context\":\"x\",\"id\":\"ce000000-0000-4000-8000-000000000001\","
                 "\"createdDateTime\":\"2026-03-11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-"
                 "8000-000000000001\",\"volumeType\":\"operatingSystemVolume\",\"key\":\"@\"}"},
    {.name = "a key with an id in capitals",
     .prepare = prepare_answer,
     .check = check_os,
     .argument = "{\"id\":\"CE000000-0000-4000-8000-000000000001\",\"key\":\"@\"}"},
    {.name = "an empty key",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"key\":\"\"}"},
    {.name = "a blank key",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"key\":\"   \"}"},
    {.name = "a key that is null",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"key\":null}"},
    {.name = "an answer without a key",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"createdDateTime\":\"2026-03-"
                 "11T07:42:19Z\",\"deviceId\":\"de000000-0000-4000-8000-000000000001\"}"},
    {.name = "another key's answer",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-00000000ffff\",\"key\":\"000011-000022-000033-"
                 "000044-000055-000066-000077-000088\"}"},
    {.name = "an answer that ends in the middle",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "{\"id\":\"ce000000-0000-4000-8000-000000000001\",\"ke"},
    {.name = "a page of a proxy in place of a key",
     .prepare = prepare_answer,
     .check = check_unread,
     .unread = 1,
     .argument = "<html><body>Sign in</body></html>"},
    {.name = "seconds of a token's life as text",
     .prepare = prepare_token,
     .check = check_os,
     .argument = ",\"expires_in\":\"3599\"}"},
    {.name = "no life of a token at all",
     .prepare = prepare_token,
     .check = check_os,
     .argument = "}"},
    {.name = "a token answer without a refresh token",
     .prepare = prepare_token,
     .check = check_os,
     .argument = ",\"expires_in\":3599,\"scope\":\"x\"}"},
    {.name = "a token that cannot be looked into", .prepare = prepare_opaque, .check = check_os},
    {.name = "scopes with the address of Graph",
     .prepare = prepare_scopes,
     .check = check_os,
     .argument = "https://graph.microsoft.com/DeviceManagementManagedDevices.Read.All "
                 "https://graph.microsoft.com/BitlockerKey.Read.All"},
    {.name = "stronger permissions than needed",
     .prepare = prepare_scopes,
     .check = check_os,
     .argument =
         "DeviceManagementManagedDevices.ReadWrite.All BitlockerKey.Read.All openid profile"},
    {.name = "the listing of devices is throttled",
     .prepare = prepare_throttled_devices,
     .check = check_os,
     .argument = "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"x\"}}"},
    {.name = "the listing of keys is throttled without a time",
     .prepare = prepare_throttled_keys,
     .check = check_os,
     .argument = "{\"error\":{\"code\":\"TooManyRequests\"}}"},
    {.name = "the service is unavailable once",
     .prepare = prepare_unavailable,
     .check = check_os,
     .argument = "<html>Service Unavailable</html>"},
    {.name = "a gateway gives up three times",
     .prepare = prepare_gateway,
     .check = check_os,
     .argument = ""},
    {.name = "the line breaks twice", .prepare = prepare_broken_line, .check = check_os},
    {.name = "the sign-in service fails once",
     .prepare = prepare_token_fault,
     .check = check_os,
     .argument = "{\"error\":\"temporarily_unavailable\",\"error_description\":\"AADSTS90033: "
                 "x\",\"error_codes\":[90033]}"},
    {.name = "the sign-in service throttles",
     .prepare = prepare_token_throttled,
     .check = check_os,
     .argument = "{\"error\":\"invalid_request\",\"error_codes\":[90055]}"},
    {.name = "a fresh token is refused once",
     .prepare = prepare_token_refused_once,
     .check = check_os,
     .argument = "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"x\"}}"},
};

const sync_case_list sync_cases_dialects = SYNC_CASE_LIST(cases);
