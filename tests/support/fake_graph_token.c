/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tenant in a struct answers to a sign-in: tokens and device codes. */
#include "tests/support/fake_graph_inner.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define USUAL_SCOPES "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All"

static void answer_token(fake_graph *graph, sup_buffer *out)
{
    char payload[700];
    char encoded[1000];
    const char *scopes = graph->scopes[0] != '\0' ? graph->scopes : USUAL_SCOPES;
    graph->token_number++;
    graph->used = 0;
    if (graph->application)
        (void)snprintf(payload, sizeof payload,
                       "{\"tid\":\"%s\",\"idtyp\":\"app\",\"roles\":[\"DeviceManagementManaged"
                       "Devices.Read.All\",\"BitlockerKey.Read.All\"],\"n\":%u}",
                       graph->tenant, graph->token_number);
    else
        (void)snprintf(payload, sizeof payload, "{\"tid\":\"%s\",\"scp\":\"%s\",\"n\":%u}",
                       graph->tenant, scopes, graph->token_number);
    (void)sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)payload,
                            strlen(payload), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sup_buffer_printf(out, "{\"token_type\":\"Bearer\",\"access_token\":\"%s%s.sig%u\"",
                      graph->opaque ? "" : "e30.", encoded, graph->token_number);
    if (graph->token_answer[0] != '\0') {
        sup_buffer_add_str(out, graph->token_answer);
        return;
    }
    if (graph->renews)
        sup_buffer_printf(out, ",\"refresh_token\":\"renewed-%u\"", graph->token_number);
    sup_buffer_add_str(out, ",\"expires_in\":3600}");
}

static void answer_device_code(fake_graph *graph, sup_buffer *out)
{
    graph->device_used = false;
    graph->device_codes++;
    sup_buffer_printf(out,
                      "{\"user_code\":\"USER-%u\",\"device_code\":\"device-%u\","
                      "\"verification_uri\":\"https://login.example/device\","
                      "\"expires_in\":900,\"interval\":5,\"message\":\"Go there.\"}",
                      graph->device_codes, graph->device_codes);
}

/* A device code, or one from the page, is good for one token. */
static int32_t answer_poll(fake_graph *graph, sup_buffer *out)
{
    const char *word = graph->device_used ? "invalid_grant" : graph->device_answer;
    if (word[0] != '\0') {
        sup_buffer_printf(out, "{\"error\":\"%s\"}", word);
        return 400;
    }
    bool renews = graph->renews;
    graph->device_used = true;
    graph->renews = true;
    answer_token(graph, out);
    graph->renews = renews;
    return 200;
}

int32_t fake_graph_answer_token(fake_graph *graph, const char *url, bool is_poll, sup_buffer *out)
{
    if (is_poll)
        return answer_poll(graph, out);
    if (strstr(url, "/devicecode") != NULL)
        answer_device_code(graph, out);
    else
        answer_token(graph, out);
    return 200;
}
