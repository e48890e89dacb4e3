/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of tab-separated cells; lines that start with # are for readers. */
#define _GNU_SOURCE
#include "tests/support/guard_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 10

const char *const guard_table_roles[GUARD_TABLE_ROLES] = {"administrator", "manager",   "editor",
                                                          "creator",       "read-only", "lite"};

static void need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "guard_table: %s\n", what);
        abort();
    }
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    need(file != NULL, path);
    char *text = NULL;
    size_t cap = 0;
    need(getdelim(&text, &cap, '\0', file) > 0, path);
    (void)fclose(file);
    return text;
}

static size_t split(char *line, char *cells[CELLS])
{
    size_t count = 0;
    for (char *cell = line; cell != NULL && count < CELLS; count++) {
        char *tab = strchr(cell, '\t');
        cells[count] = cell;
        cell = tab != NULL ? tab + 1 : NULL;
        if (tab != NULL) {
            *tab = '\0';
        }
    }
    return count;
}

static void add_row(guard_table *table, char *line)
{
    char *cells[CELLS];
    need(split(line, cells) == 4 + GUARD_TABLE_ROLES, line);
    guard_row row = {cells[0], cells[1], strcmp(cells[2], "on") == 0, {NULL}};
    for (size_t i = 0; i < GUARD_TABLE_ROLES; i++) {
        row.expected[i] = cells[3 + i];
    }
    table->rows = realloc(table->rows, (table->row_count + 1) * sizeof row);
    need(table->rows != NULL, "memory");
    table->rows[table->row_count++] = row;
}

static void add_action(guard_table *table, char *line)
{
    char *cells[CELLS];
    need(split(line, cells) == 4, line);
    guard_action action = {cells[0], cells[1], cells[2], cells[3]};
    table->actions = realloc(table->actions, (table->action_count + 1) * sizeof action);
    need(table->actions != NULL, "memory");
    table->actions[table->action_count++] = action;
}

static char *read_lines(guard_table *table, const char *path,
                        void (*add)(guard_table *table, char *line))
{
    char *text = read_text(path);
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] != '#') {
            add(table, line);
        }
    }
    return text;
}

void guard_table_read(guard_table *out)
{
    memset(out, 0, sizeof *out);
    out->texts[0] = read_lines(out, "tests/expect/guard.tsv", add_row);
    out->texts[1] = read_lines(out, "tests/expect/guard_actions.tsv", add_action);
}

void guard_table_done(guard_table *table)
{
    free(table->texts[0]);
    free(table->texts[1]);
    free(table->rows);
    free(table->actions);
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word)) {
        if ((at == words || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' ')) {
            return true;
        }
    }
    return false;
}

const guard_action *guard_table_action(const guard_table *table, const guard_row *row)
{
    for (size_t i = 0; i < table->action_count; i++) {
        const guard_action *action = &table->actions[i];
        if (strcmp(action->name, row->action) == 0 &&
            (strcmp(action->objects, "*") == 0 || has_word(action->objects, row->object))) {
            return action;
        }
    }
    need(false, row->action);
    return NULL;
}
