/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.entitlement/1: whether the account has bought the add-on (S1.5, S1.80-S1.85). */
#ifndef DPH_SERVICE_ENTITLEMENT_H
#define DPH_SERVICE_ENTITLEMENT_H

#include "dph/plugin.h"

#define DPH_ENTITLEMENT_ID "dph.entitlement/1"

/* UNKNOWN keeps the last known state for 14 days, then counts as EXPIRED; the host does that
 * reckoning. GRACE counts as ACTIVE. Guards do not depend on the entitlement. */
#define DPH_ENTITLEMENT_UNKNOWN 0u
#define DPH_ENTITLEMENT_ACTIVE 1u
#define DPH_ENTITLEMENT_GRACE 2u
#define DPH_ENTITLEMENT_EXPIRED 3u
#define DPH_ENTITLEMENT_ABSENT 4u

typedef struct dph_entitlement {
    uint32_t struct_size;   /* bytes, set by the caller */
    uint32_t state;         /* DPH_ENTITLEMENT_* as reported now */
    uint32_t effective;     /* DPH_ENTITLEMENT_* to act on: never UNKNOWN */
    uint32_t reserved0;     /* 0 */
    int64_t valid_until_ms; /* wall clock; 0 = no end known */
} dph_entitlement;

typedef struct dph_entitlement_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] State of one feature, named in manifest.json. NOT_FOUND: unknown feature. */
    dph_status(DPH_CALL *query)(const dph_host *host, const dph_str *feature, dph_entitlement *out,
                                dph_error *err);
} dph_entitlement_v1;

#endif
