/* SPDX-License-Identifier: Apache-2.0
 *
 * Can a person tell two names apart? Pure; must not know what the names are for. */
#ifndef BKEY_ALIKE_H
#define BKEY_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

#define BKEY_ALIKE_MAX_CHARACTERS 255u /* code points of either name */

/* True when `name` looks like `kept` in some letter case of `kept`: width and font, composition,
 * blanks (any kind, any number, at the ends too), characters that do not show, look-alike letters
 * and text turned round by an override make no difference. Whatever can be seen does: another
 * letter, an accent, a blank more or less inside a word, a further word. Both are well-formed
 * UTF-8; longer names than the limit look like nothing. */
bool bkey_alike_names(const char *name, size_t len, const char *kept, size_t kept_len);

#endif
