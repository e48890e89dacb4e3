/* SPDX-License-Identifier: Apache-2.0
 *
 * GUIDs as 16 bytes in the order they are written (RFC 9562 section 4), so that comparing bytes
 * compares ids whatever the letter case or braces of their text. */
#ifndef SUP_GUID_H
#define SUP_GUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUP_GUID_TEXT_LEN 36

typedef struct sup_guid {
    uint8_t bytes[16];
} sup_guid;

/* Reads exactly one GUID of 32 hex digits with the four hyphens, any case, optionally in braces.
 * False, and *out untouched, for anything else. */
bool sup_guid_parse(const char *text, size_t len, sup_guid *out);
/* Writes 36 lower-case characters and a zero byte. */
void sup_guid_format(const sup_guid *guid, char out[SUP_GUID_TEXT_LEN + 1]);
bool sup_guid_equal(const sup_guid *a, const sup_guid *b);
/* <0, 0, >0 in the order of the written text. */
int sup_guid_compare(const sup_guid *a, const sup_guid *b);
/* True for 00000000-0000-0000-0000-000000000000, which Microsoft writes for "none". */
bool sup_guid_is_zero(const sup_guid *guid);

#endif
