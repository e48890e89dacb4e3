/* SPDX-License-Identifier: Apache-2.0
 *
 * jansson behind json.h. Must not see a body that carries a secret: jansson copies texts to the
 * ordinary heap. */
#include "base/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonscan_check.h"

/* bkey_json is json_t under another name, so that no header has to show jansson. */
static const json_t *inside(const bkey_json *value)
{
    return (const json_t *)value;
}

static json_t *inside_mut(bkey_json *value)
{
    return (json_t *)value;
}

/* jansson's own limit is 2,048 and not adjustable; counting brackets outside of strings first is
 * cheap and right for every document that it would accept. */
static bool is_shallow(const char *bytes, size_t len)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > BKEY_JSON_MAX_DEPTH)
                return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

bkey_err bkey_json_parse(const void *bytes, size_t len, size_t max_len, bkey_json **out_document)
{
    if (len > max_len)
        return bkey_fail(BKEY_E_BODY_SIZE);
    /* jansson loses a raw NUL that follows a number, and would accept what is malformed. */
    if (len == 0 || memchr(bytes, '\0', len) != NULL)
        return bkey_fail(BKEY_E_BODY);
    if (!is_shallow(bytes, len))
        return bkey_fail(BKEY_E_DEPTH);
    json_error_t error;
    json_t *document = json_loadb(bytes, len, JSON_ALLOW_NUL, &error);
    if (document == NULL) {
        bool no_memory = json_error_code(&error) == json_error_out_of_memory;
        return bkey_fail(no_memory ? BKEY_E_NOMEM : BKEY_E_BODY);
    }
    *out_document = (bkey_json *)document;
    return bkey_ok();
}

void bkey_json_free(bkey_json **document)
{
    if (document == NULL || *document == NULL)
        return;
    json_decref(inside_mut(*document));
    *document = NULL;
}

bkey_json_kind bkey_json_kind_of(const bkey_json *value)
{
    const json_t *json = inside(value);
    if (json == NULL)
        return BKEY_JSON_ABSENT;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return BKEY_JSON_OBJECT;
    case JSON_ARRAY:
        return BKEY_JSON_ARRAY;
    case JSON_STRING:
        return BKEY_JSON_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return BKEY_JSON_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return BKEY_JSON_BOOL;
    case JSON_NULL:
        return BKEY_JSON_NULL;
    }
    return BKEY_JSON_ABSENT;
}

const bkey_json *bkey_json_member(const bkey_json *object, const char *name)
{
    return (const bkey_json *)json_object_get(inside(object), name);
}

const char *bkey_json_as_text(const bkey_json *value)
{
    const char *text = json_string_value(inside(value));
    /* Cut at its NUL a serial number could equal another one. */
    return text != NULL && strlen(text) == json_string_length(inside(value)) ? text : NULL;
}

const char *bkey_json_text(const bkey_json *object, const char *name)
{
    return bkey_json_as_text(bkey_json_member(object, name));
}

bool bkey_json_as_int(const bkey_json *value, int64_t *out)
{
    const json_t *json = inside(value);
    if (json_is_integer(json)) {
        *out = json_integer_value(json);
        return true;
    }
    const char *text = json_string_value(json);
    return text != NULL && bkey_jsonscan_read_int(text, strlen(text), out);
}

bool bkey_json_int(const bkey_json *object, const char *name, int64_t *out)
{
    return bkey_json_as_int(bkey_json_member(object, name), out);
}

bool bkey_json_bool(const bkey_json *object, const char *name, bool *out)
{
    const json_t *json = inside(bkey_json_member(object, name));
    if (!json_is_boolean(json))
        return false;
    *out = json_is_true(json);
    return true;
}

const bkey_json *bkey_json_array(const bkey_json *object, const char *name)
{
    const bkey_json *member = bkey_json_member(object, name);
    return json_is_array(inside(member)) ? member : NULL;
}

size_t bkey_json_count(const bkey_json *array)
{
    return json_array_size(inside(array));
}

const bkey_json *bkey_json_at(const bkey_json *array, size_t index)
{
    return (const bkey_json *)json_array_get(inside(array), index);
}

void bkey_json_builder_init(bkey_json_builder *builder)
{
    builder->root = (bkey_json *)json_object();
    builder->failed = builder->root == NULL;
}

void bkey_json_builder_done(bkey_json_builder *builder)
{
    if (builder != NULL)
        bkey_json_free(&builder->root);
}

/* Takes `value` over whatever happens; returns it while it lives in the document. */
static bkey_json *put(bkey_json_builder *builder, bkey_json *object, const char *name,
                      json_t *value)
{
    if (object == NULL || json_object_set_new(inside_mut(object), name, value) != 0) {
        if (object == NULL)
            json_decref(value);
        builder->failed = true;
        return NULL;
    }
    return (bkey_json *)value;
}

static bkey_json *add(bkey_json_builder *builder, bkey_json *array, json_t *value)
{
    if (array == NULL || json_array_append_new(inside_mut(array), value) != 0) {
        if (array == NULL)
            json_decref(value);
        builder->failed = true;
        return NULL;
    }
    return (bkey_json *)value;
}

static json_t *new_text(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

void bkey_json_put_text(bkey_json_builder *builder, bkey_json *object, const char *name,
                        const char *text)
{
    put(builder, object, name, new_text(text));
}

void bkey_json_put_int(bkey_json_builder *builder, bkey_json *object, const char *name,
                       int64_t number)
{
    put(builder, object, name, json_integer(number));
}

void bkey_json_put_bool(bkey_json_builder *builder, bkey_json *object, const char *name, bool yes)
{
    put(builder, object, name, json_boolean(yes));
}

bkey_json *bkey_json_put_array(bkey_json_builder *builder, bkey_json *object, const char *name)
{
    return put(builder, object, name, json_array());
}

bkey_json *bkey_json_put_object(bkey_json_builder *builder, bkey_json *object, const char *name)
{
    return put(builder, object, name, json_object());
}

void bkey_json_add_text(bkey_json_builder *builder, bkey_json *array, const char *text)
{
    add(builder, array, new_text(text));
}

bkey_json *bkey_json_add_object(bkey_json_builder *builder, bkey_json *array)
{
    return add(builder, array, json_object());
}

static int append_piece(const char *bytes, size_t len, void *context)
{
    return sup_buffer_add(context, bytes, len) ? 0 : -1;
}

bkey_err bkey_json_builder_write(const bkey_json_builder *builder, sup_buffer *out)
{
    if (builder->failed)
        return bkey_fail(BKEY_E_NOMEM);
    int result = json_dump_callback(inside(builder->root), append_piece, out, JSON_COMPACT);
    return result == 0 ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}
