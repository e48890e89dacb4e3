/* SPDX-License-Identifier: Apache-2.0
 *
 * What single fields of an export mean. Pure; keeps no copy of what it is given. */
#ifndef BKEY_IMPORT_FIELDS_H
#define BKEY_IMPORT_FIELDS_H

#include "domain/import_reader.h"

/* By its name, in which only letters and digits count; COLUMN_COUNT for any other. */
bkey_import_column bkey_import_fields_column(const char *name);
/* A GUID, with or without braces, or a text that ends in one in braces. False for all else. */
bool bkey_import_fields_key(const char *text, sup_guid *out);
/* From the time before the braces, else from `created`; BKEY_DATE_UNKNOWN when neither says it in
 * the form of ISO 8601: other forms of a date mean something else in every country. */
int64_t bkey_import_fields_created(const char *key, const char *created);
/* NULL and the bytes, or why not. */
const char *bkey_import_fields_password(const char *text, uint8_t out[BKEY_RECOVERY_KEY_BYTES]);
/* The computer that a distinguished name has the key below, written over it; "" = none. */
const char *bkey_import_fields_computer(char *path);

#endif
