/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads decimal numbers. Must not accept signs, blanks or overflow. */
#include "number.h"

bool sim_number_read(const char *text, size_t len, uint64_t most, uint64_t *out)
{
    uint64_t value = 0;
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (most - digit) / 10 || digit > most)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
