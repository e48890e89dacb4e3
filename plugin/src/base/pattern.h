/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions with bounded effort. The only user of PCRE2, which nobody sees from here.
 * Must not know what is looked for. */
#ifndef BKEY_PATTERN_H
#define BKEY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct bkey_pattern bkey_pattern;

/* Compiles; bytes, letter case ignored for ASCII. PARAMETER: malformed expression; NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_pattern_new(const char *expression, bkey_pattern **out_pattern);
/* NULL-safe, sets NULL. */
void bkey_pattern_free(bkey_pattern **pattern);
/* Does it match anywhere in the text? LIMIT: more effort than allowed. One thread at a time. */
BKEY_MUST_CHECK bkey_err bkey_pattern_match(bkey_pattern *pattern, const char *text, size_t len,
                                            bool *out_matches);

#endif
