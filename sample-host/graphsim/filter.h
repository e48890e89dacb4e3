/* SPDX-License-Identifier: Apache-2.0
 *
 * $filter expressions: comparisons joined by `and`, or by `or`. */
#ifndef SIM_FILTER_H
#define SIM_FILTER_H

#include "kind.h"

#define SIM_FILTER_TERMS_MAX 16

typedef struct sim_term {
    int property;
    unsigned op;       /* one SIM_ bit of kind.h */
    int sign;          /* of lt, gt, ge and le: -1 or 1 */
    char literal[256]; /* as JSON text */
} sim_term;

typedef struct sim_filter {
    sim_term terms[SIM_FILTER_TERMS_MAX];
    size_t count;
    bool any; /* joined by `or` */
} sim_filter;

/* Adds the JSON value of a property of the row at hand. */
typedef void sim_filter_value(const void *row, int property, sup_buffer *out);

/* Reads a filter over those properties; each property's flags say what may be asked of it. A name
 * with "any(" takes the closing parenthesis too. False, and nothing promised of *out, for anything
 * else. */
bool sim_filter_read(const char *text, const sim_property *properties, size_t count,
                     sim_filter *out);
/* True when the row satisfies it. Letter case does not count. */
bool sim_filter_fits(const sim_filter *filter, sim_filter_value *value, const void *row);

#endif
