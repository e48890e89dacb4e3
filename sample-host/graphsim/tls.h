/* SPDX-License-Identifier: Apache-2.0
 *
 * A test certificate authority in a folder, and a server context with a certificate of it. */
#ifndef SIM_TLS_H
#define SIM_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Uses ca.pem, server.pem and server-key.pem of the folder, making all of them (with ca-key.pem,
 * keys readable by their owner alone) when one is missing. The server certificate is for localhost
 * and 127.0.0.1. The caller frees the context; NULL, with one sentence in `err`, on failure. */
SSL_CTX *sim_tls_open(const char *folder, char err[256]);

#endif
