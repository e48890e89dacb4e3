/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing CSV. */
#include "sample-host/src/csv.h"

#include "sample-host/src/base/formula.h"

#include <string.h>

void host_csv_cell(const char *text, size_t len, sup_buffer *out)
{
    bool is_formula = host_formula_begins(text, len);
    bool is_quoted = is_formula;
    for (size_t i = 0; i < len && !is_quoted; i++) {
        is_quoted = text[i] == '"' || text[i] == ',' || text[i] == '\n' || text[i] == '\r';
    }
    (void)sup_buffer_add_str(out, is_quoted ? "\"" : "");
    (void)sup_buffer_add_str(out, is_formula ? "'" : "");
    for (size_t i = 0; i < len; i++) {
        (void)sup_buffer_add_str(out, is_quoted && text[i] == '"' ? "\"" : "");
        (void)sup_buffer_add(out, text + i, 1);
    }
    (void)sup_buffer_add_str(out, is_quoted ? "\"" : "");
}

static void add_value(const json_t *value, sup_buffer *out)
{
    if (json_is_string(value)) {
        host_csv_cell(json_string_value(value), json_string_length(value), out);
    } else if (json_is_integer(value)) {
        (void)sup_buffer_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        (void)sup_buffer_add_str(out, json_is_true(value) ? "true" : "false");
    }
}

void host_csv_table(const json_t *rows, const char *const *columns, size_t count, sup_buffer *out)
{
    for (size_t c = 0; c < count; c++) {
        (void)sup_buffer_add_str(out, c > 0 ? "," : "");
        host_csv_cell(columns[c], strlen(columns[c]), out);
    }
    (void)sup_buffer_add_str(out, "\r\n");
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        for (size_t c = 0; c < count; c++) {
            (void)sup_buffer_add_str(out, c > 0 ? "," : "");
            add_value(json_object_get(row, columns[c]), out);
        }
        (void)sup_buffer_add_str(out, "\r\n");
    }
}
