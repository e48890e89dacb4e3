/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file that only grows, line by line, and the system's log. Knows nothing of the lines. */
#ifndef HOST_OS_APPEND_H
#define HOST_OS_APPEND_H

#include "sample-host/src/command.h"

/* Appends one line, which has no line feed in it; durable when it returns true. The file is made
 * with mode 0600 when there is none. What a crash left of a line at the end is cut off first.
 * UNAVAILABLE. One caller at a time. */
bool host_append_line(const char *path, const char *line, size_t len, host_error *err);
/* Gives one line to the system's log, for those who read it. */
void host_append_syslog(const char *line);

#endif
