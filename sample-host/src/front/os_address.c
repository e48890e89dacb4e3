/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sample-host/src/front/os_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

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

static bool bind_to(int fd, const front_socket_address *address)
{
    int on = 1;
    socklen_t size = address->v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->v6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return bind(fd, front_socket_address_of(address), size) == 0 && listen(fd, BACKLOG) == 0;
}

/* The port stands in the same place in both kinds of address. */
static bool read_port(int fd, uint16_t *out)
{
    struct sockaddr_in6 bound = {0};
    socklen_t size = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)(void *)&bound, &size) != 0)
        return false;
    *out = ntohs(bound.sin6_port);
    return true;
}

int front_socket_address_listen(const front_socket_address *address, uint16_t *out_port,
                                host_error *err)
{
    int family = address->v6 ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind_to(fd, address) && read_port(fd, out_port))
        return fd;
    host_error_set(err, DPH_E_UNAVAILABLE, 0, "the server cannot listen: %s",
                   strerrordesc_np(errno));
    if (fd >= 0)
        close(fd);
    return -1;
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
