/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: from a negotiated entry to a started instance. */
#ifndef DPHL_INSTANCE_H
#define DPHL_INSTANCE_H

#include "loader/loader.h"

/* Where an instance comes from. All of it outlives the call. */
typedef struct dphl_instance_source {
    const dph_entry *entry;
    const char *id;
    const dph_host *host;
} dphl_instance_source;

/* [control] create, completeness, the hooks of the manifest, start. On failure the instance is
 * destroyed again. Errors: as dphl_start, codes CREATE, MANIFEST, START. */
dph_status dphl_instance_make(const dphl_instance_source *source, const dph_call *call,
                              dph_plugin **out, dph_error *err);

#endif
