/* SPDX-License-Identifier: Apache-2.0
 *
 * The passphrase of a sealed key file, from a file or standard input; never from an argument. */
#ifndef FRONT_PASSPHRASE_H
#define FRONT_PASSPHRASE_H

#include "sample-host/src/command.h"

/* Reads the first line of that file, which only its owner may read, or of standard input for "-".
 * Nothing for NULL. *out is ended by host_secret_done. */
bool front_passphrase_read(const char *file, host_secret *out, host_error *err);

#endif
