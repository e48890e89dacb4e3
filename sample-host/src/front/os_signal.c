/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "sample-host/src/front/os_signal.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void note(int signal_number)
{
    (void)signal_number;
    seen = 1;
}

void front_signal_watch(void)
{
    /* A plain cast of SA_RESETHAND: the macro is an unsigned constant in an int field. */
    struct sigaction once = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&once.sa_mask);
    sigaction(SIGINT, &once, NULL);
    sigaction(SIGTERM, &once, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

int front_signal_seen(void *unused)
{
    (void)unused;
    return seen != 0;
}

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

void front_signal_block(void)
{
    sigset_t set;
    fill(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

void front_signal_wait(void)
{
    sigset_t set;
    int which = 0;
    fill(&set);
    while (sigwait(&set, &which) != 0) {
    }
}
