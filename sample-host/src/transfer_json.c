/* SPDX-License-Identifier: Apache-2.0
 *
 * An array of objects, one object at a time: its password leaves it before the JSON library, which
 * keeps strings in ordinary memory, sees the rest. */
#include "sample-host/src/transfer_json.h"
#include "sample-host/src/base/secret_json.h"

#include <string.h>

typedef struct cursor {
    const char *at;
    const char *end;
    size_t line;
} cursor;

static void skip_space(cursor *c)
{
    for (; c->at < c->end && memchr(" \t\r\n", *c->at, 4) != NULL; c->at++) {
        c->line += *c->at == '\n' ? 1 : 0;
    }
}

static bool take(cursor *c, char wanted)
{
    skip_space(c);
    bool is_there = c->at < c->end && *c->at == wanted;
    c->at += is_there ? 1 : 0;
    return is_there;
}

/* Passes an object; strings may hold any bracket. */
static bool skip_object(cursor *c)
{
    size_t depth = 0;
    bool in_string = false;
    for (; c->at < c->end; c->at++) {
        char now = *c->at;
        c->line += now == '\n' ? 1 : 0;
        if (in_string && now == '\\' && c->end - c->at > 1) {
            c->at++;
        } else if (now == '"') {
            in_string = !in_string;
        } else if (!in_string && (now == '{' || now == '[')) {
            depth++;
        } else if (!in_string && (now == '}' || now == ']') && --depth == 0) {
            c->at++;
            return true;
        }
    }
    return false;
}

static bool is_empty(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

/* Leaves the members that count, as strings. */
static bool keep_columns(json_t *object, json_t *fields, bool has_secret, host_error *err)
{
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        const char *column = host_transfer_column(name, strlen(name), err);
        if (column == NULL) {
            return false;
        }
        bool is_blanked = has_secret && strcmp(column, "password") == 0;
        if (column[0] == '\0' || is_blanked || is_empty(value)) {
            continue;
        }
        const char *text = json_string_value(value);
        if (text == NULL || strlen(text) != json_string_length(value)) {
            return host_error_set(err, DPH_E_INVALID, 0, "The value of \"%s\" is no text.", column);
        }
        (void)json_object_set(fields, column, (json_t *)(uintptr_t)value);
    }
    return true;
}

static bool read_object(const cursor *from, const char *end, const host_transfer_sink *sink,
                        host_error *err)
{
    host_secret text = {0};
    host_secret secret = {0};
    size_t len = (size_t)(end - from->at);
    if (!host_secret_init(&text, len)) {
        return host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
    }
    memcpy(text.ptr, from->at, len);
    text.len = len;
    json_t *fields = json_object();
    json_t *object = NULL;
    bool ok = host_secret_json_take((char *)text.ptr, text.len, &secret, NULL) ||
              host_error_set(err, DPH_E_INVALID, 0,
                             "This is not one JSON object of plain names and texts, or its password"
                             " is empty or no text.");
    if (ok) {
        object = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
        ok = json_is_object(object)
                 ? keep_columns(object, fields, secret.ptr != NULL, err)
                 : host_error_set(err, DPH_E_INVALID, 0, "This is no valid JSON object.");
    }
    ok = ok || host_error_at_line(err, from->line);
    host_transfer_row row = {from->line, fields, secret.ptr != NULL ? &secret : NULL};
    ok = ok && sink->row(sink->context, &row, err);
    json_decref(object);
    json_decref(fields);
    host_secret_done(&secret);
    host_secret_done(&text);
    return ok;
}

bool host_transfer_json_read(const host_secret *content, const host_transfer_sink *sink,
                             host_error *err)
{
    cursor c = {(const char *)content->ptr, (const char *)content->ptr + content->len, 1};
    bool is_array = take(&c, '[');
    bool is_more = is_array && !take(&c, ']');
    while (is_more) {
        skip_space(&c);
        cursor from = c;
        if (c.at == c.end || *c.at != '{' || !skip_object(&c)) {
            return host_error_set(err, DPH_E_INVALID, 0, "Line %zu: an object is missing here.",
                                  from.line);
        }
        if (!read_object(&from, c.at, sink, err)) {
            return false;
        }
        is_more = take(&c, ',');
        if (!is_more && !take(&c, ']')) {
            return host_error_set(err, DPH_E_INVALID, 0, "Line %zu: a comma or ] is missing here.",
                                  c.line);
        }
    }
    skip_space(&c);
    return is_array && c.at == c.end
               ? true
               : host_error_set(err, DPH_E_INVALID, 0, "Line %zu: this is no array of objects.",
                                c.line);
}
