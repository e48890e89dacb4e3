/* SPDX-License-Identifier: Apache-2.0
 *
 * Error texts of the loader. Parts of them come from plugin files, so they are cleaned here, once.
 */
#include "loader/fail.h"

#include "support/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

dph_status dphl_fail(dph_error *err, dph_status status, uint32_t code, const char *format, ...)
{
    char text[4 * sizeof err->message];
    if (err == NULL)
        return status;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err->status = status;
    err->code = code;
    err->flags = 0;
    (void)sup_utf8_clean(text, len < 0 ? 0 : strlen(text), err->message, sizeof err->message);
    return status;
}

void dphl_fail_init(dph_error *err)
{
    memset(err, 0, sizeof *err);
    err->struct_size = sizeof *err;
}
