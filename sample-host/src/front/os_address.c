/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "sample-host/src/front/os_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(sizeof(struct sockaddr_in6) <= sizeof((front_socket_address *)0)->bytes,
               "an address fits");

bool front_socket_address_parse(const char *text, uint16_t port, front_socket_address *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    front_socket_address made = {.v6 = false};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(made.bytes, &v4, sizeof v4);
        made.loopback = ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        memcpy(made.bytes, &v6, sizeof v6);
        made.loopback = memcmp(&v6.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
        made.v6 = true;
    } else {
        return false;
    }
    *out = made;
    return true;
}

const struct sockaddr *front_socket_address_of(const front_socket_address *address)
{
    return (const struct sockaddr *)(const void *)address->bytes;
}

void front_socket_address_text(const struct sockaddr *address, char out[FRONT_ADDRESS_TEXT_SIZE])
{
    const void *bytes = address;
    const void *number = NULL;
    if (address != NULL && address->sa_family == AF_INET)
        number = &((const struct sockaddr_in *)bytes)->sin_addr;
    else if (address != NULL && address->sa_family == AF_INET6)
        number = &((const struct sockaddr_in6 *)bytes)->sin6_addr;
    if (number == NULL ||
        inet_ntop(address->sa_family, number, out, FRONT_ADDRESS_TEXT_SIZE) == NULL)
        out[0] = '\0';
}
