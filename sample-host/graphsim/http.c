/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers under construction. Must not know who asked for what. */
#include "http.h"

#include <stdio.h>

void sim_http_init(sim_response *response)
{
    response->delay_ms = 0;
    response->ending = SIM_ENDING_WHOLE;
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

const char *sim_http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } table[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status)
            return table[i].reason;
    return "Status";
}
