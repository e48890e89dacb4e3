/* SPDX-License-Identifier: Apache-2.0
 *
 * See match_name.h. */
#include "domain/match_name.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool bkey_match_name_same(const char *a, const char *b)
{
    for (; *a != '\0' && lower(*a) == lower(*b); a++)
        b++;
    return lower(*a) == lower(*b);
}

uint64_t bkey_match_name_hash(const char *name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    if (name == NULL || name[strspn(name, " \t\r\n")] == '\0')
        return 0;
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)lower(*name)) * UINT64_C(0x100000001B3);
    return hash | 1U;
}
