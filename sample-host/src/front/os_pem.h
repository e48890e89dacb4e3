/* SPDX-License-Identifier: Apache-2.0
 *
 * A server's certificate and private key from their files. */
#ifndef FRONT_OS_PEM_H
#define FRONT_OS_PEM_H

#include "sample-host/src/command.h"

/* Reads a file of at most 256 KiB into guarded memory, terminated by a zero byte that len does not
 * count. A private key that others may read is refused. */
bool front_pem_read(const char *path, bool private_key, host_secret *out, host_error *err);

#endif
