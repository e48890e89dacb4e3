/* SPDX-License-Identifier: Apache-2.0
 *
 * Titles and reserved names. Must not know who asks. */
#include "domain/naming.h"

#include <stdio.h>
#include <string.h>

#include "base/unicode.h"
#include "domain/alike.h"
#include "support/utf8.h"

/* Copies at most the allowed characters; true when one of them can be seen. */
static bool copy_name(const char *name, char out[BKEY_NAMING_TITLE_SIZE])
{
    size_t len = strlen(name);
    size_t done = 0;
    bool visible = false;
    for (size_t at = 0, count = 0; at < len && count < BKEY_NAMING_MAX_CHARACTERS; count++) {
        uint32_t c = '?';
        size_t step = sup_utf8_decode(name + at, len - at, &c);
        if (step == 0) {
            out[done++] = '?';
            at++;
        } else {
            memcpy(out + done, name + at, step);
            done += step;
            at += step;
        }
        visible = visible || bkey_unicode_ink_of(c) == BKEY_UNICODE_SHOWN;
    }
    out[done] = '\0';
    return visible;
}

bool bkey_naming_title(const char *device_name, const sup_guid *device_id,
                       char out[BKEY_NAMING_TITLE_SIZE])
{
    if (device_name != NULL && copy_name(device_name, out))
        return false;
    char id[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(device_id, id);
    snprintf(out, BKEY_NAMING_TITLE_SIZE, "Unnamed device %.8s", id);
    return true;
}

static size_t count_characters(const char *name, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)name[i] & 0xC0U) != 0x80U;
    return count;
}

bkey_naming_verdict bkey_naming_check(uint32_t kind, const char *name, size_t len,
                                      const char *reserved)
{
    if (kind != BKEY_NAMING_CATEGORY && kind != BKEY_NAMING_FOLDER)
        return BKEY_NAMING_NO_KIND;
    if (!sup_utf8_valid(name, len))
        return BKEY_NAMING_MALFORMED;
    if (count_characters(name, len) > BKEY_NAMING_MAX_CHARACTERS)
        return BKEY_NAMING_TOO_LONG;
    return bkey_alike_names(name, len, reserved, strlen(reserved)) ? BKEY_NAMING_RESERVED
                                                                   : BKEY_NAMING_FREE;
}
