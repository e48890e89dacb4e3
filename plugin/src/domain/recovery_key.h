/* SPDX-License-Identifier: Apache-2.0
 *
 * The BitLocker recovery password: 48 digits as text, 16 bytes as we keep it. Pure; must not know
 * where a password comes from or goes. Everything here is secret: the caller wipes text and bytes.
 */
#ifndef BKEY_RECOVERY_KEY_H
#define BKEY_RECOVERY_KEY_H

#include <stddef.h>
#include <stdint.h>

#define BKEY_RECOVERY_KEY_BYTES 16u
#define BKEY_RECOVERY_KEY_TEXT_SIZE 56u /* eight groups of six, seven hyphens, a zero byte */

/* Why a text is no recovery password. The first that fits. */
typedef enum bkey_recovery_key_fault {
    BKEY_RECOVERY_KEY_OK = 0,
    BKEY_RECOVERY_KEY_LENGTH,    /* not eight groups of six */
    BKEY_RECOVERY_KEY_CHARACTER, /* something else than digits, or a mix of separators */
    BKEY_RECOVERY_KEY_MULTIPLE,  /* a group is no multiple of 11 */
    BKEY_RECOVERY_KEY_RANGE,     /* a group is 720,896 or more */
    BKEY_RECOVERY_KEY_COUNT
} bkey_recovery_key_fault;

/* Reads eight groups of six digits, separated by '-' or by one space between all groups, or by
 * nothing; blanks and line ends around are ignored. Writes the eight little-endian words to `out`
 * only when the text is right. */
bkey_recovery_key_fault bkey_recovery_key_parse(const char *text, size_t len,
                                                uint8_t out[BKEY_RECOVERY_KEY_BYTES]);
/* Writes the groups joined by '-', and a zero byte. Every 16 bytes have a text. */
void bkey_recovery_key_format(const uint8_t bytes[BKEY_RECOVERY_KEY_BYTES],
                              char out[BKEY_RECOVERY_KEY_TEXT_SIZE]);
/* What is wrong, for people; never a part of the text. Static; "" for OK. */
const char *bkey_recovery_key_fault_text(bkey_recovery_key_fault fault);

#endif
