/* SPDX-License-Identifier: Apache-2.0 */
#include "support/guid.h"

#include <string.h>

#include "support/hex.h"

static bool is_hyphen_place(size_t index)
{
    return index == 8 || index == 13 || index == 18 || index == 23;
}

bool sup_guid_parse(const char *text, size_t len, sup_guid *out)
{
    if (len == SUP_GUID_TEXT_LEN + 2 && text[0] == '{' && text[len - 1] == '}') {
        text++;
        len -= 2;
    }
    if (len != SUP_GUID_TEXT_LEN)
        return false;
    sup_guid guid = {{0}};
    size_t nibble = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_hyphen_place(i)) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int value = sup_hex_digit(text[i]);
        if (value < 0)
            return false;
        guid.bytes[nibble / 2] = (uint8_t)((guid.bytes[nibble / 2] << 4) | value);
        nibble++;
    }
    *out = guid;
    return true;
}

void sup_guid_format(const sup_guid *guid, char out[SUP_GUID_TEXT_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < sizeof guid->bytes; i++) {
        if (is_hyphen_place(at))
            out[at++] = '-';
        out[at++] = digits[guid->bytes[i] >> 4];
        out[at++] = digits[guid->bytes[i] & 15];
    }
    out[at] = '\0';
}

bool sup_guid_equal(const sup_guid *a, const sup_guid *b)
{
    return sup_guid_compare(a, b) == 0;
}

int sup_guid_compare(const sup_guid *a, const sup_guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool sup_guid_is_zero(const sup_guid *guid)
{
    static const sup_guid zero = {{0}};
    return sup_guid_equal(guid, &zero);
}
