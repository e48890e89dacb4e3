/* SPDX-License-Identifier: Apache-2.0
 *
 * How plugins may reach the outside, as the administrator set it: proxy, its login, authorities,
 * TLS floor, cap on bodies. Settings of the host's own; must not know any plugin. */
#ifndef HOST_NETWORK_H
#define HOST_NETWORK_H

#include "sample-host/src/host.h"

/* What holds now. All zero = nothing. */
typedef struct host_network {
    char proxy[1024];
    char ca_file[PATH_MAX];
    host_secret login; /* USER:PASSWORD, len 0 = none */
    uint32_t tls_min;  /* DPH_HTTP_TLS_* */
    uint64_t max_body; /* bytes; 0 = no cap */
} host_network;

/* Makes h->own, in which the host's own settings have the shape of a plugin's. */
bool host_network_open(host *h, host_error *err);
void host_network_close(host *h);
/* Whether a canonical value of one of these settings can be used: files are there and hold what
 * they should. INVALID, UNAVAILABLE, DENIED. True for keys that are none of them. */
bool host_network_check(const char *key, const char *value, host_error *err);
/* Reads the settings and the login's file. UNAVAILABLE with the setting's name when one cannot be
 * used. *out is ended by the caller. */
bool host_network_load(const host *h, host_network *out, host_error *err);
/* Wipes. NULL-safe. */
void host_network_done(host_network *network);

#endif
