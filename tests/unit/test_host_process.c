/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals that wait while a plugin is loaded. */
/* LINK: sample-host/src/base/os_process.c sample-host/src/base/host_error.c */
/* LINK: host-sdk/support/utf8.c */
/* LIBS: -lsodium */
#include "sample-host/src/base/os_process.h"

#include <criterion/criterion.h>
#include <signal.h>

static volatile sig_atomic_t seen;

static void note(int number)
{
    (void)number;
    seen++;
}

Test(host_process, signals_wait_while_they_are_held)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        seen = 0;
        cr_assert(signal(numbers[i], note) != SIG_ERR);
        uint32_t held = host_process_hold_signals();
        cr_assert_eq(raise(numbers[i]), 0);
        cr_expect_eq(seen, 0, "signal %d came through", numbers[i]);
        host_process_release_signals(held);
        cr_expect_eq(seen, 1, "signal %d was lost", numbers[i]);
    }
}

Test(host_process, what_was_blocked_before_stays_blocked)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    cr_assert_eq(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    host_process_release_signals(host_process_hold_signals());
    cr_assert_eq(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
    cr_expect_eq(sigismember(&set, SIGTERM), 1);
    cr_expect_eq(sigismember(&set, SIGINT), 0);
}
