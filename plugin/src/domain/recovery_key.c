/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery passwords, strictly. Uses no table that a secret would index, and leaves no copy. */
#include "domain/recovery_key.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define GROUPS 8U
#define GROUP_DIGITS 6U
#define PLAIN_LEN (GROUPS * GROUP_DIGITS)
#define JOINED_LEN (PLAIN_LEN + GROUPS - 1)
#define FACTOR 11U
#define TOO_LARGE (65536U * FACTOR)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bkey_recovery_key_fault read_group(const char *text, uint32_t *out)
{
    uint32_t value = 0;
    for (size_t i = 0; i < GROUP_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9')
            return BKEY_RECOVERY_KEY_CHARACTER;
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    *out = value;
    return BKEY_RECOVERY_KEY_OK;
}

static bkey_recovery_key_fault check_group(uint32_t group)
{
    if (group % FACTOR != 0)
        return BKEY_RECOVERY_KEY_MULTIPLE;
    return group >= TOO_LARGE ? BKEY_RECOVERY_KEY_RANGE : BKEY_RECOVERY_KEY_OK;
}

/* The separator is the character after the first group, and the same everywhere. */
static bool separators_agree(const char *text)
{
    char separator = text[GROUP_DIGITS];
    if (separator != '-' && separator != ' ')
        return false;
    for (size_t i = 1; i < GROUPS; i++) {
        if (text[i * (GROUP_DIGITS + 1) - 1] != separator)
            return false;
    }
    return true;
}

static bkey_recovery_key_fault read_groups(const char *text, size_t stride, uint32_t groups[GROUPS])
{
    for (size_t i = 0; i < GROUPS; i++) {
        bkey_recovery_key_fault fault = read_group(text + i * stride, &groups[i]);
        if (fault != BKEY_RECOVERY_KEY_OK)
            return fault;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        bkey_recovery_key_fault fault = check_group(groups[i]);
        if (fault != BKEY_RECOVERY_KEY_OK)
            return fault;
    }
    return BKEY_RECOVERY_KEY_OK;
}

bkey_recovery_key_fault bkey_recovery_key_parse(const char *text, size_t len,
                                                uint8_t out[BKEY_RECOVERY_KEY_BYTES])
{
    while (len > 0 && is_blank(text[0])) {
        text++;
        len--;
    }
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    if (len != PLAIN_LEN && len != JOINED_LEN)
        return BKEY_RECOVERY_KEY_LENGTH;
    if (len == JOINED_LEN && !separators_agree(text))
        return BKEY_RECOVERY_KEY_CHARACTER;

    uint32_t groups[GROUPS] = {0};
    size_t stride = len == PLAIN_LEN ? GROUP_DIGITS : GROUP_DIGITS + 1;
    bkey_recovery_key_fault fault = read_groups(text, stride, groups);
    if (fault == BKEY_RECOVERY_KEY_OK) {
        for (size_t i = 0; i < GROUPS; i++) {
            uint32_t word = groups[i] / FACTOR;
            out[2 * i] = (uint8_t)(word & 0xFFU);
            out[2 * i + 1] = (uint8_t)(word >> 8);
        }
    }
    sodium_memzero(groups, sizeof groups);
    return fault;
}

void bkey_recovery_key_format(const uint8_t bytes[BKEY_RECOVERY_KEY_BYTES],
                              char out[BKEY_RECOVERY_KEY_TEXT_SIZE])
{
    uint32_t group = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        char *digits = out + i * (GROUP_DIGITS + 1);
        group = ((uint32_t)bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8) * FACTOR;
        for (size_t d = GROUP_DIGITS; d > 0; d--, group /= 10)
            digits[d - 1] = (char)('0' + (int)(group % 10));
        digits[GROUP_DIGITS] = i + 1 < GROUPS ? '-' : '\0';
    }
    sodium_memzero(&group, sizeof group);
}

const char *bkey_recovery_key_fault_text(bkey_recovery_key_fault fault)
{
    switch (fault) {
    case BKEY_RECOVERY_KEY_OK:
        return "";
    case BKEY_RECOVERY_KEY_LENGTH:
        return "it does not have eight groups of six digits";
    case BKEY_RECOVERY_KEY_CHARACTER:
        return "it has characters that are no digits, or mixed separators";
    case BKEY_RECOVERY_KEY_MULTIPLE:
        return "a group of it is no multiple of 11, so a digit is wrong";
    case BKEY_RECOVERY_KEY_RANGE:
        return "a group of it is larger than 720885";
    case BKEY_RECOVERY_KEY_COUNT:
        break;
    }
    return "it is malformed";
}
