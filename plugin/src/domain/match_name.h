/* SPDX-License-Identifier: Apache-2.0
 *
 * When two host names are the same: letter case does not count, everything else does. Pure. */
#ifndef BKEY_MATCH_NAME_H
#define BKEY_MATCH_NAME_H

#include <stdbool.h>
#include <stdint.h>

bool bkey_match_name_same(const char *a, const char *b);
/* Equal for names that are the same; 0 for NULL and for a blank one, which names nothing. */
uint64_t bkey_match_name_hash(const char *name);

#endif
