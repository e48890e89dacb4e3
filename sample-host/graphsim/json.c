/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON text output and small reading helpers. Must not know any property name. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

void sim_json_string(sup_buffer *buffer, const char *text)
{
    if (text == NULL) {
        sup_buffer_add_str(buffer, "null");
        return;
    }
    sup_buffer_add(buffer, "\"", 1);
    const char *plain = text;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        sup_buffer_add(buffer, plain, (size_t)(at - plain));
        sup_buffer_printf(buffer, c < 0x20 ? "\\u%04x" : "\\%c", c);
        plain = at + 1;
    }
    sup_buffer_add_str(buffer, plain);
    sup_buffer_add(buffer, "\"", 1);
}

static int append(const char *bytes, size_t len, void *buffer)
{
    return sup_buffer_add(buffer, bytes, len) ? 0 : -1;
}

void sim_json_value(sup_buffer *buffer, const json_t *value)
{
    if (value == NULL)
        sup_buffer_add_str(buffer, "null");
    else
        (void)json_dump_callback(value, append, buffer, JSON_COMPACT | JSON_ENCODE_ANY);
}

const char *sim_json_text(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : otherwise;
}

json_int_t sim_json_number(const json_t *object, const char *name, json_int_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_boolean(value))
        return json_is_true(value);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
