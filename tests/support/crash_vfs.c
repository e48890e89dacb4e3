/* SPDX-License-Identifier: Apache-2.0
 *
 * The VFS between SQLite and the files of a test. */
#define _GNU_SOURCE
#include "tests/support/crash_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file {
    sqlite3_file base;
    char *path; /* NULL: a temporary file, of which nothing is counted */
    sqlite3_file *real;
} file;

/* A change that no sync has covered. */
typedef struct change {
    char *path;
    int64_t at;
    int64_t old_size;
    size_t old_len; /* how much there was at that place */
    size_t len;
    uint8_t *old;
    uint8_t *made; /* NULL: a truncation to `at` */
} change;

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static crash_vfs_plan plan;
static crash_vfs_counts seen;
static change *changes;
static size_t change_count;
static size_t change_cap;

static void need(bool fine, const char *what)
{
    if (!fine) {
        perror(what);
        abort();
    }
}

static uint64_t draw(void)
{
    plan.seed += 0x9e3779b97f4a7c15u;
    uint64_t z = plan.seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void forget(size_t i)
{
    free(changes[i].path);
    free(changes[i].old);
    free(changes[i].made);
}

static void forget_file(const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < change_count; i++) {
        if (strcmp(changes[i].path, path) == 0) {
            forget(i);
        } else {
            changes[kept++] = changes[i];
        }
    }
    change_count = kept;
}

static int open_real(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    need(fd >= 0, path);
    return fd;
}

static uint8_t *read_old(const char *path, int64_t at, size_t len, size_t *out_len)
{
    uint8_t *bytes = malloc(len + 1);
    need(bytes != NULL, "memory");
    int fd = open_real(path);
    ssize_t got = pread(fd, bytes, len, at);
    need(got >= 0, path);
    (void)close(fd);
    *out_len = (size_t)got;
    return bytes;
}

static void remember(const file *f, const void *made, size_t len, int64_t at)
{
    struct stat info;
    need(stat(f->path, &info) == 0, f->path);
    if (change_count == change_cap) {
        change_cap = change_cap * 2 + 64;
        changes = realloc(changes, change_cap * sizeof *changes);
        need(changes != NULL, "memory");
    }
    change *one = &changes[change_count++];
    *one = (change){.path = strdup(f->path), .at = at, .old_size = info.st_size, .len = len};
    need(one->path != NULL, "memory");
    size_t reach = made != NULL ? len : info.st_size > at ? (size_t)(info.st_size - at) : 0;
    one->old = read_old(f->path, at, reach, &one->old_len);
    if (made != NULL) {
        one->made = malloc(len + 1);
        need(one->made != NULL, "memory");
        memcpy(one->made, made, len);
    }
}

static void put(int fd, const uint8_t *bytes, size_t len, int64_t at)
{
    need(pwrite(fd, bytes, len, at) == (ssize_t)len, "crash");
}

static void undo(const change *one)
{
    int fd = open_real(one->path);
    put(fd, one->old, one->old_len, one->at);
    need(ftruncate(fd, one->old_size) == 0, one->path);
    (void)close(fd);
}

static void redo(change *one)
{
    enum { KEEP, DROP, GARBLE, TEAR } fate = draw() % 4;
    if (fate == DROP) {
        return;
    }
    int fd = open_real(one->path);
    if (one->made == NULL) {
        need(ftruncate(fd, one->at) == 0, one->path);
    } else {
        for (size_t i = 0; fate == GARBLE && i < one->len; i++) {
            one->made[i] = (uint8_t)draw();
        }
        put(fd, one->made, fate == TEAR ? one->len / 2 : one->len, one->at);
    }
    (void)close(fd);
}

static void lose_power(void)
{
    for (size_t i = change_count; i > 0; i--) {
        undo(&changes[i - 1]);
    }
    for (size_t i = 0; i < change_count; i++) {
        redo(&changes[i]);
    }
}

/* One more call that changes a file; may not return. Under the lock. */
static void pass(void)
{
    seen.all++;
    if (seen.all != plan.at) {
        return;
    }
    if (plan.mode == CRASH_VFS_POWER) {
        if (plan.also != NULL) {
            plan.also();
        }
        lose_power();
    }
    if (plan.mode == CRASH_VFS_DIE || plan.mode == CRASH_VFS_POWER) {
        _exit(CRASH_VFS_EXIT);
    }
}

static bool fails(crash_vfs_mode mode, uint64_t number)
{
    return plan.mode == mode && (number == plan.at || (plan.for_ever && number > plan.at));
}

static int do_close(sqlite3_file *base)
{
    file *f = (file *)base;
    int rc = f->real->pMethods->xClose(f->real);
    free(f->path);
    return rc;
}

static int do_read(sqlite3_file *base, void *to, int len, sqlite3_int64 at)
{
    const file *f = (file *)base;
    return f->real->pMethods->xRead(f->real, to, len, at);
}

