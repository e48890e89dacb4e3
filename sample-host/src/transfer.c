/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns, and the CSV side. */
#include "sample-host/src/transfer.h"

#include "sample-host/src/base/csv_read.h"
#include "sample-host/src/base/formula.h"
#include "sample-host/src/sealed.h"
#include "sample-host/src/transfer_json.h"

#include <sodium.h>
#include <string.h>

#define COLUMNS_MAX 64
#define PASSWORD "password"
#define PASSED_OVER ""

static const char *const taken[] = {"kind",   "name",         "category", "folder", "username",
                                    PASSWORD, "url",          "notes",    "serial", "configuration",
                                    "mac",    "manufacturer", "hostname", "model"};
static const char *const of_export[] = {"id",         "archived", "state",
                                        "guarded_by", "created",  "updated"};

static const char *find(const char *const *names, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0) {
            return names[i];
        }
    }
    return NULL;
}

const char *host_transfer_column(const char *text, size_t len, host_error *err)
{
    const char *name = find(taken, sizeof taken / sizeof taken[0], text, len);
    if (name != NULL) {
        return name;
    }
    if (find(of_export, sizeof of_export / sizeof of_export[0], text, len) != NULL) {
        return PASSED_OVER;
    }
    (void)host_error_set(err, DPH_E_INVALID, 0, "The column \"%.*s\" is not known.",
                         len > 40 ? 40 : (int)len, text);
    return NULL;
}

const char *host_transfer_text(const host_transfer_row *row, const char *column)
{
    return json_string_value(json_object_get(row->fields, column));
}

typedef struct table {
    const host_transfer_sink *sink;
    const char *columns[COLUMNS_MAX]; /* PASSED_OVER = of no use */
    size_t column_count;
    size_t at; /* field of the running row */
    bool has_head;
    json_t *fields;
    host_secret secret; /* made once */
} table;

static bool take_head(table *t, const char *text, size_t len, host_error *err)
{
    if (t->at == COLUMNS_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "There are too many columns.");
    }
    t->columns[t->at] = host_transfer_column(text, len, err);
    return t->columns[t->at++] != NULL;
}

static bool take_secret(table *t, const char *text, size_t len, host_error *err)
{
    if (len > t->secret.cap) {
        return host_error_set(err, DPH_E_INVALID, 0, "A password has at most %d bytes.",
                              HOST_SEALED_SECRET_MAX);
    }
    memcpy(t->secret.ptr, text, len);
    t->secret.len = len;
    return true;
}

static bool take_field(void *context, const char *text, size_t len, host_error *err)
{
    table *t = context;
    if (!t->has_head) {
        return take_head(t, text, len, err);
    }
    if (t->at == t->column_count) {
        return host_error_set(err, DPH_E_INVALID, 0, "A row has more fields than the first line.");
    }
    const char *column = t->columns[t->at++];
    if (len == 0 || column[0] == '\0') {
        return true;
    }
    if (strcmp(column, PASSWORD) == 0) {
        return take_secret(t, text, len, err);
    }
    size_t skip = text[0] == '\'' && host_formula_begins(text + 1, len - 1) ? 1 : 0;
    return json_object_set_new(t->fields, column, json_stringn(text + skip, len - skip)) == 0 ||
           host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
}

static bool take_row(void *context, size_t line, host_error *err)
{
    table *t = context;
    host_transfer_row row = {line, t->fields, t->secret.len > 0 ? &t->secret : NULL};
    if (!t->has_head) {
        t->has_head = true;
        t->column_count = t->at;
        t->at = 0;
        return true;
    }
    bool is_whole = t->at == t->column_count;
    t->at = 0;
    bool ok = is_whole
                  ? t->sink->row(t->sink->context, &row, err)
                  : host_error_set(err, DPH_E_INVALID, 0,
                                   "Line %zu: a row has fewer fields than the first line.", line);
    (void)json_object_clear(t->fields);
    sodium_memzero(t->secret.ptr, t->secret.len);
    t->secret.len = 0;
    return ok;
}

static bool read_csv(const host_secret *content, const host_transfer_sink *sink, host_error *err)
{
    table t = {.sink = sink, .fields = json_object()};
    host_csv_reader reader = {take_field, take_row, &t};
    bool ok = host_secret_init(&t.secret, HOST_SEALED_SECRET_MAX) && t.fields != NULL
                  ? host_csv_read(content, &reader, err)
                  : host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
    host_secret_done(&t.secret);
    json_decref(t.fields);
    return ok;
}

bool host_transfer_read(const host_secret *content, const host_transfer_sink *sink, host_error *err)
{
    size_t at = 0;
    while (at < content->len && memchr(" \t\r\n", content->ptr[at], 4) != NULL) {
        at++;
    }
    bool is_json = at < content->len && (content->ptr[at] == '[' || content->ptr[at] == '{');
    return is_json ? host_transfer_json_read(content, sink, err) : read_csv(content, sink, err);
}
