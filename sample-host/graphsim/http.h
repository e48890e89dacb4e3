/* SPDX-License-Identifier: Apache-2.0
 *
 * A request and its answer, free of any server library. */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include "support/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_HTTP_HEADERS_MAX 16
#define SIM_HTTP_VALUE_SIZE 1536
#define SIM_HTTP_BODY_MAX (256U * 1024 * 1024)

/* All texts end in a zero byte and live as long as the request; NULL = header absent. */
typedef struct sim_request {
    const char *method;
    const char *target; /* path and query as sent */
    const char *scheme; /* http or https */
    const char *host;   /* with port */
    const char *authorization;
    const char *user_agent;
    const char *client_request_id;
    const char *accept_encoding;
    const char *body;
    size_t body_len;
    bool batched;     /* an item of a batch */
    uint32_t version; /* of HTTP: 0x101, 0x200 */
} sim_request;

/* What the connection does with the answer. */
typedef enum sim_ending {
    SIM_ENDING_WHOLE,
    SIM_ENDING_CUT,   /* half of the body, then the connection (or stream) breaks */
    SIM_ENDING_CLOSE, /* whole, then an HTTP/1.1 connection ends */
    SIM_ENDING_RESET  /* nothing, the connection (or stream) is reset */
} sim_ending;

typedef struct sim_header {
    const char *name; /* static, lower case */
    char value[SIM_HTTP_VALUE_SIZE];
} sim_header;

typedef struct sim_response {
    int status;
    const char *content_type; /* static */
    sup_buffer body;
    sim_header headers[SIM_HTTP_HEADERS_MAX];
    size_t header_count;
    uint64_t delay_ms;
    sim_ending ending;
    bool chunked;
    bool go_away; /* HTTP/2 connections take no new request after it */
} sim_response;

void sim_http_init(sim_response *response);
void sim_http_done(sim_response *response);
/* Empties status, body and headers, and keeps delay and ending. */
void sim_http_restart(sim_response *response);
/* Sets a header, cutting the value to SIM_HTTP_VALUE_SIZE - 1 bytes; one too many is left out. */
void sim_http_header(sim_response *response, const char *name, const char *value);
/* The value of a header that was set, NULL when it was not. */
const char *sim_http_find(const sim_response *response, const char *name);
/* Takes a header away. */
void sim_http_drop(sim_response *response, const char *name);
/* The standard phrase of a status code. */
const char *sim_http_reason(int status);

#endif
