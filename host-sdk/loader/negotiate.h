/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: from a verified image to an entry that both sides understand. The probe
 * does the same in a process of its own. */
#ifndef DPHL_NEGOTIATE_H
#define DPHL_NEGOTIATE_H

#include "loader/loader.h"

/* Code of a plugin in this process. */
typedef struct dphl_code {
    void *handle;    /* of the dynamic linker */
    dph_entry entry; /* copied: as much of it as both sides know, the rest zero */
} dphl_code;

/* [any] Whether a plugin built for that ABI works with this host. Errors: UNSUPPORTED (code ABI;
 * the text names both). */
dph_status dphl_negotiate_numbers(const char *id, uint16_t major, uint16_t minor,
                                  const dph_host *host, dph_error *err);

/* [control] Links the image, calls the entry function and checks what it answers. *image stays the
 * caller's, see dphl_os_library_load. Of `host` only the two numbers are used. On failure the code
 * is gone again. Errors: INVALID (codes LINK, SYMBOL, MANIFEST), UNSUPPORTED (code ABI). */
dph_status dphl_negotiate_load(int *image, const char *id, const dph_host *host, dphl_code *out,
                               dph_error *err);

#endif
