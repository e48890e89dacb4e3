/* SPDX-License-Identifier: Apache-2.0
 *
 * A fresh private folder for one test, and the name of a file in it. For tests only. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

extern char scratch_dir[256];
extern char scratch_path[300]; /* of a file that is not there yet */

/* Before and after each test. */
void scratch_make(void);
void scratch_drop(void);

#endif
