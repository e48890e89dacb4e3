/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: a library as a sealed copy in memory, and the dynamic linker. */
#ifndef DPHL_OS_LIBRARY_H
#define DPHL_OS_LIBRARY_H

#include "loader/loader.h"

/* [control] Copies the file, opened with the checks of dphl_os_file_open, into memory that nobody
 * can change any more. The caller closes *out_image with dphl_os_file_close. Errors: those of
 * dphl_os_file_open; UNAVAILABLE (code UNREADABLE). */
dph_status dphl_os_library_copy(const char *path, int *out_image, dph_error *err);

/* [control] Links the image with all symbols bound at once, none given to others. *image may change
 * to another number for the same memory; it must stay open as long as the library is loaded.
 * Errors: INVALID (code LINK). */
dph_status dphl_os_library_load(int *image, const char *id, void **out_handle, dph_error *err);

/* [control] Address of a symbol, or NULL. */
void *dphl_os_library_symbol(void *handle, const char *name);

/* [control] Takes a library that was refused out again. NULL-safe. */
void dphl_os_library_unload(void *handle);

#endif
