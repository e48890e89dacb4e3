/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole frames over a connected local socket. The secret part goes between the socket and
 * sodium_malloc memory, nowhere else. */
#ifndef FRONT_EXCHANGE_H
#define FRONT_EXCHANGE_H

#include "sample-host/src/command.h"
#include "sample-host/src/front/frame.h"

typedef struct front_exchange {
    uint32_t kind;      /* FRONT_FRAME_* */
    json_t *json;       /* object, owned */
    host_secret secret; /* owned */
} front_exchange;

/* Sends one frame; `secret` may be NULL. False when it does not fit or the other side is gone. */
bool front_exchange_send(int fd, uint32_t kind, const json_t *json, const host_secret *secret);
/* Reads one frame into *out, to be ended with front_exchange_done. On failure *out is empty and err
 * says why: DPH_E_INVALID for a frame that is wrong, DPH_E_UNAVAILABLE for a connection that
 * ended. Blocks up to the socket's time limit per read. */
bool front_exchange_receive(int fd, front_exchange *out, host_error *err);
/* Wipes and drops. NULL-safe. */
void front_exchange_done(front_exchange *exchange);

#endif
