/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed memory files and dlopen. Must not know what a plugin is. */
#define _GNU_SOURCE
#include "loader/os_library.h"

#include "loader/fail.h"
#include "loader/os_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIBRARY_MAX ((off_t)256 * 1024 * 1024) /* far above any plugin, far below any memory */
#define NAME_SIZE 64
#define NAME_TRIES 64
#define SEAL_TRIES 100
#define SEAL_PAUSE_MS 20

static int copy_bytes(int from, int to)
{
    unsigned char chunk[16384];
    off_t total = 0;
    ssize_t got;
    while ((got = read(from, chunk, sizeof chunk)) > 0) {
        total += got;
        if (total > LIBRARY_MAX)
            return EFBIG;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, chunk + done, (size_t)(got - done));
            if (put < 0)
                return errno;
            done += put;
        }
    }
    return got < 0 ? errno : 0;
}

/* The kernel answers EBUSY while it still holds pages of the fresh copy for itself, as it does on a
 * machine under load. */
static int seal_image(int image)
{
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    for (int i = 0; i < SEAL_TRIES; i++) {
        if (fcntl(image, F_ADD_SEALS, seals) == 0)
            return 0;
        if (errno != EBUSY)
            return errno;
        (void)poll(NULL, 0, SEAL_PAUSE_MS);
    }
    return EBUSY;
}

static int make_image(int from, int *out_image)
{
    int low = memfd_create("dph-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (low < 0)
        return errno;
    /* Above the standard streams, which a host may have closed. */
    int image = fcntl(low, F_DUPFD_CLOEXEC, 3);
    int number = image < 0 ? errno : 0;
    dphl_os_file_close(low);
    if (number == 0)
        number = copy_bytes(from, image);
    if (number == 0)
        number = seal_image(image);
    if (number == 0)
        *out_image = image;
    else
        dphl_os_file_close(image);
    return number;
}

dph_status dphl_os_library_copy(const char *path, int *out_image, dph_error *err)
{
    int file = -1;
    dph_status status = dphl_os_file_open(path, &file, err);
    if (status != DPH_OK)
        return status;
    int number = make_image(file, out_image);
    dphl_os_file_close(file);
    if (number != 0)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_UNREADABLE,
                         "%s cannot be copied to memory: %s.", path, strerrordesc_np(number));
    return DPH_OK;
}

/* The process's number rather than "self", so that debuggers and sanitizers, which are programs of
 * their own, find the code too; as /proc itself counts, which may be another process namespace. */
static int format_name(int image, char out[NAME_SIZE])
{
    char process[24];
    ssize_t len = readlink("/proc/self", process, sizeof process - 1);
    if (len <= 0)
        return 0;
    process[len] = '\0';
    (void)snprintf(out, NAME_SIZE, "/proc/%s/fd/%d", process, image);
    return 1;
}

/* The linker answers a name that it has loaded before with that older library, and numbers of files
 * come back. A library that could not be unloaded keeps its name. */
static int find_unused_name(int *image, char out[NAME_SIZE])
{
    for (int i = 0; i < NAME_TRIES; i++) {
        if (!format_name(*image, out))
            return 0;
        void *old = dlopen(out, RTLD_NOW | RTLD_NOLOAD);
        if (old == NULL) {
            (void)dlerror();
            return 1;
        }
        (void)dlclose(old);
        int next = fcntl(*image, F_DUPFD_CLOEXEC, *image + 1);
        if (next < 0)
            return 0;
        (void)close(*image);
        *image = next;
    }
    return 0;
}

dph_status dphl_os_library_load(int *image, const char *id, void **out_handle, dph_error *err)
{
    char name[NAME_SIZE];
    if (!find_unused_name(image, name))
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_LINK,
                         "Plugin %s cannot be loaded: /proc is not there, or no file number is "
                         "left.",
                         id);
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle != NULL) {
        *out_handle = handle;
        return DPH_OK;
    }
    const char *reason = dlerror();
    if (reason == NULL)
        reason = "no reason given";
    size_t len = strlen(name);
    if (strncmp(reason, name, len) == 0 && strncmp(reason + len, ": ", 2) == 0)
        reason += len + 2;
    return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_LINK,
                     "Plugin %s is refused by the dynamic linker: %s.", id, reason);
}

void *dphl_os_library_symbol(void *handle, const char *name)
{
    return dlsym(handle, name);
}

void dphl_os_library_unload(void *handle)
{
    if (handle != NULL)
        (void)dlclose(handle);
}
