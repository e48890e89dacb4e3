/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes text of what outsiders put into JSON that is no text, so that one odd name does not make a
 * whole listing unreadable. Not for secrets: the copy lies in the ordinary heap. */
#ifndef BKEY_JSON_REPAIR_H
#define BKEY_JSON_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "support/buffer.h"

/* Appends a copy in which every escaped half of a surrogate pair and every byte that is no UTF-8
 * became U+FFFD. False: there was nothing to repair, or the copy did not fit. */
bool bkey_json_repair_text(const char *bytes, size_t len, sup_buffer *out);

#endif
