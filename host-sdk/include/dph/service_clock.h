/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.clock/1: the only clock and the only sleep of a plugin, so that a simulated host owns time.
 */
#ifndef DPH_SERVICE_CLOCK_H
#define DPH_SERVICE_CLOCK_H

#include "dph/plugin.h"

#define DPH_CLOCK_ID "dph.clock/1"

typedef struct dph_clock_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] Nanoseconds since an arbitrary start; never goes back. */
    uint64_t(DPH_CALL *mono_ns)(const dph_host *host);
    /* [any] Milliseconds since 1970-01-01T00:00:00Z; may jump either way. */
    int64_t(DPH_CALL *wall_ms)(const dph_host *host);
    /* [sync] Blocks for `ns` nanoseconds. OK when they have passed; CANCELLED or DEADLINE as soon
     * as the call is over. */
    dph_status(DPH_CALL *wait)(const dph_host *host, const dph_call *call, uint64_t ns);
} dph_clock_v1;

#endif
