/* SPDX-License-Identifier: Apache-2.0
 *
 * Shamir's secret sharing over GF(256), one polynomial per byte: any k of n shares give the secret
 * back, fewer tell nothing. Constant time in the secret. Pure but for the random numbers; knows
 * neither files nor what the secret is for. */
#ifndef HOST_SHARES_H
#define HOST_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_SHARES_SECRET_LEN 32u
#define HOST_SHARES_MAX 255u
#define HOST_SHARES_THRESHOLD_MIN 2u

typedef struct host_share {
    uint8_t id[16];    /* of the backup that all of a set belong to */
    uint8_t index;     /* 1..count; the point at which the polynomials were taken */
    uint8_t count;     /* shares made */
    uint8_t threshold; /* shares needed */
    uint8_t data[HOST_SHARES_SECRET_LEN];
} host_share;

/* Fills index, count, threshold and data of `count` shares. False for numbers that cannot be:
 * 2 <= threshold <= count <= 255. The caller wipes `out`. */
bool host_shares_split(const uint8_t secret[HOST_SHARES_SECRET_LEN], uint8_t threshold,
                       uint8_t count, host_share *out);
/* Puts the secret together from the first `threshold` shares, whose indexes differ and are not 0
 * (false otherwise). Wrong data gives a wrong secret: whoever seals under it notices. */
bool host_shares_join(const host_share *shares, size_t threshold,
                      uint8_t out[HOST_SHARES_SECRET_LEN]);

#endif
