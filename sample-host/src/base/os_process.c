/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process must be before it touches a secret: no dumps, private files. */
#define _GNU_SOURCE
#include "sample-host/src/command.h"

#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

bool host_process_prepare(host_error *err)
{
    (void)umask(077);
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return host_error_set(err, DPH_E_INTERNAL, 0, "Core dumps cannot be switched off.");
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
    if (sodium_init() < 0) {
        return host_error_set(err, DPH_E_INTERNAL, 0, "The cryptographic library does not start.");
    }
    return true;
}
