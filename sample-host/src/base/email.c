/* SPDX-License-Identifier: Apache-2.0
 *
 * See email.h. */
#include "sample-host/src/base/email.h"

#include "support/utf8.h"

#include <string.h>

static const char between[] = " ,;\t\r\n";

static bool is_address(const char *word, size_t len)
{
    const char *at = memchr(word, '@', len);
    if (at == NULL || at == word || at + 1 == word + len ||
        memchr(at + 1, '@', len - (size_t)(at + 1 - word)) != NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)word[i] < 0x20 || word[i] == 0x7f) {
            return false;
        }
    }
    return sup_utf8_valid(word, len);
}

bool host_email_list(const char *text, char *out)
{
    size_t used = 0;
    const char *at = text + strspn(text, between);
    while (*at != '\0') {
        size_t len = strcspn(at, between);
        size_t gap = used > 0 ? 1 : 0;
        if (!is_address(at, len) || used + gap + len > DPH_EMAILS_MAX) {
            return false;
        }
        if (gap > 0) {
            out[used] = ' ';
        }
        memcpy(out + used + gap, at, len);
        used += gap + len;
        at += len;
        at += strspn(at, between);
    }
    out[used] = '\0';
    return true;
}
