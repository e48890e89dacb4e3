/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard input, output and error as the command line needs them: secrets go by read(2) and
 * write(2) between the kernel and guarded memory, past the C library's buffers. */
#ifndef FRONT_OS_TERMINAL_H
#define FRONT_OS_TERMINAL_H

#include "sample-host/src/command.h"

#define FRONT_TERMINAL_SECRET_MAX 65536u

/* True when standard error / standard output is a terminal. */
bool front_terminal_err(void);
bool front_terminal_out(void);
/* The user that runs this program, by number. */
uint32_t front_terminal_uid(void);
/* Reads one line from standard input, without its line end; at a terminal it asks first and shows
 * nothing of what is typed. An empty line gives an empty *out (ptr NULL). Fails for more than one
 * line, more than FRONT_TERMINAL_SECRET_MAX bytes, a zero byte. *out is ended by
 * host_secret_done. */
bool front_terminal_secret(const char *prompt, host_secret *out, host_error *err);
/* The same for two lines, with the line end between them; the second may be a PEM. That it is
 * missing is for the caller to see. */
bool front_terminal_two_secrets(const char *prompt, host_secret *out, host_error *err);
/* Writes a secret and a line end to standard output. False when it did not all go out. */
bool front_terminal_show(const host_secret *secret);

#endif
