/* SPDX-License-Identifier: Apache-2.0
 *
 * Terminated copies of the ABI's texts in the caller's space. */
#ifndef BKEY_HOOK_TEXT_H
#define BKEY_HOOK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "dph/dph.h"

/* Copies the whole text and a zero byte. False, and "" in out, when it does not fit, is not UTF-8,
 * or has a zero byte in it. */
bool bkey_hook_text_copy(const dph_str *text, char *out, size_t cap);

#endif
