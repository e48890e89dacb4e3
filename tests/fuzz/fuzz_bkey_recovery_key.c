/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text: what parses formats back to the same digits, and formats of any bytes parse. */
/* LINK: plugin/src/domain/recovery_key.c */
/* LIBS: -lsodium */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/src/domain/recovery_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[BKEY_RECOVERY_KEY_BYTES];
    uint8_t again[BKEY_RECOVERY_KEY_BYTES];
    char text[BKEY_RECOVERY_KEY_TEXT_SIZE];
    bool parsed = bkey_recovery_key_parse((const char *)data, size, bytes) == BKEY_RECOVERY_KEY_OK;
    if (!parsed && size < sizeof bytes)
        return 0;
    if (!parsed)
        memcpy(bytes, data, sizeof bytes);
    bkey_recovery_key_format(bytes, text);
    if (bkey_recovery_key_parse(text, strlen(text), again) != BKEY_RECOVERY_KEY_OK)
        abort();
    if (memcmp(bytes, again, sizeof bytes) != 0)
        abort();
    return 0;
}
