/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's error value. */
#include "sample-host/src/base/host_error.h"

#include "support/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool host_error_set(host_error *err, dph_status status, uint32_t code, const char *format, ...)
{
    if (err == NULL) {
        return false;
    }
    char text[HOST_MESSAGE_SIZE];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    err->status = status;
    err->code = code;
    (void)sup_utf8_clean(text, strlen(text), err->message, sizeof err->message);
    return false;
}

bool host_error_at_line(host_error *err, size_t line)
{
    char sentence[HOST_MESSAGE_SIZE];
    (void)snprintf(sentence, sizeof sentence, "%s", err->message);
    return host_error_set(err, err->status, err->code, "Line %zu: %.480s", line, sentence);
}

bool host_error_from_dph(host_error *err, dph_status status, const dph_error *from,
                         const char *fallback)
{
    size_t len = 0;
    while (from != NULL && len < sizeof from->message && from->message[len] != '\0') {
        len++;
    }
    char text[sizeof from->message + 1];
    if (len > 0) {
        (void)sup_utf8_clean(from->message, len, text, sizeof text);
    }
    return host_error_set(err, status < 0 ? status : DPH_E_INTERNAL, from != NULL ? from->code : 0,
                          "%s", len > 0 ? text : fallback);
}

dph_status host_error_to_dph(const host_error *err, dph_error *out)
{
    if (out != NULL && out->struct_size >= sizeof *out) {
        out->status = err->status;
        out->code = err->code;
        (void)sup_utf8_clean(err->message, strlen(err->message), out->message, sizeof out->message);
    }
    return err->status;
}
