/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: runs a program with nothing of ours but one open file, for a limited time.
 */
#ifndef DPHL_OS_SPAWN_H
#define DPHL_OS_SPAWN_H

#include <stddef.h>
#include <stdint.h>

#define DPHL_OS_SPAWN_TEXT_MAX 4096

typedef struct dphl_os_spawn_request {
    const char *program;     /* absolute path */
    const char *const *argv; /* ends with NULL */
    int give_fd;             /* open file that the program gets ... */
    int as_fd;               /* ... under this number, 3 */
    uint32_t timeout_ms;     /* from the start to the end of the program */
} dphl_os_spawn_request;

typedef struct dphl_os_spawn_result {
    int timed_out;                     /* 1 = it and its children were killed */
    int signal;                        /* that ended it, 0 = none */
    int exit_code;                     /* -1 when it did not exit, or nobody knows */
    size_t len;                        /* of text */
    char text[DPHL_OS_SPAWN_TEXT_MAX]; /* the start of its standard output */
} dphl_os_spawn_result;

/* [control] Runs the program with an empty environment, without standard input and error output, in
 * a process group of its own. 0, or the number of a system error when it could not be started. */
int dphl_os_spawn_run(const dphl_os_spawn_request *request, dphl_os_spawn_result *out);

/* [any] Static text of a system error. */
const char *dphl_os_spawn_error_text(int number);

#endif
