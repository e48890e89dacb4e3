/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/sentence.h"

#include "support/utf8.h"

#include <string.h>

void front_sentence_make(const char *text, char out[HOST_MESSAGE_SIZE])
{
    size_t len = sup_utf8_clean(text, strlen(text), out, HOST_MESSAGE_SIZE);
    if (len == 0)
        return;
    /* A word with anything but letters in it is a name of something and stays as it is. */
    size_t word = strspn(out, "abcdefghijklmnopqrstuvwxyz");
    if (word > 0 && (out[word] == ' ' || out[word] == '\0'))
        out[0] = (char)(out[0] - 'a' + 'A');
    if (strchr(".!?", out[len - 1]) == NULL && len + 1 < HOST_MESSAGE_SIZE)
        memcpy(out + len, ".", 2);
}
