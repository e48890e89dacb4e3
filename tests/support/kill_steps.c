/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps at which a process may be killed. */
#define _GNU_SOURCE
#include "tests/support/kill_steps.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

void (*kill_steps_dying)(void);
void (*kill_steps_before_rename)(const char *from, const char *to);
void (*kill_steps_before_link)(const char *from, const char *to);
void (*kill_steps_after_sync)(int fd);

static int countdown;
static int passed;

void kill_steps_at(int step)
{
    countdown = step;
    passed = 0;
}

int kill_steps_passed(void)
{
    return passed;
}

void kill_steps_pass(void)
{
    passed++;
    if (countdown > 0 && --countdown == 0) {
        if (kill_steps_dying != NULL) {
            kill_steps_dying();
        }
        _exit(KILL_STEPS_EXIT);
    }
}

int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **),
                        void *context, char **problem);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **),
                        void *context, char **problem);

int __wrap_fsync(int fd)
{
    kill_steps_pass();
    /* The system itself lives on, so the disk need not be waited for. */
    if (kill_steps_after_sync != NULL) {
        kill_steps_after_sync(fd);
    }
    return 0;
}

int __wrap_rename(const char *from, const char *to)
{
    kill_steps_pass();
    if (kill_steps_before_rename != NULL) {
        kill_steps_before_rename(from, to);
    }
    int result = __real_rename(from, to);
    kill_steps_pass();
    return result;
}

int __wrap_link(const char *from, const char *to)
{
    kill_steps_pass();
    if (kill_steps_before_link != NULL) {
        kill_steps_before_link(from, to);
    }
    int result = __real_link(from, to);
    kill_steps_pass();
    return result;
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **),
                        void *context, char **problem)
{
    kill_steps_pass();
    int result = __real_sqlite3_exec(db, sql, each, context, problem);
    kill_steps_pass();
    return result;
}
