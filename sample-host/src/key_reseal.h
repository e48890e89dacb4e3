/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's own sealed values moved from old generations of the root to the newest. Knows no
 * plugin and retires nothing. */
#ifndef HOST_KEY_RESEAL_H
#define HOST_KEY_RESEAL_H

#include "sample-host/src/host.h"

#include <jansson.h>

/* Seals anew every password that another generation than `generation` sealed. What does not verify
 * is left alone and counted in *out_damaged. */
bool host_key_reseal(host *h, uint32_t generation, uint64_t *out_done, uint64_t *out_damaged,
                     host_error *err);
/* Number of sealed passwords per generation: *out is {"1": 12, ...}, the caller's. */
bool host_key_reseal_count(host *h, json_t **out, host_error *err);

#endif
