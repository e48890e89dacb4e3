/* SPDX-License-Identifier: Apache-2.0
 *
 * Scheme, host and port of an address, strictly: whether a link stays where the token may go, and
 * whether an address is one that we accept at all. Pure. */
#ifndef BKEY_ORIGIN_H
#define BKEY_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_ORIGIN_HOST_SIZE 254u /* a DNS name or a bracketed IPv6 address, and a zero byte */

typedef struct bkey_origin {
    char host[BKEY_ORIGIN_HOST_SIZE]; /* lower case; IPv6 with its brackets */
    uint16_t port;                    /* the scheme's default filled in */
    bool secure;                      /* https */
} bkey_origin;

/* Reads the origin of an absolute http or https address. False for anything else: user info, a
 * backslash, a space, control or non-ASCII characters anywhere, an empty or odd host, a bad port.
 */
bool bkey_origin_parse(const char *url, size_t len, bkey_origin *out);
bool bkey_origin_equal(const bkey_origin *a, const bkey_origin *b);
/* 127.0.0.0/8, [::1] or localhost. */
bool bkey_origin_is_loopback(const bkey_origin *origin);
/* https anywhere, http to loopback only. */
bool bkey_origin_is_allowed(const bkey_origin *origin);
/* An allowed address that is an origin alone: no path but an optional "/", no query, no fragment.
 * What a person gives as login or Graph address. */
bool bkey_origin_is_base(const char *url, size_t len);
/* True when `link` has exactly the origin of `base`, which is an address too. */
bool bkey_origin_same(const char *base, const char *link, size_t link_len);

#endif
