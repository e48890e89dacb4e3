/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/args.h"

#include "support/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char plain(char c)
{
    return c == '_' ? '-' : c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a != '\0' && plain(*a) == plain(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

const host_option *front_args_find(const host_command *command, const char *name)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (same_name(command->options[i].name, name))
            return &command->options[i];
    }
    return NULL;
}

void front_args_key(const host_option *option, char out[FRONT_ARGS_NAME_SIZE])
{
    size_t len = 0;
    for (; option->name[len] != '\0' && len + 1 < FRONT_ARGS_NAME_SIZE; len++)
        out[len] = option->name[len] == '-' ? '_' : option->name[len];
    out[len] = '\0';
}

void front_args_spell(const host_option *option, char out[FRONT_ARGS_NAME_SIZE])
{
    bool by_place = (option->flags & HOST_OPTION_POSITIONAL) != 0;
    const char *name = by_place && option->value_name != NULL ? option->value_name : option->name;
    (void)snprintf(out, FRONT_ARGS_NAME_SIZE, "%s%s", by_place ? "" : "--", name);
}

static json_t *make_integer(const char *value)
{
    char *end = NULL;
    if (*value != '-' && (*value < '0' || *value > '9'))
        return NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0')
        return NULL;
    return json_integer(number);
}

static json_t *make_value(const host_option *option, const char *value)
{
    if ((option->flags & HOST_OPTION_FLAG) != 0 || value == NULL)
        return json_true();
    if ((option->flags & HOST_OPTION_INT) != 0)
        return make_integer(value);
    return sup_utf8_valid(value, strlen(value)) ? json_string(value) : NULL;
}

static bool store(json_t *args, const host_option *option, const char *key, json_t *made)
{
    if ((option->flags & HOST_OPTION_REPEAT) == 0)
        return json_object_set_new(args, key, made) == 0;
    json_t *list = json_object_get(args, key);
    if (list != NULL)
        return json_array_append_new(list, made) == 0;
    list = json_array();
    if (list == NULL || json_array_append_new(list, made) != 0) {
        json_decref(list);
        return false;
    }
    return json_object_set_new(args, key, list) == 0;
}

bool front_args_put(json_t *args, const host_option *option, const char *value, host_error *err)
{
    char key[FRONT_ARGS_NAME_SIZE];
    char spelled[FRONT_ARGS_NAME_SIZE];
    front_args_key(option, key);
    front_args_spell(option, spelled);
    if ((option->flags & HOST_OPTION_REPEAT) == 0 && json_object_get(args, key) != NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "%s is given twice", spelled);
    json_t *made = make_value(option, value);
    if (made == NULL) {
        bool number = (option->flags & HOST_OPTION_INT) != 0;
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "the value of %s is not %s",
                              spelled, number ? "a whole number" : "valid UTF-8 text");
    }
    if (!store(args, option, key, made))
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    return true;
}

static bool put_typed(json_t *args, const host_option *option, const json_t *value, host_error *err)
{
    char number[32];
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        if (strlen(text) == json_string_length(value) && (option->flags & HOST_OPTION_FLAG) == 0)
            return front_args_put(args, option, text, err);
    } else if (json_is_integer(value) && (option->flags & HOST_OPTION_INT) != 0) {
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return front_args_put(args, option, number, err);
    } else if (json_is_true(value) && (option->flags & HOST_OPTION_FLAG) != 0) {
        return front_args_put(args, option, NULL, err);
    }
    return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "\"%s\" has the wrong type",
                          option->name);
}

bool front_args_put_json(json_t *args, const host_option *option, const json_t *value,
                         host_error *err)
{
    bool no_flag = json_is_false(value) && (option->flags & HOST_OPTION_FLAG) != 0;
    if (json_is_null(value) || no_flag)
        return true;
    if (!json_is_array(value) || (option->flags & HOST_OPTION_REPEAT) == 0)
        return put_typed(args, option, value, err);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!put_typed(args, option, json_array_get(value, i), err))
            return false;
    }
    return true;
}
