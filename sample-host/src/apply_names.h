/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that a plugin's batch gives: those that another plugin keeps for itself are refused to
 * plugins as they are to people (S1.32, S1.34). */
#ifndef HOST_APPLY_NAMES_H
#define HOST_APPLY_NAMES_H

#include "sample-host/src/call.h"

/* Asks the others about every folder's name and every category in the batch, whose items are well
 * formed. *out_index is the first that is refused. DENIED. */
bool host_apply_names(host *h, const dph_str *plugin, const dph_call *call, const dph_batch *batch,
                      uint32_t *out_index, host_error *err);

#endif
