/* SPDX-License-Identifier: Apache-2.0
 *
 * One request of the transport on a reusable curl handle: options, headers, result. For
 * transport.c alone. */
#ifndef BKEY_TRANSPORT_REQUEST_H
#define BKEY_TRANSPORT_REQUEST_H

#include <curl/curl.h>

#include "graph/challenge.h"
#include "graph/transport.h"
#include "graph/transport_reply.h"
#include "support/guid.h"

#define BKEY_TRANSPORT_ID_HEADER "client-request-id: "

typedef struct bkey_transport_request {
    struct bkey_transport_request *next; /* in the list of idle or of finished ones */
    CURL *easy;                          /* NULL until first used */
    bool running;                        /* in the multi handle */
    bool has_bearer;                     /* curl holds a copy of the token */
    bool has_body;                       /* body_in is to be ended */
    bool has_form;                       /* curl has something to post */
    bkey_secret *posted;                 /* borrowed until the end */
    int64_t retry_after_ms;              /* -1 = none in seconds */
    int64_t retry_at_s;                  /* Retry-After as a date, 0 = none */
    int64_t date_s;                      /* the reply's own Date, 0 = none */
    bool challenged;                     /* `challenge` holds what a header asked for */
    char challenge[BKEY_CHALLENGE_SIZE];
    bool through_proxy;
    bool secure_proxy;
    char said[CURL_ERROR_SIZE]; /* curl's words on a failure; never shown */
    bkey_transport_body body_in;
    bkey_net_reply reply;
    /* Header lines: the first names this request, the others never change. */
    char id_line[sizeof BKEY_TRANSPORT_ID_HEADER + SUP_GUID_TEXT_LEN];
    struct curl_slist lines[4];
} bkey_transport_request;

typedef struct bkey_transport {
    bkey_net net;
    CURLM *multi;
    bkey_transport_request *requests;
    uint32_t request_count;
    uint32_t under_way; /* submitted, not yet given by next */
    uint32_t timeout_ms;
    long connections; /* most to one host */
    bkey_transport_request *idle;
    bkey_transport_request *done_first;
    bkey_transport_request *done_last;
    bkey_transport_arena keys;
    bkey_transport_arena tokens;
    bkey_transport_arena batches; /* made when first used */
    char *ca_file;
    char *proxy;
    char *proxy_login;              /* the whole header in guarded memory, NULL = none */
    struct curl_slist proxy_header; /* laid over it */
    long tls_min;                   /* CURL_SSLVERSION_* */
    size_t max_body;                /* 0 = as each request says */
    char *agent;
} bkey_transport;

/* Prepares the handle. On failure nothing is held. */
BKEY_MUST_CHECK bkey_err bkey_transport_request_begin(bkey_transport *transport,
                                                      bkey_transport_request *request,
                                                      const bkey_net_request *wanted, bool secure);
/* Makes a reply of a refusal that needed no network. */
void bkey_transport_request_refuse(bkey_transport_request *request, const bkey_net_request *wanted,
                                   uint32_t reason);
/* Makes the reply of a finished transfer. */
void bkey_transport_request_finish(bkey_transport_request *request, CURLcode result);
/* Wipes what came, returns what was borrowed; the handle stays for the next request. */
void bkey_transport_request_end(bkey_transport_request *request);
/* Frees the handle. */
void bkey_transport_request_done(bkey_transport_request *request);

#endif
