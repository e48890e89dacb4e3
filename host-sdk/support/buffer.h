/* SPDX-License-Identifier: Apache-2.0
 *
 * A growable byte buffer with a mandatory maximum. Not for secrets: it grows by realloc.
 * After a failed append the buffer is empty and every later append fails too, so a caller may
 * append many times and look at sup_buffer_failed() once. */
#ifndef SUP_BUFFER_H
#define SUP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sup_buffer {
    char *ptr;  /* always terminated by a zero byte when not NULL */
    size_t len; /* without that byte */
    size_t cap;
    size_t max;  /* most bytes it may ever hold */
    bool failed; /* an append did not fit or memory ran out */
} sup_buffer;

/* Starts an empty buffer that holds at most `max` bytes. Allocates nothing. */
void sup_buffer_init(sup_buffer *buffer, size_t max);
/* Frees the bytes; the buffer is empty and usable afterwards. NULL-safe. */
void sup_buffer_done(sup_buffer *buffer);
/* Empties without freeing, and forgets an earlier failure. */
void sup_buffer_reset(sup_buffer *buffer);
/* All appends: true when the bytes are in, false when the buffer failed (now or earlier). */
bool sup_buffer_add(sup_buffer *buffer, const void *bytes, size_t len);
bool sup_buffer_add_str(sup_buffer *buffer, const char *text);
bool sup_buffer_add_u64(sup_buffer *buffer, uint64_t value);
bool sup_buffer_printf(sup_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* True when any append since init or reset did not go in. */
bool sup_buffer_failed(const sup_buffer *buffer);
/* The text so far, "" when nothing was added. Valid until the next call that changes the buffer. */
const char *sup_buffer_text(const sup_buffer *buffer);
/* Hands the bytes to the caller (free() them) and leaves the buffer empty; NULL when it failed. */
char *sup_buffer_take(sup_buffer *buffer);

#endif
