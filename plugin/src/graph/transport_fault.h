/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a transfer came to nothing, in our words: what curl tells of certificate, TLS version and
 * proxy. For transport_*.c alone. */
#ifndef BKEY_TRANSPORT_FAULT_H
#define BKEY_TRANSPORT_FAULT_H

#include <curl/curl.h>

#include "base/error.h"

typedef struct bkey_transport_fault {
    CURL *easy; /* of the transfer that has ended */
    CURLcode result;
    const char *said;   /* curl's error buffer */
    bool overflow;      /* we refused the body's size */
    bool through_proxy; /* it was to go through the proxy */
    bool secure_proxy;  /* which is an https one */
} bkey_transport_fault;

/* BKEY_E_*, 0 for a transfer that was whole. */
uint32_t bkey_transport_fault_reason(const bkey_transport_fault *fault);

#endif
