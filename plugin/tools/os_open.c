/* SPDX-License-Identifier: Apache-2.0
 *
 * See os_open.h. */
#define _GNU_SOURCE
#include "os_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 100 /* of 50 ms each */
#define OTHERS_MAY "others may read it; take their rights away (chmod 600)."

void bkey_os_open_prepare(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(077);
}

static bool say(char *why, size_t why_size, const char *path, const char *text)
{
    (void)snprintf(why, why_size, "%s: %s", path, text);
    return false;
}

static bool read_all(int fd, size_t max, bkey_os_bytes *out)
{
    size_t cap = max < 65536 ? max + 1 : 65536;
    uint8_t *bytes = sodium_malloc(cap);
    size_t len = 0;
    ssize_t n = 1;
    while (bytes != NULL && n != 0 && len <= max) {
        if (len == cap) {
            uint8_t *larger = sodium_malloc(cap * 2);
            if (larger != NULL)
                memcpy(larger, bytes, len);
            sodium_free(bytes);
            bytes = larger;
            cap *= 2;
            continue;
        }
        n = read(fd, bytes + len, cap - len);
        if (n < 0 && errno != EINTR)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    if (bytes == NULL || n != 0 || len > max) {
        sodium_free(bytes);
        return false;
    }
    *out = (bkey_os_bytes){bytes, len};
    return true;
}

bool bkey_os_open_read(const char *path, size_t max, bool is_private, bkey_os_bytes *out, char *why,
                       size_t why_size)
{
    const bool is_input = strcmp(path, "-") == 0;
    struct stat info;
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        return say(why, why_size, path, strerror(errno));
    bool ok = true;
    if (is_private && !is_input && ((info.st_mode & 077) != 0 || !S_ISREG(info.st_mode)))
        ok = say(why, why_size, path, OTHERS_MAY);
    if (ok && !read_all(fd, max, out))
        ok = say(why, why_size, path, "it cannot be read, or is too large.");
    if (!is_input)
        (void)close(fd);
    return ok;
}

bool bkey_os_open_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* The host removes a journal that it took over: what was waited for may have no name any more. */
static bool has_name(int fd, const char *path)
{
    struct stat held;
    struct stat named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static bool take_lock(int fd)
{
    const struct timespec pause = {0, 50000000};
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

static bool is_private_file(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) == 0;
}

bool bkey_os_open_journal(const char *path, int *out_fd, char *why, size_t why_size)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                      S_IRUSR | S_IWUSR);
        if (fd < 0)
            return say(why, why_size, path, strerror(errno));
        const bool is_fine = is_private_file(fd);
        const bool is_locked = is_fine && take_lock(fd);
        if (is_locked && has_name(fd, path)) {
            *out_fd = fd;
            return true;
        }
        (void)close(fd);
        if (!is_fine)
            return say(why, why_size, path, OTHERS_MAY);
        if (!is_locked)
            break;
    }
    return say(why, why_size, path,
               "another bkey-open or the host is using it; nothing was shown. Try again.");
}

bool bkey_os_open_read_journal(int fd, const char *path, size_t max, bkey_os_bytes *out, char *why,
                               size_t why_size)
{
    return lseek(fd, 0, SEEK_SET) == 0 && read_all(fd, max, out)
               ? true
               : say(why, why_size, path, "it cannot be read, or is too large.");
}

void bkey_os_open_close_journal(int fd, const char *path)
{
    struct stat info;
    if (fd < 0)
        return;
    if (fstat(fd, &info) == 0 && info.st_size == 0)
        (void)unlink(path);
    (void)close(fd);
}

static bool sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);
    (void)snprintf(folder, sizeof folder, "%.*s", len, slash == NULL ? "." : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

bool bkey_os_open_append(int fd, const char *path, const void *bytes, size_t len, char *why,
                         size_t why_size)
{
    off_t before = lseek(fd, 0, SEEK_END);
    bool ok = before >= 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0 &&
              (before > 0 || sync_folder(path));
    if (!ok) {
        (void)say(why, why_size, path, "it cannot be written.");
        if (before >= 0 && ftruncate(fd, before) != 0)
            (void)say(why, why_size, path, "it cannot be written, nor put back as it was.");
    }
    return ok;
}

bool bkey_os_open_print(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool bkey_os_open_line(const char *prompt, char *out, size_t cap)
{
    if (isatty(STDIN_FILENO))
        (void)fputs(prompt, stderr);
    size_t len = 0;
    char c = '\0';
    while (len + 1 < cap && read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        out[len++] = c;
    out[len] = '\0';
    return len > 0;
}

const char *bkey_os_open_credentials(void)
{
    return getenv("CREDENTIALS_DIRECTORY");
}

uint32_t bkey_os_open_uid(void)
{
    return (uint32_t)getuid();
}

void bkey_os_open_user(char *out, size_t cap)
{
    char space[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    out[0] = '\0';
    if (getpwuid_r(getuid(), &entry, space, sizeof space, &found) == 0 && found != NULL)
        (void)snprintf(out, cap, "%s", found->pw_name);
}

int64_t bkey_os_open_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
