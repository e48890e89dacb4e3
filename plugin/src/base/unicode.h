/* SPDX-License-Identifier: Apache-2.0
 *
 * What Unicode says about characters: decomposition, letter case, what shows and what looks alike.
 * The only user of utf8proc and of the generated table. Must not know what names are for. */
#ifndef BKEY_UNICODE_H
#define BKEY_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No character decomposes into more code points than this. */
#define BKEY_UNICODE_EXPANSION 18u

/* Compatibility decomposition (NFKD) of well-formed UTF-8: width, font, ligature and composition
 * go; the blank that a bracket of full width brings stays as a filler. Returns the number of code
 * points, 0 also for text that is malformed or longer than `cap`. */
size_t bkey_unicode_decompose(const char *text, size_t len, uint32_t *out, size_t cap);

typedef enum bkey_unicode_ink {
    BKEY_UNICODE_SHOWN = 0,
    BKEY_UNICODE_BLANK,  /* spaces, line ends, what draws nothing but takes room */
    BKEY_UNICODE_FILLER, /* drawn as a blank by some systems and as nothing by others */
    BKEY_UNICODE_HIDDEN  /* controls, joiners, bidirectional marks, default ignorables */
} bkey_unicode_ink;

bkey_unicode_ink bkey_unicode_ink_of(uint32_t c);

uint32_t bkey_unicode_lower(uint32_t c);
uint32_t bkey_unicode_upper(uint32_t c);
/* Full case folding into out[BKEY_UNICODE_EXPANSION]; returns the number of code points. */
size_t bkey_unicode_fold(uint32_t c, uint32_t *out);
/* A letter whose own dot gives way to a dot that is put above it: i and j. */
bool bkey_unicode_has_soft_dot(uint32_t c);

/* What the character looks like (Unicode's confusables, small capitals as capitals): code points
 * that live for ever. Characters that look like nothing else are their own: then 0 is returned. */
size_t bkey_unicode_prototype(uint32_t c, const uint32_t **out);

#endif
