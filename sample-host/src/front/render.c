/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/render.h"

#include "sample-host/src/front/width.h"
#include "support/utf8.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 24
#define NAME_SIZE 48
#define CELL_SIZE 1024

typedef struct column {
    char key[NAME_SIZE];
    size_t width;
} column;

typedef struct grid {
    column columns[COLUMNS_MAX];
    size_t count;
} grid;

static size_t clean_text(const json_t *value, char *out, size_t cap)
{
    return sup_utf8_clean(json_string_value(value), json_string_length(value), out, cap);
}

static void format_plain(const json_t *value, char *out, size_t cap)
{
    char *dumped = NULL;
    if (value == NULL || json_is_null(value)) {
        out[0] = '\0';
    } else if (json_is_string(value)) {
        clean_text(value, out, cap);
    } else if (json_is_boolean(value)) {
        sup_utf8_clean(json_is_true(value) ? "yes" : "no", json_is_true(value) ? 3 : 2, out, cap);
    } else {
        dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
        sup_utf8_clean(dumped == NULL ? "" : dumped, dumped == NULL ? 0 : strlen(dumped), out, cap);
        free(dumped);
    }
}

static void format_cell(const json_t *value, char out[CELL_SIZE])
{
    size_t len = 0;
    if (!json_is_array(value)) {
        format_plain(value, out, CELL_SIZE);
        return;
    }
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (len + 3 >= CELL_SIZE)
            return;
        if (i > 0) {
            memcpy(out + len, ", ", 3);
            len += 2;
        }
        format_plain(json_array_get(value, i), out + len, CELL_SIZE - len);
        len += strlen(out + len);
    }
}

static void add_column(grid *g, const char *key, size_t len)
{
    if (g->count == COLUMNS_MAX || len == 0)
        return;
    column *c = &g->columns[g->count++];
    sup_utf8_clean(key, len, c->key, sizeof c->key);
    c->width = front_width_of(c->key);
}

static void choose_columns(grid *g, const json_t *rows, const char *columns)
{
    for (const char *at = columns; *at != '\0';) {
        size_t len = strcspn(at, " ");
        add_column(g, at, len);
        at += len + strspn(at + len, " ");
    }
    if (g->count > 0)
        return;
    json_t *first = json_array_get(rows, 0);
    for (void *i = json_object_iter(first); i != NULL; i = json_object_iter_next(first, i))
        add_column(g, json_object_iter_key(i), strlen(json_object_iter_key(i)));
}

static void measure_rows(grid *g, const json_t *rows)
{
    char cell[CELL_SIZE];
    for (size_t r = 0; r < json_array_size(rows); r++) {
        for (size_t c = 0; c < g->count; c++) {
            format_cell(json_object_get(json_array_get(rows, r), g->columns[c].key), cell);
            size_t width = front_width_of(cell);
            if (width > g->columns[c].width)
                g->columns[c].width = width;
        }
    }
}

static void pad(sup_buffer *out, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        sup_buffer_add(out, " ", 1);
}

static void add_header(const grid *g, sup_buffer *out)
{
    for (size_t c = 0; c < g->count; c++) {
        char title[NAME_SIZE];
        size_t len = strlen(g->columns[c].key);
        for (size_t i = 0; i <= len; i++) {
            char letter = g->columns[c].key[i];
            bool lower = letter >= 'a' && letter <= 'z';
            title[i] = letter == '_' ? ' ' : (char)(lower ? letter - 'a' + 'A' : letter);
        }
        sup_buffer_add_str(out, title);
        if (c + 1 < g->count)
            pad(out, front_width_of(title), g->columns[c].width + 2);
    }
    sup_buffer_add_str(out, "\n");
}

static void add_row(const grid *g, const json_t *row, sup_buffer *out)
{
    char cell[CELL_SIZE];
    for (size_t c = 0; c < g->count; c++) {
        format_cell(json_object_get(row, g->columns[c].key), cell);
        sup_buffer_add_str(out, cell);
        if (c + 1 < g->count)
            pad(out, front_width_of(cell), g->columns[c].width + 2);
    }
    sup_buffer_add_str(out, "\n");
}

void front_render_table(const json_t *rows, const char *columns, sup_buffer *out)
{
    grid g = {.count = 0};
    if (json_array_size(rows) == 0) {
        sup_buffer_add_str(out, "(none)\n");
        return;
    }
    choose_columns(&g, rows, columns);
    measure_rows(&g, rows);
    add_header(&g, out);
    for (size_t r = 0; r < json_array_size(rows); r++)
        add_row(&g, json_array_get(rows, r), out);
}

/* The columns that a command names are those of its rows. */
static bool has_any(const json_t *row, const char *columns)
{
    char key[NAME_SIZE];
    for (const char *at = columns; *at != '\0';) {
        size_t len = strcspn(at, " ");
        (void)sup_utf8_clean(at, len, key, sizeof key);
        if (json_object_get(row, key) != NULL)
            return true;
        at += len + strspn(at + len, " ");
    }
    return false;
}

static bool is_told(const json_t *rows, const char *key)
{
    char cell[CELL_SIZE] = "";
    for (size_t i = 0; i < json_array_size(rows) && cell[0] == '\0'; i++)
        format_cell(json_object_get(json_array_get(rows, i), key), cell);
    return cell[0] != '\0';
}

/* A table beside the rows has its own columns, as far as they say anything. */
static void render_beside(const json_t *rows, sup_buffer *out)
{
    grid g = {.count = 0};
    json_t *first = json_array_get(rows, 0);
    for (void *i = json_object_iter(first); i != NULL; i = json_object_iter_next(first, i))
        if (is_told(rows, json_object_iter_key(i)))
            add_column(&g, json_object_iter_key(i), strlen(json_object_iter_key(i)));
    measure_rows(&g, rows);
    add_header(&g, out);
    for (size_t r = 0; r < json_array_size(rows); r++)
        add_row(&g, json_array_get(rows, r), out);
}

static bool is_table(const char *key, const json_t *value)
{
    if (!json_is_array(value))
        return false;
    return strcmp(key, "rows") == 0 || json_is_object(json_array_get(value, 0));
}

void front_render_text(json_t *body, const char *columns, sup_buffer *out)
{
    char cell[CELL_SIZE];
    char name[NAME_SIZE];
    for (void *i = json_object_iter(body); i != NULL; i = json_object_iter_next(body, i)) {
        const char *key = json_object_iter_key(i);
        const json_t *value = json_object_iter_value(i);
        if (is_table(key, value)) {
            if (strcmp(key, "rows") == 0 || has_any(json_array_get(value, 0), columns))
                front_render_table(value, columns, out);
            else
                render_beside(value, out);
            continue;
        }
        sup_utf8_clean(key, strlen(key), name, sizeof name);
        format_cell(value, cell);
        sup_buffer_printf(out, "%s: %s\n", name, cell);
    }
}

bool front_render_json(const json_t *body, bool ascii, sup_buffer *out)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS | (ascii ? JSON_ENSURE_ASCII : 0u));
    bool ok = text != NULL && sup_buffer_add_str(out, text) && sup_buffer_add_str(out, "\n");
    free(text);
    return ok;
}
