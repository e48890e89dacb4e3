/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file that only grows, line by line, and the system's log. Knows nothing of the lines. */
#ifndef HOST_OS_APPEND_H
#define HOST_OS_APPEND_H

#include "sample-host/src/command.h"

/* Appends one line of at most HOST_APPEND_MAX bytes, which has no line feed in it; durable when it
 * returns true. The file is made with mode 0600 when there is none. What a crash left of a line at
 * the end is cut off first; what is longer than any line was left by none: it stays, as a line of
 * its own. UNAVAILABLE. One caller at a time. */
#define HOST_APPEND_MAX 4096u
bool host_append_line(const char *path, const char *line, size_t len, host_error *err);

/* Anything but OK ends the reading. */
typedef dph_status (*host_append_sink)(void *context, const char *line, size_t len);
/* Gives the whole lines of such a file to `take`, in order, in memory that does not grow with them:
 * of a line that is longer than HOST_APPEND_MAX its first HOST_APPEND_MAX + 1 bytes. A last line
 * without its end is left out. No file is no line. What `take` ended it with, with `err` untouched;
 * DENIED (others have a right to the file, or it is none), UNAVAILABLE, NOMEM. */
dph_status host_append_each(const char *path, host_append_sink take, void *context,
                            host_error *err);
/* Gives one line to the system's log, for those who read it. */
void host_append_syslog(const char *line);

#endif
