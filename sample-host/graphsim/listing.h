/* SPDX-License-Identifier: Apache-2.0
 *
 * One page of a list: selection, filter, page size, next link. */
#ifndef SIM_LISTING_H
#define SIM_LISTING_H

#include "call.h"
#include "kind.h"

typedef struct sim_listing {
    const sim_kind *kind;
    const char *context; /* after $metadata# */
    const char *const *options;
    size_t page;
    size_t most;
    bool refuse_more;      /* a $top beyond `most` is an error, else it counts as `most` */
    bool count_page;       /* "@odata.count" of this page comes unasked */
    const char *bad_query; /* error code */
} sim_listing;

/* Answers the whole request. */
void sim_listing_run(sim_call *call, const sim_listing *listing);
/* Answers with one row, by $select. */
void sim_listing_single(sim_call *call, const sim_listing *listing, size_t position);

#endif
