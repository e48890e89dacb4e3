/* SPDX-License-Identifier: Apache-2.0 */
#include "support/hex.h"

int sup_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void sup_hex_format(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

bool sup_hex_parse(const char *text, size_t len, uint8_t *out, size_t out_len)
{
    if (len != 2 * out_len)
        return false;
    for (size_t i = 0; i < out_len; i++) {
        int high = sup_hex_digit(text[2 * i]);
        int low = sup_hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}
