/* SPDX-License-Identifier: Apache-2.0 */
#include "support/buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sup_buffer_init(sup_buffer *buffer, size_t max)
{
    *buffer = (sup_buffer){.max = max};
}

void sup_buffer_done(sup_buffer *buffer)
{
    if (buffer == NULL)
        return;
    free(buffer->ptr);
    sup_buffer_init(buffer, buffer->max);
}

void sup_buffer_reset(sup_buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
    if (buffer->ptr != NULL)
        buffer->ptr[0] = '\0';
}

static bool give_up(sup_buffer *buffer)
{
    sup_buffer_done(buffer);
    buffer->failed = true;
    return false;
}

static bool reserve(sup_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more > buffer->max || buffer->len > buffer->max - more)
        return give_up(buffer);
    size_t need = buffer->len + more + 1;
    if (need <= buffer->cap)
        return true;
    size_t cap = buffer->cap < 128 ? 128 : buffer->cap;
    while (cap < need)
        cap *= 2;
    char *grown = realloc(buffer->ptr, cap);
    if (grown == NULL)
        return give_up(buffer);
    buffer->ptr = grown;
    buffer->cap = cap;
    return true;
}

bool sup_buffer_add(sup_buffer *buffer, const void *bytes, size_t len)
{
    if (!reserve(buffer, len))
        return false;
    if (len > 0)
        memcpy(buffer->ptr + buffer->len, bytes, len);
    buffer->len += len;
    buffer->ptr[buffer->len] = '\0';
    return true;
}

bool sup_buffer_add_str(sup_buffer *buffer, const char *text)
{
    return sup_buffer_add(buffer, text, strlen(text));
}

bool sup_buffer_add_u64(sup_buffer *buffer, uint64_t value)
{
    return sup_buffer_printf(buffer, "%" PRIu64, value);
}

bool sup_buffer_printf(sup_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    bool ok = need >= 0 && reserve(buffer, (size_t)need);
    if (ok) {
        vsnprintf(buffer->ptr + buffer->len, (size_t)need + 1, format, again);
        buffer->len += (size_t)need;
    }
    va_end(again);
    return ok || (need < 0 && give_up(buffer));
}

bool sup_buffer_failed(const sup_buffer *buffer)
{
    return buffer->failed;
}

const char *sup_buffer_text(const sup_buffer *buffer)
{
    return buffer->ptr == NULL ? "" : buffer->ptr;
}

char *sup_buffer_take(sup_buffer *buffer)
{
    if (buffer->failed || !reserve(buffer, 0))
        return NULL;
    char *bytes = buffer->ptr;
    bytes[buffer->len] = '\0';
    sup_buffer_init(buffer, buffer->max);
    return bytes;
}
