/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers under construction. Must not know who asked for what. */
#include "http.h"

#include <stdio.h>
#include <string.h>

void sim_http_init(sim_response *response)
{
    response->delay_ms = 0;
    response->ending = SIM_ENDING_WHOLE;
    response->chunked = false;
    sup_buffer_init(&response->body, SIM_HTTP_BODY_MAX);
    sim_http_restart(response);
}

void sim_http_done(sim_response *response)
{
    sup_buffer_done(&response->body);
}

void sim_http_restart(sim_response *response)
{
    response->status = 200;
    response->content_type = "application/json; charset=utf-8";
    response->header_count = 0;
    sup_buffer_reset(&response->body);
}

void sim_http_header(sim_response *response, const char *name, const char *value)
{
    if (response->header_count == SIM_HTTP_HEADERS_MAX)
        return;
    sim_header *header = &response->headers[response->header_count++];
    header->name = name;
    (void)snprintf(header->value, sizeof header->value, "%s", value);
}

const char *sim_http_find(const sim_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    return NULL;
}

void sim_http_drop(sim_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            response->headers[i--] = response->headers[--response->header_count];
}

const char *sim_http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } table[] = {
        {200, "OK"},
        {204, "No Content"},
        {302, "Found"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {409, "Conflict"},
        {410, "Gone"},
        {424, "Failed Dependency"},
        {405, "Method Not Allowed"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {509, "Bandwidth Limit Exceeded"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status)
            return table[i].reason;
    return "Status";
}
