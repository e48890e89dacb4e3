/* SPDX-License-Identifier: Apache-2.0
 *
 * Files without power. What is replaced or removed is kept by a second name until it is durable. */
#define _GNU_SOURCE
#include "tests/support/power_files.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sample-host/src/base/os_file.h"
#include "tests/support/kill_steps.h"

#define MAX 256u

typedef enum deed_kind { RENAMED, LINKED, REMOVED } deed_kind;

/* A name that changed since its folder was synced. */
typedef struct deed {
    deed_kind kind;
    char path[PATH_MAX];
    char from[PATH_MAX]; /* RENAMED */
    char kept[PATH_MAX]; /* what had the name before; "" = nothing */
} deed;

/* A file with bytes that no sync covered. */
typedef struct dirt {
    dev_t device;
    ino_t inode;
    off_t durable; /* so many bytes are on the disk */
    char kept[PATH_MAX];
} dirt;

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static char side[PATH_MAX];
static deed deeds[MAX];
static size_t deed_count;
static dirt dirts[MAX];
static size_t dirt_count;
static unsigned kept_count;

static void need(bool fine, const char *what)
{
    if (!fine) {
        perror(what);
        abort();
    }
}

static bool is_below(const char *path)
{
    const size_t len = strlen(root);
    return len > 0 && strncmp(path, root, len) == 0 && strncmp(path, side, strlen(side)) != 0;
}

static void name_kept(char out[PATH_MAX])
{
    (void)snprintf(out, PATH_MAX, "%.3000s/%u", side, kept_count++);
}

static bool path_of(int fd, char out[PATH_MAX])
{
    char link_path[64];
    (void)snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", fd);
    const ssize_t len = readlink(link_path, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    return len > 0 && is_below(out);
}

static void add_deed(deed_kind kind, const char *from, const char *path)
{
    if (!is_below(path)) {
        return;
    }
    need(deed_count < MAX, "too many names changed");
    deed *one = &deeds[deed_count++];
    one->kind = kind;
    (void)snprintf(one->path, sizeof one->path, "%s", path);
    (void)snprintf(one->from, sizeof one->from, "%s", from);
    name_kept(one->kept);
    if (__real_link(path, one->kept) != 0) {
        one->kept[0] = '\0';
    }
}

static void note_rename(const char *from, const char *to)
{
    (void)pthread_mutex_lock(&lock);
    add_deed(RENAMED, from, to);
    (void)pthread_mutex_unlock(&lock);
}

static void note_link(const char *from, const char *to)
{
    (void)from;
    (void)pthread_mutex_lock(&lock);
    if (access(to, F_OK) != 0) {
        add_deed(LINKED, "", to);
    }
    (void)pthread_mutex_unlock(&lock);
}

int __wrap_unlink(const char *path)
{
    (void)pthread_mutex_lock(&lock);
    if (access(path, F_OK) == 0) {
        add_deed(REMOVED, "", path);
    }
    (void)pthread_mutex_unlock(&lock);
    return __real_unlink(path);
}

static dirt *find_dirt(const struct stat *info)
{
    for (size_t i = 0; i < dirt_count; i++) {
        if (dirts[i].device == info->st_dev && dirts[i].inode == info->st_ino) {
            return &dirts[i];
        }
    }
    return NULL;
}

static void note_write(int fd, off_t cut)
{
    char path[PATH_MAX];
    struct stat info;
    (void)pthread_mutex_lock(&lock);
    if (root[0] != '\0' && path_of(fd, path) && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        dirt *one = find_dirt(&info);
        if (one == NULL) {
            need(dirt_count < MAX, "too many files written");
            one = &dirts[dirt_count++];
            *one = (dirt){.device = info.st_dev, .inode = info.st_ino, .durable = info.st_size};
            name_kept(one->kept);
            need(__real_link(path, one->kept) == 0, path);
        }
        if (cut >= 0 && cut < one->durable) {
            one->durable = cut;
        }
    }
    (void)pthread_mutex_unlock(&lock);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    note_write(fd, -1);
    return __real_write(fd, bytes, len);
}

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
    note_write(fd, -1);
    return __real_writev(fd, parts, count);
}

int __wrap_ftruncate(int fd, off_t size)
{
    note_write(fd, size);
    return __real_ftruncate(fd, size);
}

static bool lies_in(const char *path, const char *dir)
{
    const size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/' && strchr(path + len + 1, '/') == NULL;
}

static void settle_dir(const char *dir)
{
    size_t left = 0;
    for (size_t i = 0; i < deed_count; i++) {
        if (!lies_in(deeds[i].path, dir)) {
            deeds[left++] = deeds[i];
        }
    }
    deed_count = left;
}

static void note_sync(int fd)
{
    char path[PATH_MAX];
    struct stat info;
    (void)pthread_mutex_lock(&lock);
    const bool is_known = root[0] != '\0' && fstat(fd, &info) == 0;
    if (is_known && S_ISDIR(info.st_mode) && (path_of(fd, path) || strcmp(path, root) == 0)) {
        settle_dir(path);
    }
    dirt *one = is_known ? find_dirt(&info) : NULL;
    if (one != NULL) {
        *one = dirts[--dirt_count];
    }
    (void)pthread_mutex_unlock(&lock);
}

void power_files_watch(const char *dir)
{
    deed_count = 0;
    dirt_count = 0;
    root[0] = '\0';
    kill_steps_before_rename = dir != NULL ? note_rename : NULL;
    kill_steps_before_link = dir != NULL ? note_link : NULL;
    kill_steps_after_sync = dir != NULL ? note_sync : NULL;
    if (dir == NULL) {
        return;
    }
    (void)snprintf(side, sizeof side, "%.3000s/power", dir);
    host_file_remove_dir(side);
    need(mkdir(side, 0700) == 0, side);
    need(realpath(dir, root) != NULL, dir);
}

static void undo(const deed *one)
{
    if (one->kind == RENAMED) {
        need(__real_rename(one->path, one->from) == 0, one->path);
    } else if (one->kind == LINKED) {
        need(__real_unlink(one->path) == 0, one->path);
    }
    if (one->kept[0] != '\0') {
        (void)__real_unlink(one->path); /* made anew since: not on the disk either */
        need(__real_link(one->kept, one->path) == 0, one->path);
    }
}

/* Of what was not synced a part is there, and half of the times it is not what was written. */
static void soil(const dirt *one, uint64_t seed)
{
    struct stat info;
    const int fd = open(one->kept, O_RDWR | O_CLOEXEC);
    need(fd >= 0 && fstat(fd, &info) == 0, one->kept);
    const off_t more = info.st_size > one->durable ? info.st_size - one->durable : 0;
    const off_t left = one->durable + (off_t)(seed / 2 % ((uint64_t)more + 1));
    need(__real_ftruncate(fd, left) == 0, one->kept);
    for (off_t at = one->durable; seed % 2 == 0 && at < left; at++) {
        const uint8_t byte = (uint8_t)(seed >> (at % 48));
        need(pwrite(fd, &byte, 1, at) == 1, one->kept);
    }
    (void)close(fd);
}

void power_files_lose(uint64_t seed)
{
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < dirt_count; i++) {
        soil(&dirts[i], seed + i);
    }
    const size_t kept = seed / 4 % (deed_count + 1);
    while (deed_count > kept) {
        undo(&deeds[--deed_count]);
    }
    root[0] = '\0';
    (void)pthread_mutex_unlock(&lock);
}
