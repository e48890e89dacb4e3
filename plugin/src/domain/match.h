/* SPDX-License-Identifier: Apache-2.0
 *
 * Which configuration a device is: by a remembered decision, else by an exact serial number that
 * points to one configuration. A name never matches by itself. Pure; text is borrowed. */
#ifndef BKEY_MATCH_H
#define BKEY_MATCH_H

#include "base/error.h"
#include "domain/model.h"

#define BKEY_MATCH_SERIAL_MAX 128u /* a longer serial number is no evidence */

/* Why; the first group has a home, the second has none. */
typedef enum bkey_match_outcome {
    BKEY_MATCHED_REMEMBERED = 1, /* the decision's configuration is there, archived or not */
    BKEY_MATCHED_LOST,           /* the decision's configuration is gone, no successor: keys stay */
    BKEY_MATCHED_SERIAL,
    BKEY_UNMATCHED_NO_DEVICE, /* not in the inventory, nothing remembered */
    BKEY_UNMATCHED_JUNK,      /* the serial number is no evidence */
    BKEY_UNMATCHED_NOWHERE,   /* no configuration has that serial number */
    BKEY_UNMATCHED_ARCHIVED,  /* only archived configurations have it */
    BKEY_UNMATCHED_AMBIGUOUS, /* two configurations have it, or it points elsewhere than
                               * the gone one: no new key is placed */
    BKEY_UNMATCHED_ELSEWHERE  /* remembered in an organization that left the connection */
} bkey_match_outcome;

typedef struct bkey_match {
    bkey_match_outcome outcome;
    uint32_t configuration; /* index, BKEY_NONE */
    uint32_t organization;  /* index, BKEY_NONE */
    bool remember;          /* new, or differs from the decision */
} bkey_match;

/* The configurations, ready for lookup. Not for two threads at once. */
typedef struct bkey_match_index bkey_match_index;

/* `configurations` must outlive the index. NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_index_new(const bkey_configuration *configurations,
                                              size_t count, bkey_match_index **out_index);
/* NULL-safe, sets NULL. */
void bkey_match_index_free(bkey_match_index **index);
/* device: NULL = not in the inventory; decision: NULL = none. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_device(bkey_match_index *index, const bkey_device *device,
                                           const bkey_decision *decision, bkey_match *out_match);

/* Writes the serial number as it is compared: trimmed, upper case, inner blanks as one. Returns its
 * length; 0 when it is too long, too short or made of one character only. */
size_t bkey_match_serial(const char *serial, char out[BKEY_MATCH_SERIAL_MAX + 1]);

#endif
