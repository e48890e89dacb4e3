/* SPDX-License-Identifier: Apache-2.0
 *
 * Two counts that take turns: newcomers go to one while the other runs empty. */
#include "sample-host/src/grace.h"

#include "sample-host/src/base/os_clock.h"

#include <pthread.h>
#include <stdlib.h>

#define LOOK_EVERY_NS UINT64_C(20000000)

struct host_grace {
    pthread_mutex_t lock;
    unsigned turn; /* 0 or 1: where newcomers are counted */
    size_t inside[2];
    bool is_claimed;
};

host_grace *host_grace_new(void)
{
    host_grace *grace = calloc(1, sizeof *grace);
    if (grace != NULL) {
        (void)pthread_mutex_init(&grace->lock, NULL);
    }
    return grace;
}

void host_grace_free(host_grace *grace)
{
    if (grace == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&grace->lock);
    free(grace);
}

unsigned host_grace_enter(host_grace *grace)
{
    if (grace == NULL) {
        return 0;
    }
    (void)pthread_mutex_lock(&grace->lock);
    unsigned ticket = grace->turn;
    grace->inside[ticket]++;
    (void)pthread_mutex_unlock(&grace->lock);
    return ticket;
}

void host_grace_leave(host_grace *grace, unsigned ticket)
{
    if (grace == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&grace->lock);
    grace->inside[ticket]--;
    (void)pthread_mutex_unlock(&grace->lock);
}

typedef struct stopper {
    int (*stop)(void *context);
    void *context;
} stopper;

static bool is_stopped(void *context)
{
    const stopper *s = context;
    return s->stop != NULL && s->stop(s->context) != 0;
}

static size_t count_inside(host_grace *grace, unsigned which)
{
    (void)pthread_mutex_lock(&grace->lock);
    size_t inside = grace->inside[which];
    (void)pthread_mutex_unlock(&grace->lock);
    return inside;
}

static bool wait_empty(host_grace *grace, unsigned which, stopper *s)
{
    while (count_inside(grace, which) > 0) {
        if (!host_clock_wait(LOOK_EVERY_NS, is_stopped, s)) {
            return false;
        }
    }
    return true;
}

bool host_grace_wait(host_grace *grace, int (*stop)(void *context), void *context, host_error *err)
{
    if (grace == NULL) {
        return true;
    }
    stopper s = {stop, context};
    (void)pthread_mutex_lock(&grace->lock);
    unsigned before = grace->turn;
    (void)pthread_mutex_unlock(&grace->lock);
    /* The other count may still hold some who came before the turn went over last time. */
    bool ok = wait_empty(grace, 1 - before, &s);
    if (ok) {
        (void)pthread_mutex_lock(&grace->lock);
        grace->turn = 1 - before;
        (void)pthread_mutex_unlock(&grace->lock);
        ok = wait_empty(grace, before, &s);
    }
    return ok ? true
              : host_error_set(err, DPH_E_CANCELLED, 0,
                               "Stopped while waiting for work under way; run it again to finish.");
}

bool host_grace_claim(host_grace *grace)
{
    if (grace == NULL) {
        return true;
    }
    (void)pthread_mutex_lock(&grace->lock);
    bool is_free = !grace->is_claimed;
    grace->is_claimed = true;
    (void)pthread_mutex_unlock(&grace->lock);
    return is_free;
}

void host_grace_release(host_grace *grace)
{
    if (grace == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&grace->lock);
    grace->is_claimed = false;
    (void)pthread_mutex_unlock(&grace->lock);
}
