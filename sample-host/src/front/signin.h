/* SPDX-License-Identifier: Apache-2.0
 *
 * A sign-in that a person completes elsewhere: says what to do, waits, and takes it back when
 * interrupted. Must not know who runs its commands. */
#ifndef FRONT_SIGNIN_H
#define FRONT_SIGNIN_H

#include "sample-host/src/command.h"
#include "sample-host/src/front/progress.h"

typedef struct front_signin {
    /* Runs a command about a tenant; `uncancelled`: even after a signal. */
    bool (*run)(void *context, const char *command, const char *tenant, bool uncancelled,
                host_reply *reply, host_error *err);
    void *context;
    front_progress *progress;
} front_signin;

/* True when the reply of `connect` begins one. */
bool front_signin_is_begun(const host_reply *reply);
/* Blocks until it is over; *reply then says how it ended. False with *err when it is not known. */
bool front_signin_follow(const front_signin *signin, host_reply *reply, host_error *err);

#endif
