/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: how it tells what went wrong. */
#ifndef DPHL_FAIL_H
#define DPHL_FAIL_H

#include "dph/error.h"

/* [any] Fills *err, when there is one, with one cleaned sentence, and returns `status`. */
dph_status dphl_fail(dph_error *err, dph_status status, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* [any] Starts an error of the caller's own: empty, with its size set. */
void dphl_fail_init(dph_error *err);

#endif
