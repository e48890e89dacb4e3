/* SPDX-License-Identifier: Apache-2.0
 *
 * See origin.h. Stricter than RFC 3986 on purpose: two readers of one odd address may disagree on
 * its host, so an odd address is refused. */
#include "graph/origin.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    char small = lower(c);
    return is_digit(c) || (small >= 'a' && small <= 'z') || c == '-' || c == '.' || c == '_';
}

static bool is_address_char(char c)
{
    char small = lower(c);
    return is_digit(c) || (small >= 'a' && small <= 'f') || c == ':' || c == '.';
}

/* Printable ASCII without the characters that readers of addresses treat differently. */
static bool is_plain(const char *url, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (url[i] <= ' ' || url[i] > '~' || url[i] == '\\')
            return false;
    return true;
}

static bool has_prefix(const char *text, size_t len, const char *prefix)
{
    size_t want = strlen(prefix);
    if (len < want)
        return false;
    for (size_t i = 0; i < want; i++)
        if (lower(text[i]) != prefix[i])
            return false;
    return true;
}

/* Digits after the colon. No digits at all are refused too. */
static bool read_port(const char *text, size_t len, uint16_t *out)
{
    uint32_t port = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > 65535)
        return false;
    *out = (uint16_t)port;
    return true;
}

static size_t host_len(const char *text, size_t len)
{
    size_t at = 0;
    if (len > 0 && text[0] == '[') {
        for (at = 1; at < len && text[at] != ']'; at++)
            if (!is_address_char(text[at]))
                return 0;
        return at < len && at > 2 ? at + 1 : 0;
    }
    while (at < len && is_name_char(text[at]))
        at++;
    if (at > 0 && (text[0] == '.' || text[0] == '-' || text[at - 1] == '.'))
        return 0;
    return at;
}

bool bkey_origin_parse(const char *url, size_t len, bkey_origin *out)
{
    bkey_origin origin = {.port = 443, .secure = true};
    size_t at = 8;
    if (!is_plain(url, len))
        return false;
    if (has_prefix(url, len, "http://")) {
        origin = (bkey_origin){.port = 80, .secure = false};
        at = 7;
    } else if (!has_prefix(url, len, "https://")) {
        return false;
    }
    size_t end = at;
    while (end < len && url[end] != '/' && url[end] != '?' && url[end] != '#')
        end++;
    size_t host = host_len(url + at, end - at);
    if (host == 0 || host >= BKEY_ORIGIN_HOST_SIZE)
        return false;
    for (size_t i = 0; i < host; i++)
        origin.host[i] = lower(url[at + i]);
    at += host;
    if (at < end && (url[at] != ':' || !read_port(url + at + 1, end - at - 1, &origin.port)))
        return false;
    *out = origin;
    return true;
}

bool bkey_origin_equal(const bkey_origin *a, const bkey_origin *b)
{
    return a->secure == b->secure && a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool is_loopback_number(const char *host)
{
    unsigned parts = 0;
    unsigned digits = 0;
    unsigned value = 0;
    for (const char *at = host;; at++) {
        if (is_digit(*at) && digits < 3) {
            value = value * 10 + (unsigned)(*at - '0');
            digits++;
            continue;
        }
        if (digits == 0 || value > 255 || (parts == 0 && value != 127))
            return false;
        parts++;
        if (*at == '\0')
            return parts == 4;
        if (*at != '.')
            return false;
        digits = 0;
        value = 0;
    }
}

bool bkey_origin_is_loopback(const bkey_origin *origin)
{
    return strcmp(origin->host, "localhost") == 0 || strcmp(origin->host, "[::1]") == 0 ||
           is_loopback_number(origin->host);
}

bool bkey_origin_is_allowed(const bkey_origin *origin)
{
    return origin->secure || bkey_origin_is_loopback(origin);
}

bool bkey_origin_is_base(const char *url, size_t len)
{
    bkey_origin origin;
    if (!bkey_origin_parse(url, len, &origin) || !bkey_origin_is_allowed(&origin))
        return false;
    size_t at = origin.secure ? 8 : 7;
    while (at < len && url[at] != '/' && url[at] != '?' && url[at] != '#')
        at++;
    return at == len || (url[at] == '/' && at + 1 == len);
}

bool bkey_origin_same(const char *base, const char *link, size_t link_len)
{
    bkey_origin mine;
    bkey_origin theirs;
    return bkey_origin_parse(base, strlen(base), &mine) &&
           bkey_origin_parse(link, link_len, &theirs) && bkey_origin_equal(&mine, &theirs);
}
