/* SPDX-License-Identifier: Apache-2.0
 *
 * Private, durable files by POSIX. */
#define _GNU_SOURCE
#include "sample-host/src/base/os_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail_errno(host_error *err, const char *what, const char *path)
{
    dph_status status = errno == ENOENT   ? DPH_E_NOT_FOUND
                        : errno == EEXIST ? DPH_E_CONFLICT
                                          : DPH_E_UNAVAILABLE;
    return host_error_set(err, status, 0, "%s cannot be %s: %s.", path, what, strerror(errno));
}

static bool write_all(int fd, const unsigned char *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(fd, bytes + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static void split_dir(const char *path, char *dir, size_t cap)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == NULL) {
        (void)snprintf(dir, cap, ".");
    } else {
        (void)snprintf(dir, cap, "%.*s", (int)(len > 0 ? len : 1), path);
    }
}

static bool sync_dir_of(const char *path)
{
    char dir[PATH_MAX];
    split_dir(path, dir, sizeof dir);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool ok = fsync(fd) == 0;
    (void)close(fd);
    return ok;
}

static bool write_temporary(const char *temp, const void *bytes, size_t len, host_error *err)
{
    (void)unlink(temp);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail_errno(err, "written", temp);
    }
    bool ok = fchmod(fd, 0600) == 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
    int saved = errno;
    (void)close(fd);
    if (!ok) {
        (void)unlink(temp);
        errno = saved;
        return fail_errno(err, "written", temp);
    }
    return true;
}

bool host_file_write(const char *path, const void *bytes, size_t len, host_error *err)
{
    char temp[PATH_MAX];
    if (snprintf(temp, sizeof temp, "%s.tmp", path) >= (int)sizeof temp) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    if (!write_temporary(temp, bytes, len, err)) {
        return false;
    }
    if (rename(temp, path) != 0 || !sync_dir_of(path)) {
        int saved = errno;
        (void)unlink(temp);
        errno = saved;
        return fail_errno(err, "replaced", path);
    }
    return true;
}

bool host_file_create(const char *path, const void *bytes, size_t len, host_error *err)
{
    char temp[PATH_MAX];
    if (snprintf(temp, sizeof temp, "%s.tmp", path) >= (int)sizeof temp) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    if (!write_temporary(temp, bytes, len, err)) {
        return false;
    }
    bool ok = link(temp, path) == 0 && sync_dir_of(path);
    int saved = errno;
    (void)unlink(temp);
    errno = saved;
    return ok ? true : fail_errno(err, "created", path);
}

static bool check_private(int fd, const char *path, size_t max, bool is_private, size_t *out_size,
                          host_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return fail_errno(err, "read", path);
    }
    if (!S_ISREG(info.st_mode)) {
        return host_error_set(err, DPH_E_DENIED, 0, "%s is not a regular file.", path);
    }
    if (is_private && (info.st_uid != geteuid() || (info.st_mode & 077) != 0)) {
        return host_error_set(err, DPH_E_DENIED, 0,
                              "%s is refused: only its owner may have access to it (chmod 600).",
                              path);
    }
    if (info.st_size < 0 || (uint64_t)info.st_size > max) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "%s is too large.", path);
    }
    *out_size = (size_t)info.st_size;
    return true;
}

static bool read_into(int fd, host_secret *secret)
{
    while (secret->len < secret->cap) {
        ssize_t n = read(fd, secret->ptr + secret->len, secret->cap - secret->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            break;
        }
        secret->len += (size_t)n;
    }
    return true;
}

int host_file_open(const char *path, size_t max, bool is_private, size_t *out_size, host_error *err)
{
    /* O_NONBLOCK: a named pipe in the file's place must not hold the program up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ELOOP) {
        (void)host_error_set(err, DPH_E_DENIED, 0,
                             "%s is a symbolic link; put the file itself there.", path);
    } else if (fd < 0) {
        (void)fail_errno(err, "read", path);
    } else if (!check_private(fd, path, max, is_private, out_size, err)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

bool host_file_read(const char *path, size_t max, bool is_private, host_secret *out,
                    host_error *err)
{
    host_secret secret = {0};
    size_t size = 0;
    bool ok = true;
    int fd = host_file_open(path, max, is_private, &size, err);
    if (fd < 0) {
        return false;
    }
    if (!host_secret_init(&secret, size)) {
        ok = host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    if (ok && !read_into(fd, &secret)) {
        ok = fail_errno(err, "read", path);
    }
    (void)close(fd);
    if (!ok) {
        host_secret_done(&secret);
        return false;
    }
    *out = secret;
    return true;
}

bool host_file_sync_dir(const char *path)
{
    return sync_dir_of(path);
}

bool host_file_lies_inside(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/';
}

bool host_file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

void host_file_remove(const char *path)
{
    (void)unlink(path);
}

bool host_file_make_dir(char *path, host_error *err)
{
    return mkdtemp(path) != NULL ? true : fail_errno(err, "created", path);
}

bool host_file_make_scratch(char *out, size_t cap, host_error *err)
{
    const char *base = getenv("TMPDIR");
    if (snprintf(out, cap, "%s/dochost-XXXXXX", base != NULL ? base : "/tmp") >= (int)cap) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    return host_file_make_dir(out, err);
}

bool host_file_link(const char *from, const char *to, host_error *err)
{
    return link(from, to) == 0 && sync_dir_of(to) ? true : fail_errno(err, "created", to);
}

bool host_file_replace(const char *from, const char *to, host_error *err)
{
    return rename(from, to) == 0 && sync_dir_of(to) ? true : fail_errno(err, "replaced", to);
}

bool host_file_rename_dir(const char *from, const char *to, host_error *err)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0 || !sync_dir_of(to)) {
        return fail_errno(err, "created", to);
    }
    return true;
}

void host_file_remove_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(path);
}

bool host_file_absolute(const char *path, char *out, size_t cap, host_error *err)
{
    char trimmed[PATH_MAX];
    char dir[PATH_MAX];
    char real[PATH_MAX];
    if (snprintf(trimmed, sizeof trimmed, "%s", path) >= (int)sizeof trimmed) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    for (size_t len = strlen(trimmed); len > 1 && trimmed[len - 1] == '/'; len--) {
        trimmed[len - 1] = '\0';
    }
    split_dir(trimmed, dir, sizeof dir);
    const char *slash = strrchr(trimmed, '/');
    const char *name = slash == NULL ? trimmed : slash + 1;
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return host_error_set(err, DPH_E_INVALID, 0, "%s is not the name of a file.", path);
    }
    if (realpath(dir, real) == NULL) {
        return fail_errno(err, "found", dir);
    }
    const char *between = strcmp(real, "/") == 0 ? "" : "/";
    if (snprintf(out, cap, "%s%s%s", real, between, name) >= (int)cap) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    return true;
}

bool host_file_resolve(const char *path, char out[PATH_MAX], host_error *err)
{
    return realpath(path, out) != NULL ? true : fail_errno(err, "found", path);
}

bool host_file_program(char *out, size_t cap)
{
    ssize_t len = readlink("/proc/self/exe", out, cap - 1);
    if (len <= 0) {
        return false;
    }
    out[len] = '\0';
    return true;
}
