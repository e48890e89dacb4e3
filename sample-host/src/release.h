/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way to lift the protection that a plugin left behind. */
#ifndef HOST_RELEASE_H
#define HOST_RELEASE_H

#include "sample-host/src/call.h"

typedef struct host_released {
    int64_t records;
    int64_t folders;
    int64_t categories;
} host_released;

/* Makes everything that the plugin guards ordinary, and its names free. The reason stands in the
 * activity log. CONFLICT while the plugin's code is loaded: it answers for its things itself.
 * NOT_FOUND when it guards nothing. */
bool host_release(host *h, const host_call *call, const char *plugin_id, const char *reason,
                  host_released *out, host_error *err);

#endif
