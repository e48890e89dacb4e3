/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to dph-probe: takes away what a trial load does not need. */
#ifndef DPH_OS_CONFINE_H
#define DPH_OS_CONFINE_H

/* Limits processor time and file writing, forbids core dumps and new privileges, empties the
 * environment and closes every file but the standard streams and `keep_fd`, which is above them.
 * 0, or -1 when that cannot be done. */
int dph_os_confine(int keep_fd);

#endif
