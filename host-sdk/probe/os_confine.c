/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the probing process. They bound accidents; they are no sandbox against malice, which
 * the pinned hash is there to keep out. */
#define _GNU_SOURCE
#include "probe/os_confine.h"

#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define CPU_SECONDS 10    /* a load takes milliseconds */
#define FILE_BYTES 65536u /* room for the answer, when it goes to a file */

static int limit(int what, rlim_t value)
{
    struct rlimit both = {value, value};
    return setrlimit((__rlimit_resource_t)what, &both);
}

int dph_os_confine(int keep_fd)
{
    unsigned keep = (unsigned)keep_fd;
    environ = NULL;
    if (close_range(keep + 1, UINT_MAX, 0) != 0 || (keep > 3 && close_range(3, keep - 1, 0) != 0))
        return -1;
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_FSIZE, FILE_BYTES) != 0 ||
        limit(RLIMIT_CPU, CPU_SECONDS) != 0)
        return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
