/* SPDX-License-Identifier: Apache-2.0
 *
 * GF(256) with the polynomial x^8+x^4+x^3+x+1. No tables: a table's cache lines would tell which
 * bytes were looked up. */
#include "sample-host/src/shares.h"

#include <sodium.h>
#include <string.h>

static uint8_t multiply(uint8_t a, uint8_t b)
{
    unsigned x = a;
    unsigned y = b;
    unsigned product = 0;
    for (int i = 0; i < 8; i++) {
        product ^= x & (0u - (y & 1u));
        x = (x << 1) ^ (0x11Bu & (0u - (x >> 7)));
        y >>= 1;
    }
    return (uint8_t)product;
}

/* a^254, which is 1/a for all but 0. */
static uint8_t invert(uint8_t a)
{
    uint8_t power = a;
    uint8_t result = 1;
    for (int i = 0; i < 7; i++) {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    return result;
}

/* Horner's rule; `others` are the coefficients of x, x^2, ... */
static uint8_t evaluate(uint8_t secret, const uint8_t *others, size_t count, uint8_t x)
{
    uint8_t value = 0;
    for (size_t i = count; i > 0; i--) {
        value = (uint8_t)(multiply(value, x) ^ others[i - 1]);
    }
    return (uint8_t)(multiply(value, x) ^ secret);
}

bool host_shares_split(const uint8_t secret[HOST_SHARES_SECRET_LEN], uint8_t threshold,
                       uint8_t count, host_share *out)
{
    uint8_t others[HOST_SHARES_MAX];
    if (threshold < HOST_SHARES_THRESHOLD_MIN || threshold > count) {
        return false;
    }
    for (size_t i = 0; i < HOST_SHARES_SECRET_LEN; i++) {
        randombytes_buf(others, threshold - 1u);
        for (size_t k = 0; k < count; k++) {
            out[k].data[i] = evaluate(secret[i], others, threshold - 1u, (uint8_t)(k + 1));
        }
    }
    for (size_t k = 0; k < count; k++) {
        out[k].index = (uint8_t)(k + 1);
        out[k].count = count;
        out[k].threshold = threshold;
    }
    sodium_memzero(others, sizeof others);
    return true;
}

/* Lagrange's weight of share `at` for the value at 0; 0 when two indexes are the same. */
static uint8_t weigh(const host_share *shares, size_t threshold, size_t at)
{
    uint8_t above = 1;
    uint8_t below = 1;
    for (size_t k = 0; k < threshold; k++) {
        if (k != at) {
            above = multiply(above, shares[k].index);
            below = multiply(below, (uint8_t)(shares[k].index ^ shares[at].index));
        }
    }
    return multiply(above, invert(below));
}

bool host_shares_join(const host_share *shares, size_t threshold,
                      uint8_t out[HOST_SHARES_SECRET_LEN])
{
    uint8_t weights[HOST_SHARES_MAX];
    if (threshold < HOST_SHARES_THRESHOLD_MIN || threshold > HOST_SHARES_MAX) {
        return false;
    }
    for (size_t k = 0; k < threshold; k++) {
        weights[k] = weigh(shares, threshold, k);
        if (shares[k].index == 0 || weights[k] == 0) {
            return false;
        }
    }
    for (size_t i = 0; i < HOST_SHARES_SECRET_LEN; i++) {
        uint8_t sum = 0;
        for (size_t k = 0; k < threshold; k++) {
            sum ^= multiply(weights[k], shares[k].data[i]);
        }
        out[i] = sum;
    }
    return true;
}
