/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: what a record is called, and which names people may not use. Pure; knows no host. */
#ifndef BKEY_NAMING_H
#define BKEY_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/guid.h"

#define BKEY_NAMING_MAX_CHARACTERS 255u                             /* code points */
#define BKEY_NAMING_TITLE_SIZE (BKEY_NAMING_MAX_CHARACTERS * 4 + 1) /* bytes with the zero byte */

/* The title of a device's records: its name as it is, cut after 255 characters; malformed bytes
 * become '?'. A blank or missing name gives "Unnamed device " and the first 8 digits of the device
 * id, and true: the caller flags the record. */
bool bkey_naming_title(const char *device_name, const sup_guid *device_id,
                       char out[BKEY_NAMING_TITLE_SIZE]);

typedef enum bkey_naming_kind { BKEY_NAMING_CATEGORY = 1, BKEY_NAMING_FOLDER = 2 } bkey_naming_kind;

typedef enum bkey_naming_verdict {
    BKEY_NAMING_FREE = 0,
    BKEY_NAMING_RESERVED,
    BKEY_NAMING_TOO_LONG,
    BKEY_NAMING_MALFORMED, /* no UTF-8 */
    BKEY_NAMING_NO_KIND    /* neither category nor folder: refused */
} bkey_naming_verdict;

/* May a person give this name? `reserved` is the setting's value. Refused is what a person cannot
 * tell from it (alike.h); a longer name that contains the words is free. */
bkey_naming_verdict bkey_naming_check(uint32_t kind, const char *name, size_t len,
                                      const char *reserved);

#endif
