/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.http-policy/1: how a plugin reaches the outside: proxy, trusted authorities, TLS floor, cap
 * on bodies. Optional: without it a plugin goes straight, trusts the system's authorities and takes
 * TLS 1.2 or better. A plugin asks nothing else, in particular not the environment. */
#ifndef DPH_SERVICE_HTTP_POLICY_H
#define DPH_SERVICE_HTTP_POLICY_H

#include "dph/plugin.h"

#define DPH_HTTP_POLICY_ID "dph.http-policy/1"

/* Numbers of the TLS record layer (RFC 8446, section 4.2.1). */
#define DPH_HTTP_TLS_1_2 0x0303u
#define DPH_HTTP_TLS_1_3 0x0304u

#define DPH_HTTP_TEXT_MAX 4095u /* bytes of each text below */
#define DPH_HTTP_LOGIN_MAX 511u /* bytes of proxy_login */

/* Made by the host from its administrator's settings. All that it points to lives until the sink
 * returns; no text holds a zero byte. */
typedef struct dph_http_policy {
    uint32_t struct_size; /* bytes */
    uint32_t tls_min;     /* DPH_HTTP_TLS_*: the oldest version that is accepted */
    uint64_t max_body;    /* most bytes of one response body, unpacked; 0 = the plugin's own caps */
    /* http://HOST:PORT or https://HOST:PORT, nothing else; empty = go straight. Only encrypted
     * requests go through it, by CONNECT: a proxy never sees one in clear. */
    dph_str proxy;
    /* Absolute path of a file with authorities in PEM, which are trusted in place of the system's,
     * for servers and for an https proxy; empty = the system's. Read by the plugin. */
    dph_str ca_file;
    /* [secret] USER:PASSWORD for the proxy, printable ASCII; empty = none. The plugin copies it to
     * wiped memory and never logs it. */
    dph_bytes proxy_login;
} dph_http_policy;

typedef struct dph_http_policy_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* Called once, before get returns. What it answers is get's result. */
    dph_status(DPH_CALL *take)(void *context, const dph_http_policy *policy);
} dph_http_policy_sink;

typedef struct dph_http_policy_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] The policy as it is now. A plugin asks before each piece of network work, at the latest
     * at the next tick, and holds what it got for that piece. May block for the host's store and
     * disk, never for the network. Errors: INVALID (no sink), UNAVAILABLE (a setting cannot be
     * used, with a sentence that says which: the plugin then sends nothing), those of the sink. */
    dph_status(DPH_CALL *get)(const dph_host *host, const dph_call *call,
                              const dph_http_policy_sink *sink, dph_error *err);
} dph_http_policy_v1;

#endif