static int do_write(sqlite3_file *base, const void *from, int len, sqlite3_int64 at)
{
    const file *f = (file *)base;
    if (f->path == NULL) {
        return f->real->pMethods->xWrite(f->real, from, len, at);
    }
    (void)pthread_mutex_lock(&lock);
    pass();
    seen.writes++;
    int rc = SQLITE_FULL;
    if (!fails(CRASH_VFS_FULL, seen.writes)) {
        if (plan.mode == CRASH_VFS_POWER) {
            remember(f, from, (size_t)len, at);
        }
        rc = f->real->pMethods->xWrite(f->real, from, len, at);
    }
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int do_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    const file *f = (file *)base;
    (void)pthread_mutex_lock(&lock);
    if (f->path != NULL) {
        pass();
        if (plan.mode == CRASH_VFS_POWER) {
            remember(f, NULL, 0, size);
        }
    }
    int rc = f->real->pMethods->xTruncate(f->real, size);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int do_sync(sqlite3_file *base, int flags)
{
    const file *f = (file *)base;
    (void)flags;
    if (f->path == NULL) {
        return SQLITE_OK;
    }
    (void)pthread_mutex_lock(&lock);
    pass();
    seen.syncs++;
    int rc = SQLITE_IOERR_FSYNC;
    if (!fails(CRASH_VFS_FSYNC, seen.syncs)) {
        /* The system itself lives on, so the disk need not be waited for. */
        rc = SQLITE_OK;
        forget_file(f->path);
    }
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int do_size(sqlite3_file *base, sqlite3_int64 *out)
{
    const file *f = (file *)base;
    return f->real->pMethods->xFileSize(f->real, out);
}

static int do_lock(sqlite3_file *base, int level)
{
    const file *f = (file *)base;
    return f->real->pMethods->xLock(f->real, level);
}

static int do_unlock(sqlite3_file *base, int level)
{
    const file *f = (file *)base;
    return f->real->pMethods->xUnlock(f->real, level);
}

static int do_check(sqlite3_file *base, int *out)
{
    const file *f = (file *)base;
    return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int do_control(sqlite3_file *base, int op, void *value)
{
    const file *f = (file *)base;
    return f->real->pMethods->xFileControl(f->real, op, value);
}

static int do_sector(sqlite3_file *base)
{
    const file *f = (file *)base;
    return f->real->pMethods->xSectorSize(f->real);
}

static int do_traits(sqlite3_file *base)
{
    const file *f = (file *)base;
    /* What POWER does to a write is more than a safe-overwrite disk would. */
    return f->real->pMethods->xDeviceCharacteristics(f->real) & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int do_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    const file *f = (file *)base;
    return f->real->pMethods->xShmMap(f->real, page, size, extend, out);
}

static int do_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    const file *f = (file *)base;
    return f->real->pMethods->xShmLock(f->real, offset, count, flags);
}

static void do_shm_barrier(sqlite3_file *base)
{
    const file *f = (file *)base;
    f->real->pMethods->xShmBarrier(f->real);
}

static int do_shm_unmap(sqlite3_file *base, int remove_it)
{
    const file *f = (file *)base;
    return f->real->pMethods->xShmUnmap(f->real, remove_it);
}

static const sqlite3_io_methods methods = {
    2,           do_close,       do_read,      do_write,   do_truncate, do_sync,   do_size,
    do_lock,     do_unlock,      do_check,     do_control, do_sector,   do_traits, do_shm_map,
    do_shm_lock, do_shm_barrier, do_shm_unmap, NULL,       NULL};

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                   int *out_flags)
{
    file *f = (file *)base;
    (void)vfs;
    memset(f, 0, sizeof *f);
    f->real = (sqlite3_file *)(f + 1);
    int rc = real_vfs->xOpen(real_vfs, name, f->real, flags, out_flags);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool is_kept = name != NULL && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
    f->path = is_kept ? strdup(name) : NULL;
    f->base.pMethods = &methods;
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    (void)pthread_mutex_lock(&lock);
    pass();
    int rc = real_vfs->xDelete(real_vfs, name, sync_dir);
    forget_file(name);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

void crash_vfs_lose_power(void)
{
    (void)pthread_mutex_lock(&lock);
    lose_power();
    (void)pthread_mutex_unlock(&lock);
}

void crash_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    need(real_vfs != NULL, "vfs");
    shim = *real_vfs;
    shim.zName = "crash";
    shim.pNext = NULL;
    shim.szOsFile = (int)sizeof(file) + real_vfs->szOsFile;
    shim.xOpen = do_open;
    shim.xDelete = do_delete;
    need(sqlite3_vfs_register(&shim, 1) == SQLITE_OK, "vfs");
}

void crash_vfs_arm(const crash_vfs_plan *wanted)
{
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < change_count; i++) {
        forget(i);
    }
    change_count = 0;
    seen = (crash_vfs_counts){0, 0, 0};
    plan = *wanted;
    (void)pthread_mutex_unlock(&lock);
}

crash_vfs_counts crash_vfs_seen(void)
{
    (void)pthread_mutex_lock(&lock);
    crash_vfs_counts now = seen;
    (void)pthread_mutex_unlock(&lock);
    return now;
}
