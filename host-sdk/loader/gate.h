/* SPDX-License-Identifier: Apache-2.0
 *
 * For host authors: the whole decision of a veto, in one place. Fails closed: absence, error,
 * garbage, lateness and silence all mean no (DESIGN.md section 4). Knows no store. */
#ifndef DPHL_GATE_H
#define DPHL_GATE_H

#include "dph/dph.h"

DPH_BEGIN_DECLS

/* Codes of refusals that the gate gives itself, in verdict->code. */
#define DPHL_GATE_UNAVAILABLE 9001u /* no plugin, no interface, slot missing, struct too short */
#define DPHL_GATE_NO_ANSWER 9002u   /* OK, but the decision is neither ALLOW nor DENY */
#define DPHL_GATE_ERROR 9003u       /* the guard returned an error, whatever it wrote */
#define DPHL_GATE_LATE 9004u        /* the call was over before the answer came */
#define DPHL_GATE_NO_CODE 9005u     /* DENY without a code of its own */

/* One guard to ask. plugin NULL = not loaded, quarantined, disabled: refused, naming plugin_id.
 * mono_ns NULL = no clock: then a call with a deadline counts as over. */
typedef struct dphl_guard {
    const char *plugin_id; /* terminated */
    dph_plugin *plugin;
    const dph_hook_guard_v1 *hook;      /* what its get_interface answered, or NULL */
    uint64_t (*mono_ns)(void *context); /* the host's clock, for the deadline */
    void *clock_context;
} dphl_guard;

/* [any] 1 = allowed; verdict then holds ALLOW and nothing else. 0 = refused, and verdict holds DENY
 * and why: always terminated UTF-8 without control characters, always a code that is not 0 and a
 * message that is not empty. A guard's own text is kept only when it answered OK and DENY. Never
 * blocks itself; takes as long as the guard takes. */
int32_t dphl_guard_check(const dphl_guard *guard, const dph_call *call, const dph_op *op,
                         dph_verdict *verdict);
/* [any] The same for a name that a person gives to a category or folder. */
int32_t dphl_guard_validate_name(const dphl_guard *guard, const dph_call *call, uint32_t kind,
                                 const dph_str *name, dph_verdict *verdict);

/* [any] An object that several plugins guard: 1 only when there is a guard and every one allows.
 * All are asked, also after a refusal; verdicts has `count` elements and gets each one's answer in
 * the order of `guards`, so that a person sees every reason. */
int32_t dphl_guard_check_all(const dphl_guard *guards, size_t count, const dph_call *call,
                             const dph_op *op, dph_verdict *verdicts);

DPH_END_DECLS

#endif
