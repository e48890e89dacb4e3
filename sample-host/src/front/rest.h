/* SPDX-License-Identifier: Apache-2.0
 *
 * The REST server: every command that makes sense over a network, as JSON under /api/v1, behind the
 * bearer token. See docs/man/dochost.1. */
#ifndef FRONT_REST_H
#define FRONT_REST_H

#include "sample-host/src/command.h"

typedef struct front_rest front_rest;

typedef struct front_rest_options {
    const char *address; /* numeric; anything but loopback needs a certificate */
    uint16_t port;       /* 0 = any free one */
    const char *cert_file;
    const char *key_file;     /* PEM; both or none */
    const char *const *names; /* more names for Host, ended by NULL; may be NULL; must outlive */
} front_rest_options;

/* Listens and answers on its own threads. `h` and what `options` points to must outlive it. Fails
 * with DPH_E_INVALID for options that do not fit together. */
bool front_rest_start(host *h, const front_rest_options *options, front_rest **out,
                      host_error *err);
/* "http://127.0.0.1:8420"; valid until stop. */
const char *front_rest_url(const front_rest *rest);
/* Where a sign-in by a web page leads back to: a name that Microsoft takes, never a bare address.
 */
void front_rest_callback_url(const front_rest *rest, char *out, size_t cap);
/* Cancels what runs, waits for it, stops listening. NULL-safe. */
void front_rest_stop(front_rest *rest);

#endif
