/* SPDX-License-Identifier: Apache-2.0
 *
 * Terminated copies of the ABI's texts. Must not know what they say. */
#include "hooks/hook_text.h"

#include <string.h>

#include "support/utf8.h"

bool bkey_hook_text_copy(const dph_str *text, char *out, size_t cap)
{
    out[0] = '\0';
    if (text->len == 0)
        return true;
    if (text->ptr == NULL || text->len >= cap || memchr(text->ptr, '\0', text->len) != NULL ||
        !sup_utf8_valid(text->ptr, text->len))
        return false;
    memcpy(out, text->ptr, text->len);
    out[text->len] = '\0';
    return true;
}
