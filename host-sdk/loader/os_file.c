/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and reading files with the checks that keep others from swapping them. Must not know
 * what is in them. */
#define _GNU_SOURCE
#include "loader/os_file.h"

#include "loader/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static dph_status refuse_unreadable(const char *path, int number, dph_error *err)
{
    return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE, "%s cannot be read: %s.", path,
                     strerrordesc_np(number));
}

static dph_status check_trust(int fd, const char *what, const char *path, dph_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return refuse_unreadable(path, errno, err);
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return dphl_fail(err, DPH_E_DENIED, DPHL_CODE_PERMISSIONS,
                         "The %s %s belongs to another user; it must belong to root or to the user "
                         "of this process.",
                         what, path);
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return dphl_fail(err, DPH_E_DENIED, DPHL_CODE_PERMISSIONS,
                         "The %s %s may be written by others; take that right away with chmod "
                         "go-w.",
                         what, path);
    return DPH_OK;
}

static dph_status open_folder(const char *path, const char *name, int check, int *out_fd,
                              dph_error *err)
{
    size_t len = name - path == 1 ? 1 : (size_t)(name - path) - 1;
    char *folder = strndup(path, len);
    if (folder == NULL)
        return dphl_fail(err, DPH_E_NOMEM, DPHL_CODE_UNREADABLE, "Out of memory.");
    dph_status status = DPH_OK;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        status = refuse_unreadable(folder, errno, err);
    else if (check)
        status = check_trust(fd, "folder", folder, err);
    if (status == DPH_OK)
        *out_fd = fd;
    else
        dphl_os_file_close(fd);
    free(folder);
    return status;
}

static dph_status check_regular(int fd, const char *path, dph_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return refuse_unreadable(path, errno, err);
    if (!S_ISREG(info.st_mode))
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH, "%s is not a regular file.", path);
    return DPH_OK;
}

static dph_status open_checked(const char *path, int check, int *out_fd, dph_error *err)
{
    const char *slash = strrchr(path, '/');
    if (path[0] != '/' || slash[1] == '\0')
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH,
                         "%s is not the absolute path of a "
                         "file.",
                         path);
    int folder = -1;
    dph_status status = open_folder(path, slash + 1, check, &folder, err);
    if (status != DPH_OK)
        return status;
    /* O_NONBLOCK: a named pipe must not hold the host up. */
    int fd = openat(folder, slash + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int number = errno;
    dphl_os_file_close(folder);
    if (fd < 0 && number == ELOOP)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH,
                         "%s is a symbolic link; name the file itself.", path);
    if (fd < 0)
        return refuse_unreadable(path, number, err);
    status = check_regular(fd, path, err);
    if (status == DPH_OK && check)
        status = check_trust(fd, "file", path, err);
    if (status == DPH_OK)
        *out_fd = fd;
    else
        dphl_os_file_close(fd);
    return status;
}

dph_status dphl_os_file_open(const char *path, int *out_fd, dph_error *err)
{
    return open_checked(path, 1, out_fd, err);
}

dph_status dphl_os_file_open_any(const char *path, int *out_fd, dph_error *err)
{
    return open_checked(path, 0, out_fd, err);
}

dph_status dphl_os_file_read(int fd, const char *path, size_t max, char **out, size_t *out_len,
                             dph_error *err)
{
    char *text = malloc(max + 2);
    size_t len = 0;
    ssize_t got = 1;
    if (text == NULL)
        return dphl_fail(err, DPH_E_NOMEM, DPHL_CODE_UNREADABLE, "Out of memory.");
    while (got > 0 && len <= max) {
        got = pread(fd, text + len, max + 1 - len, (off_t)len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0 || len > max) {
        int number = got < 0 ? errno : EFBIG;
        free(text);
        return refuse_unreadable(path, number, err);
    }
    text[len] = '\0';
    *out = text;
    *out_len = len;
    return DPH_OK;
}

dph_status dphl_os_file_hash(int fd, const char *path, uint8_t out[DPHL_HASH_SIZE], dph_error *err)
{
    crypto_hash_sha256_state state;
    unsigned char chunk[16384];
    off_t at = 0;
    ssize_t got;
    (void)crypto_hash_sha256_init(&state);
    while ((got = pread(fd, chunk, sizeof chunk, at)) > 0) {
        (void)crypto_hash_sha256_update(&state, chunk, (unsigned long long)got);
        at += got;
    }
    if (got < 0)
        return refuse_unreadable(path, errno, err);
    (void)crypto_hash_sha256_final(&state, out);
    return DPH_OK;
}

void dphl_os_file_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}
