/* SPDX-License-Identifier: Apache-2.0
 *
 * See os_append.h. */
#define _GNU_SOURCE
#include "sample-host/src/base/os_append.h"

#include "sample-host/src/base/os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#define READ_SIZE ((size_t)1 << 16)

static bool fail(host_error *err, const char *path)
{
    return host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be written: %s.", path,
                          strerror(errno));
}

/* Where the last line that has no end begins; `end` when it is longer than any that is written. */
static off_t find_torn(int fd, off_t end)
{
    char last[HOST_APPEND_MAX + 1];
    const off_t from = end > (off_t)sizeof last ? end - (off_t)sizeof last : 0;
    const ssize_t got = pread(fd, last, (size_t)(end - from), from);
    if (got != end - from) {
        return -1;
    }
    const char *feed = memrchr(last, '\n', (size_t)got);
    if (feed != NULL) {
        return from + (feed - last) + 1;
    }
    return from == 0 ? 0 : end;
}

/* A line without its end was never confirmed to anybody. */
static bool end_last_line(int fd)
{
    const off_t end = lseek(fd, 0, SEEK_END);
    const off_t torn = end > 0 ? find_torn(fd, end) : end;
    char last = '\n';
    if (torn < 0 || (torn < end && ftruncate(fd, torn) != 0)) {
        return false;
    }
    const bool is_ended = torn < end || end == 0 || (pread(fd, &last, 1, end - 1) == 1);
    return is_ended && (last == '\n' || write(fd, "\n", 1) == 1);
}

static bool append(int fd, const char *line, size_t len)
{
    char end = '\n';
    struct iovec parts[2] = {{(void *)(uintptr_t)line, len}, {&end, 1}};
    return writev(fd, parts, 2) == (ssize_t)(len + 1) && fsync(fd) == 0;
}

bool host_append_line(const char *path, const char *line, size_t len, host_error *err)
{
    bool is_new = !host_file_exists(path);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(err, path);
    }
    bool ok = fchmod(fd, 0600) == 0 && end_last_line(fd) && append(fd, line, len);
    if (!ok) {
        (void)fail(err, path);
    }
    (void)close(fd);
    return ok && (!is_new || host_file_sync_dir(path) || fail(err, path));
}

/* The line at hand; `len` goes on beyond its space by one at most. */
typedef struct line_reader {
    host_append_sink take;
    void *context;
    size_t len;
    char line[HOST_APPEND_MAX + 1];
} line_reader;

static void keep_part(line_reader *r, const char *part, size_t len)
{
    const size_t space = sizeof r->line - r->len;
    const size_t more = len < space ? len : space;
    memcpy(r->line + r->len, part, more);
    r->len += more;
}

static dph_status take_bytes(line_reader *r, const char *bytes, size_t len)
{
    dph_status status = DPH_OK;
    const char *end = bytes + len;
    while (status == DPH_OK && bytes < end) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        keep_part(r, bytes, (size_t)((feed != NULL ? feed : end) - bytes));
        if (feed == NULL) {
            break;
        }
        status = r->take(r->context, r->line, r->len);
        r->len = 0;
        bytes = feed + 1;
    }
    return status;
}

/* Not further than it was when it was opened: it may grow meanwhile. */
static dph_status read_lines(int fd, size_t size, line_reader *r, const char *path, host_error *err)
{
    char *bytes = malloc(READ_SIZE);
    dph_status status = bytes != NULL ? DPH_OK : DPH_E_NOMEM;
    if (bytes == NULL) {
        (void)host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    while (status == DPH_OK && size > 0) {
        const ssize_t got = read(fd, bytes, size < READ_SIZE ? size : READ_SIZE);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            (void)host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be read: %s.", path,
                                 strerror(errno));
            status = DPH_E_UNAVAILABLE;
            break;
        }
        if (got == 0) {
            break;
        }
        size -= (size_t)got;
        status = take_bytes(r, bytes, (size_t)got);
    }
    free(bytes);
    return status;
}

dph_status host_append_each(const char *path, host_append_sink take, void *context, host_error *err)
{
    line_reader reader = {.take = take, .context = context};
    size_t size = 0;
    if (!host_file_exists(path)) {
        return DPH_OK;
    }
    int fd = host_file_open(path, SIZE_MAX, true, &size, err);
    if (fd < 0) {
        return err->status;
    }
    dph_status status = read_lines(fd, size, &reader, path, err);
    (void)close(fd);
    return status;
}

void host_append_syslog(const char *line)
{
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "dochost audit: %s", line);
}
