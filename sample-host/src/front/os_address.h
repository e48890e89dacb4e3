/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket addresses from and to text. */
#ifndef FRONT_OS_ADDRESS_H
#define FRONT_OS_ADDRESS_H

#include "sample-host/src/base/host_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRONT_ADDRESS_TEXT_SIZE 48

struct sockaddr;

typedef struct front_socket_address {
    /* Room for any address, aligned for it. */
    _Alignas(16) unsigned char bytes[128];
    bool v6;
    bool loopback;
} front_socket_address;

/* Reads a numeric IPv4 or IPv6 address; no name is looked up. False for anything else. */
bool front_socket_address_parse(const char *text, uint16_t port, front_socket_address *out);
const struct sockaddr *front_socket_address_of(const front_socket_address *address);
/* Listens there; returns the descriptor, and the port that was taken, or -1 with err. */
int front_socket_address_listen(const front_socket_address *address, uint16_t *out_port,
                                host_error *err);
/* The numeric address without port, "" when it is of no known kind. */
void front_socket_address_text(const struct sockaddr *address, char out[FRONT_ADDRESS_TEXT_SIZE]);

#endif
