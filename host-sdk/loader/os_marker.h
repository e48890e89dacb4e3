/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: the `loading` marker, a small file that outlives a killed host and says
 * which library it was just running code of. A NULL path means that the host wants none. */
#ifndef DPHL_OS_MARKER_H
#define DPHL_OS_MARKER_H

#include "loader/loader.h"

/* [control] 1 when the marker is there and names this hash; 0 when it is absent, names another or
 * is cut off; -1 when it is there and cannot be read. */
int dphl_os_marker_names(const char *path, const uint8_t hash[DPHL_HASH_SIZE]);

/* [control] Writes the marker; it is on disk when this returns. Errors: UNAVAILABLE (code
 * MARKER). */
dph_status dphl_os_marker_write(const char *path, const uint8_t hash[DPHL_HASH_SIZE],
                                dph_error *err);

/* [control] Takes the marker away. Errors: UNAVAILABLE (code MARKER). */
dph_status dphl_os_marker_remove(const char *path, dph_error *err);

#endif
