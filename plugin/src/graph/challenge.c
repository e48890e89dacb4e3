/* SPDX-License-Identifier: Apache-2.0
 *
 * See challenge.h. */
#include "graph/challenge.h"

#include <sodium.h>
#include <string.h>

#include "base/jsonscan.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name_end(char c)
{
    return c == ' ' || c == ',' || c == '\t';
}

/* The value of a parameter, with or without quotes; several challenges may share the line. */
static bool find_parameter(const char *text, size_t len, const char *name, const char **out,
                           size_t *out_len)
{
    const size_t name_len = strlen(name);
    bool quoted = false;
    for (size_t at = 0; at + name_len < len; at++) {
        size_t same = 0;
        quoted = text[at] == '"' ? !quoted : quoted;
        while (same < name_len && lower(text[at + same]) == name[same])
            same++;
        if (quoted || same < name_len || text[at + name_len] != '=' ||
            (at > 0 && !is_name_end(text[at - 1])))
            continue;
        size_t start = at + name_len + 1;
        const char end = start < len && text[start] == '"' ? '"' : ',';
        start += end == '"' ? 1 : 0;
        const char *stop = memchr(text + start, end, len - start);
        *out = text + start;
        *out_len = stop != NULL ? (size_t)(stop - *out) : len - start;
        return true;
    }
    return false;
}

bool bkey_challenge_find(const char *value, size_t len, char out[BKEY_CHALLENGE_SIZE])
{
    static const char wanted[] = "insufficient_claims";
    const char *found = NULL;
    size_t found_len = 0;
    if (!find_parameter(value, len, "error", &found, &found_len) ||
        found_len != sizeof wanted - 1 || memcmp(found, wanted, found_len) != 0 ||
        !find_parameter(value, len, "claims", &found, &found_len) || found_len == 0 ||
        found_len >= BKEY_CHALLENGE_SIZE)
        return false;
    memcpy(out, found, found_len);
    out[found_len] = '\0';
    return true;
}

bool bkey_challenge_claims(const char *base64, sup_buffer *out)
{
    uint8_t json[BKEY_CHALLENGE_SIZE];
    size_t len = 0;
    bkey_jsonscan_value top;
    bkey_jsonscan_value inner;
    if (sodium_base642bin(json, sizeof json, base64, strlen(base64), "\r\n", &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        !bkey_jsonscan_parse(json, len, &top) ||
        !bkey_jsonscan_member(&top, "access_token", &inner) || inner.kind != BKEY_JSONSCAN_OBJECT ||
        inner.len < 2)
        return false;
    static const char able[] = "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}";
    size_t blank = 1;
    while (blank < inner.len - 1 && strchr(" \t\r\n", inner.ptr[blank]) != NULL)
        blank++;
    (void)sup_buffer_add_str(out, able);
    if (blank < inner.len - 1)
        (void)sup_buffer_add_str(out, ",");
    (void)sup_buffer_add(out, inner.ptr + blank, inner.len - 1 - blank);
    return sup_buffer_add_str(out, "}}");
}
