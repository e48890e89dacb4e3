/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads tests/expect/guard.tsv and guard_actions.tsv. Must not know what any row means. */
#ifndef TEST_GUARD_TABLE_H
#define TEST_GUARD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define GUARD_TABLE_ROLES 6

extern const char *const guard_table_roles[GUARD_TABLE_ROLES];

typedef struct guard_row {
    const char *action;
    const char *object;
    bool is_on; /* the add-on */
    const char *expected[GUARD_TABLE_ROLES];
} guard_row;

typedef struct guard_action {
    const char *name;
    const char *objects; /* separated by blanks; "*" = any */
    const char *command;
    const char *arguments; /* name=value, separated by blanks */
} guard_action;

typedef struct guard_table {
    char *texts[2]; /* of the two files; what the rows point into */
    guard_row *rows;
    size_t row_count;
    guard_action *actions;
    size_t action_count;
} guard_table;

/* Aborts with a complaint when a file is not there or a line is not of its form. */
void guard_table_read(guard_table *out);
void guard_table_done(guard_table *table);
/* The action that a row is about; aborts when there is none. */
const guard_action *guard_table_action(const guard_table *table, const guard_row *row);

#endif
