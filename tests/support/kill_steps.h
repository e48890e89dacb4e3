/* SPDX-License-Identifier: Apache-2.0
 *
 * Dies at the n-th durable step: calls of fsync, rename, link and sqlite3_exec, counted before and
 * after. A test that links it names all four with -Wl,--wrap. */
#ifndef TEST_KILL_STEPS_H
#define TEST_KILL_STEPS_H

#define KILL_STEPS_EXIT 77 /* what a process that died this way exits with */

/* Dies at the n-th step from now; 0 = lives. */
void kill_steps_at(int step);
/* Steps since then. */
int kill_steps_passed(void);
/* One more step, for calls that only one test counts. */
void kill_steps_pass(void);

#endif
