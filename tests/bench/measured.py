# SPDX-License-Identifier: Apache-2.0
"""Runs a program and writes what it took to standard error, as one line of JSON. A process of its
own: the peak memory of a child counts from its parent's size, and this parent is small."""

import os
import sys
import time

start = time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
sys.stderr.write('{"seconds": %f, "cpu": %f, "peak_kib": %d}\n' % (
    time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
