/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: a trial load in a process of its own, asked for by the loader and answered
 * by dph-probe with one line of JSON and its exit code. */
#ifndef DPHL_PROBE_H
#define DPHL_PROBE_H

#include "loader/loader.h"

#define DPHL_PROBE_IMAGE_FD 3 /* where dph-probe finds the image */
#define DPHL_PROBE_ANSWER_MAX 4096

/* [control] Has dph-probe load the image; blocks until it ends or the options' timeout is over.
 * Errors: what the probe found, with its own code; UNAVAILABLE (code PROBE: not startable, crashed,
 * ended or silent). */
dph_status dphl_probe_run(const dphl_options *options, const char *id, int image, dph_error *err);

#endif
