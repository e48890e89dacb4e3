/* SPDX-License-Identifier: Apache-2.0
 *
 * Which Host and Origin headers a server answers to. A page of another site that has its own name
 * point at this machine (DNS rebinding) is refused by them. Pure. */
#ifndef FRONT_ADDRESS_H
#define FRONT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct front_address {
    const char *bound; /* the numeric address bound to, without brackets */
    bool loopback;     /* `bound` is one that only this machine reaches */
    bool tls;
    uint16_t port;
    const char *const *names; /* further host names, terminated by NULL; may be NULL */
} front_address;

/* True when a Host header names this server: the bound address, one of the names, or localhost
 * (any loopback spelling when bound to loopback), with the port unless it is the scheme's own. NULL
 * is refused. */
bool front_address_host_ok(const front_address *address, const char *host);
/* True when an Origin header is this server itself: same scheme and a Host as above. NULL (not
 * sent) is fine, "null" is not. */
bool front_address_origin_ok(const front_address *address, const char *origin);

#endif
