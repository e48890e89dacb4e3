/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/address.h"

#include <stdio.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name(const char *text, size_t len, const char *name)
{
    size_t i = 0;
    while (i < len && name[i] != '\0' && lower(text[i]) == lower(name[i]))
        i++;
    return i == len && name[i] == '\0';
}

static bool is_port(const front_address *address, const char *text)
{
    char port[8];
    (void)snprintf(port, sizeof port, ":%u", (unsigned)address->port);
    if (text[0] == '\0')
        return address->port == (address->tls ? 443 : 80);
    return strcmp(text, port) == 0;
}

static bool is_known(const front_address *address, const char *name, size_t len)
{
    if (is_name(name, len, address->bound) || is_name(name, len, "localhost"))
        return true;
    if (address->loopback && (is_name(name, len, "127.0.0.1") || is_name(name, len, "::1")))
        return true;
    for (size_t i = 0; address->names != NULL && address->names[i] != NULL; i++) {
        if (is_name(name, len, address->names[i]))
            return true;
    }
    return false;
}

bool front_address_host_ok(const front_address *address, const char *host)
{
    if (host == NULL)
        return false;
    if (host[0] == '[') {
        const char *end = strchr(host, ']');
        return end != NULL && is_port(address, end + 1) &&
               memchr(host, ':', (size_t)(end - host)) != NULL &&
               is_known(address, host + 1, (size_t)(end - host - 1));
    }
    size_t len = strcspn(host, ":");
    return len > 0 && is_port(address, host + len) && is_known(address, host, len);
}

bool front_address_origin_ok(const front_address *address, const char *origin)
{
    if (origin == NULL)
        return true;
    const char *scheme = address->tls ? "https://" : "http://";
    size_t len = strlen(scheme);
    return strncmp(origin, scheme, len) == 0 && front_address_host_ok(address, origin + len);
}
