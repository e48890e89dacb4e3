/* SPDX-License-Identifier: Apache-2.0
 *
 * Does the key file still open what is stored here? Reads only. */
#ifndef HOST_KEY_CHECK_H
#define HOST_KEY_CHECK_H

#include "sample-host/src/call.h"

/* By which a plugin is asked, where it offers that: an object with "problems", each with what and
 * text; those about a "canary" concern the key file. */
#define HOST_KEY_CHECK_ACTION "doctor_state"

/* Compares the key file on disk with the one in use, opens every password of the host and asks the
 * plugins. *out is {"passwords": n, "plugins": [{"plugin", "result"}]}, the caller's. CORRUPT names
 * the first thing that does not open. */
bool host_key_check(host *h, const host_request *request, json_t **out, host_error *err);

#endif
