/* SPDX-License-Identifier: Apache-2.0
 *
 * Request budgets per window, on the simulator's clock. */
#ifndef SIM_THROTTLE_H
#define SIM_THROTTLE_H

#include "route.h"
#include "switches.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_bucket {
    uint64_t key; /* 0: free */
    int64_t started_ms;
    uint64_t used;
} sim_bucket;

typedef struct sim_throttle {
    sim_bucket *table; /* open addressing */
    size_t size;
    size_t used;
} sim_throttle;

/* One request to be paid for. */
typedef struct sim_charge {
    sim_route route;
    bool write;
    uint64_t units;  /* resource units of the directory */
    size_t users;    /* of the tenant, which sets its budget */
    size_t tenant;   /* index */
    const char *app; /* application id */
    int64_t now_ms;
} sim_charge;

/* What is left after a request. */
typedef struct sim_verdict {
    bool allowed;
    int64_t retry_after_s; /* when refused */
    double share;          /* of the fullest directory budget; 0 for other services */
    const char *reason;    /* x-ms-throttle-information when the directory refused, else NULL */
} sim_verdict;

/* The resource units of a directory request; 0 for other services. */
uint64_t sim_throttle_units(sim_route route, bool selects, bool expands, bool small_page);
/* Charges every budget that counts the request, refused ones too. */
sim_verdict sim_throttle_charge(sim_throttle *throttle, const sim_switches *switches,
                                const sim_charge *charge);
/* Forgets what was used. */
void sim_throttle_reset(sim_throttle *throttle);
void sim_throttle_done(sim_throttle *throttle);

#endif
