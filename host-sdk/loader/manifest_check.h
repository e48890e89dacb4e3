/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: what manifest.json says, before and after code was loaded. */
#ifndef DPHL_MANIFEST_CHECK_H
#define DPHL_MANIFEST_CHECK_H

#include "loader/loader.h"

#include <jansson.h>

/* [any] Reads the text; the caller ends *out with json_decref. Checks the fields that the C
 * manifest shares, `id` (the file's name) and the version's form. Errors: INVALID (code MANIFEST).
 */
dph_status dphl_manifest_check_text(const char *text, size_t len, const char *id, json_t **out,
                                    dph_error *err);

/* [any] Whether the host speaks the plugin's ABI and has what it requires. Errors: UNSUPPORTED
 * (codes ABI, REQUIRES). */
dph_status dphl_manifest_check_host(const json_t *manifest, const dph_host *host, dph_error *err);

/* [any] Whether the library's entry, and the manifest in it, say the same. Errors: INVALID (code
 * MANIFEST). */
dph_status dphl_manifest_check_same(const json_t *manifest, const dph_entry *entry, dph_error *err);

#endif
