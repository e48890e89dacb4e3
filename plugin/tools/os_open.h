/* SPDX-License-Identifier: Apache-2.0
 *
 * What bkey-open needs of the system: private files, a file that grows, who runs it. */
#ifndef BKEY_OS_OPEN_H
#define BKEY_OS_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_OS_OPEN_PATH 4096u /* bytes of a path */

/* Bytes in sodium_malloc memory; sodium_free ends them. */
typedef struct bkey_os_bytes {
    uint8_t *ptr;
    size_t len;
} bkey_os_bytes;

/* No core dumps, files made private. */
void bkey_os_open_prepare(void);
/* Reads a whole file of at most `max` bytes; "-" = standard input. `is_private`: refused when
 * others may read it. False with a sentence in `why` (why_size bytes). */
bool bkey_os_open_read(const char *path, size_t max, bool is_private, bkey_os_bytes *out, char *why,
                       size_t why_size);
bool bkey_os_open_exists(const char *path);
/* Opens a file that only grows, made with mode 0600 when there is none, and holds it alone until it
 * is closed: another bkey-open and a starting host wait or let it be. Refused when others may read
 * it, and after a few seconds in which it was not free. */
bool bkey_os_open_journal(const char *path, int *out_fd, char *why, size_t why_size);
/* All of it; no byte is none. */
bool bkey_os_open_read_journal(int fd, const char *path, size_t max, bkey_os_bytes *out, char *why,
                               size_t why_size);
/* Appends durably, all or nothing. */
bool bkey_os_open_append(int fd, const char *path, const void *bytes, size_t len, char *why,
                         size_t why_size);
/* An empty one is removed. -1 is fine. */
void bkey_os_open_close_journal(int fd, const char *path);
/* Writes to standard output without a buffer of its own. */
bool bkey_os_open_print(const void *bytes, size_t len);
/* One line from standard input without its end; a prompt when it is a terminal. */
bool bkey_os_open_line(const char *prompt, char *out, size_t cap);
/* Folder of credentials from the service manager, NULL when there is none. */
const char *bkey_os_open_credentials(void);
uint32_t bkey_os_open_uid(void);
/* Name of that user, "" when there is none. */
void bkey_os_open_user(char *out, size_t cap);
/* Milliseconds since 1970, UTC. */
int64_t bkey_os_open_now(void);

#endif
