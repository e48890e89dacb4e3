/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process must be before it touches a secret: no dumps, private files. */
#define _GNU_SOURCE
#include "sample-host/src/base/os_process.h"

#include "sample-host/src/command.h"

#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* libcurl would write the keys of every connection to the file that this names. */
static void forget_key_log(void)
{
    static const char name[] = "SSLKEYLOGFILE=";
    char **to = environ;
    for (char **from = environ; *from != NULL; from++) {
        if (strncmp(*from, name, sizeof name - 1) != 0) {
            *to++ = *from;
        }
    }
    *to = NULL;
}

bool host_process_prepare(host_error *err)
{
    (void)umask(077);
    forget_key_log();
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

static const int held_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void fill_held(sigset_t *set, uint32_t which)
{
    (void)sigemptyset(set);
    for (size_t i = 0; i < sizeof held_signals / sizeof held_signals[0]; i++) {
        if ((which & (UINT32_C(1) << i)) != 0) {
            (void)sigaddset(set, held_signals[i]);
        }
    }
}

uint32_t host_process_hold_signals(void)
{
    sigset_t set;
    sigset_t before;
    uint32_t held = 0;
    fill_held(&set, UINT32_MAX);
    if (pthread_sigmask(SIG_BLOCK, &set, &before) != 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof held_signals / sizeof held_signals[0]; i++) {
        held |= sigismember(&before, held_signals[i]) == 0 ? UINT32_C(1) << i : 0;
    }
    return held;
}

void host_process_release_signals(uint32_t held)
{
    sigset_t set;
    fill_held(&set, held);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
