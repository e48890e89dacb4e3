/* SPDX-License-Identifier: Apache-2.0
 *
 * How far long work is, on standard error: a bar that is drawn over at a terminal, plain lines
 * elsewhere. */
#ifndef FRONT_PROGRESS_H
#define FRONT_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct front_progress {
    pthread_mutex_t lock;
    bool terminal;
    bool drawn;      /* a bar stands on the current line */
    int64_t told_ms; /* when something was last shown */
} front_progress;

void front_progress_init(front_progress *progress);
/* Fits host_request.progress; thread-safe. Shows at most ten a second at a terminal, one elsewhere,
 * and always the last one. */
void front_progress_tell(void *context, const char *unit, uint64_t done, uint64_t total);
/* Takes a bar away, so that other output starts on a clean line. */
void front_progress_done(front_progress *progress);

#endif
