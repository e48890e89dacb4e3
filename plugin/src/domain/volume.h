/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of volume a key opens: the many ways in which Microsoft writes it, and our one. Pure.
 */
#ifndef BKEY_VOLUME_H
#define BKEY_VOLUME_H

#include "domain/model.h"

/* "operatingSystemVolume" and the others in any letter case, or a digit as text. UNKNOWN for NULL
 * and everything else. */
bkey_volume bkey_volume_from_text(const char *text);
/* 1, 2, 3; UNKNOWN for everything else. */
bkey_volume bkey_volume_from_number(int64_t number);
/* Our word: "os", "fixed", "removable", "unknown". Static. */
const char *bkey_volume_word(bkey_volume volume);
/* The volume of one of our words; false, and *out untouched, for all else. */
bool bkey_volume_from_word(const char *word, size_t len, bkey_volume *out);

#endif
