/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes and error detail (DESIGN.md section 4: caller-owned, never thread-local). */
#ifndef DPH_ERROR_H
#define DPH_ERROR_H

#include "dph/base.h"

/* 0 is success, errors are negative. Values are never reused; an unknown one is an error. */
typedef int32_t dph_status;

#define DPH_OK 0
#define DPH_E_INVALID (-1)      /* the caller broke the contract, or the input is malformed */
#define DPH_E_NOMEM (-2)        /* out of memory; nothing changed */
#define DPH_E_CANCELLED (-3)    /* is_cancelled said so */
#define DPH_E_DEADLINE (-4)     /* the call's deadline has passed */
#define DPH_E_NOT_FOUND (-5)    /* no such thing, or the actor may not know of it */
#define DPH_E_CONFLICT (-6)     /* an expected revision did not match; read again, plan again */
#define DPH_E_DENIED (-7)       /* refused by a rule or a missing right */
#define DPH_E_UNAVAILABLE (-8)  /* a thing outside does not answer now; trying later may help */
#define DPH_E_REENTRANT (-9)    /* called from inside a call where that is not allowed */
#define DPH_E_UNSUPPORTED (-10) /* this side is older or lacks the feature */
#define DPH_E_UNKNOWN_OUTCOME                                                                      \
    (-11)                     /* the write may or may not have happened; see service_store.h */
#define DPH_E_CORRUPT (-12)   /* stored data does not verify; nothing was changed */
#define DPH_E_INTERNAL (-13)  /* a defect on the side that answers */
#define DPH_E_TOO_LARGE (-14) /* the caller's space or a stated limit is too small */

/* Detail of an error. The caller owns it, sets struct_size and zeroes the rest before the call; the
 * callee fills it only when it fails. Passing NULL is allowed everywhere and drops the detail.
 * Source: DESIGN.md section 4. */
typedef struct dph_error {
    uint32_t struct_size; /* bytes */
    dph_status status;    /* the same value that the function returned */
    uint32_t code;        /* number of the component for machines, 0 = none */
    uint32_t flags;       /* no flag is defined; 0 */
    char message[256];    /* one sentence in UTF-8, terminated, never a secret, no control bytes */
} dph_error;

#endif
