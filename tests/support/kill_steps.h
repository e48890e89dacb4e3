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
/* Set by a test that loses power: called before it dies, and at what changes names or settles them.
 */
extern void (*kill_steps_dying)(void);
extern void (*kill_steps_before_rename)(const char *from, const char *to);
extern void (*kill_steps_before_link)(const char *from, const char *to);
extern void (*kill_steps_after_sync)(int fd);
/* One more step, for calls that only one test counts. */
void kill_steps_pass(void);

#endif
