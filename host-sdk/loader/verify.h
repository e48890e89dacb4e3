/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: whether files are what the host named and pinned. */
#ifndef DPHL_VERIFY_H
#define DPHL_VERIFY_H

#include "loader/loader.h"

#define DPHL_ID_MAX 48 /* bytes of a plugin id */

/* [any] 1 when the text is an id: [a-z0-9_]{3,48}. */
int dphl_verify_id(const char *text, size_t len);

/* [any] Reads the id out of an absolute path ".../ID.so" (".dll"); touches no file. Errors: INVALID
 * (code PATH). */
dph_status dphl_verify_path(const char *path, char out_id[DPHL_ID_MAX + 1], dph_error *err);

/* [control] Compares an open file's SHA-256 with the pinned one. Errors: CORRUPT (code HASH),
 * UNAVAILABLE (code UNREADABLE). */
dph_status dphl_verify_hash(int fd, const char *path, const uint8_t pinned[DPHL_HASH_SIZE],
                            dph_error *err);

#endif
