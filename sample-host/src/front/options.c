/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/options.h"

#include "sample-host/src/front/args.h"
#include "support/utf8.h"

#include <stdio.h>
#include <string.h>

typedef struct reader {
    const front_table *table;
    char *const *next;
    front_options *out;
    bool only_places; /* after "--" */
    host_error *err;
} reader;

static bool refuse(reader *r, const char *lead, const char *name, const char *tail)
{
    char clean[FRONT_ARGS_NAME_SIZE];
    sup_utf8_clean(name, strlen(name), clean, sizeof clean);
    return host_error_set(r->err, DPH_E_INVALID, HOST_CODE_USAGE, "%s%s%s", lead, clean, tail);
}

const host_command *front_options_at(const front_table *table, size_t index)
{
    if (index < table->count)
        return &table->commands[index];
    return index == table->count ? table->extra : NULL;
}

static const host_command *find_command(const front_table *table, const char *name)
{
    const host_command *command = NULL;
    for (size_t i = 0; (command = front_options_at(table, i)) != NULL; i++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

static bool is_group(const front_table *table, const char *word)
{
    size_t len = strlen(word);
    const host_command *command = NULL;
    for (size_t i = 0; (command = front_options_at(table, i)) != NULL; i++) {
        if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ')
            return true;
    }
    return false;
}

static bool read_command(reader *r, const char *word)
{
    const char *second = *r->next;
    if (second != NULL) {
        char two[FRONT_ARGS_NAME_SIZE];
        int need = snprintf(two, sizeof two, "%s %s", word, second);
        bool fits = need > 0 && (size_t)need < sizeof two;
        r->out->command = fits ? find_command(r->table, two) : NULL;
        if (r->out->command != NULL) {
            r->next++;
            return true;
        }
    }
    r->out->command = find_command(r->table, word);
    if (r->out->command != NULL)
        return true;
    if (is_group(r->table, word))
        return refuse(r, "which \"", word, "\" command? see dochost --help");
    return refuse(r, "there is no command \"", word, "\"");
}

/* The first option given by place that has no value yet; a repeated one takes all that is left. */
static const host_option *next_place(const front_options *out)
{
    char key[FRONT_ARGS_NAME_SIZE];
    for (size_t i = 0; i < out->command->option_count; i++) {
        const host_option *option = &out->command->options[i];
        front_args_key(option, key);
        bool open =
            json_object_get(out->args, key) == NULL || (option->flags & HOST_OPTION_REPEAT) != 0;
        if ((option->flags & HOST_OPTION_POSITIONAL) != 0 && open)
            return option;
    }
    return NULL;
}

static bool read_place(reader *r, const char *word)
{
    if (r->out->command == NULL)
        return read_command(r, word);
    const host_option *option = next_place(r->out);
    if (option == NULL)
        return refuse(r, "too many arguments for \"", r->out->command->name, "\"");
    return front_args_put(r->out->args, option, word, r->err);
}

/* A global option that takes a value. */
static const char **find_slot(front_options *out, const char *name)
{
    if (strcmp(name, "data") == 0)
        return &out->data_dir;
    if (strcmp(name, "key-file") == 0)
        return &out->key_file;
    if (strcmp(name, "passphrase-file") == 0)
        return &out->passphrase_file;
    return strcmp(name, "as") == 0 ? &out->as_user : NULL;
}

static bool *find_switch(front_options *out, const char *name)
{
    if (strcmp(name, "json") == 0)
        return &out->json;
    if (strcmp(name, "help") == 0)
        return &out->help;
    return strcmp(name, "version") == 0 ? &out->version : NULL;
}

static bool looks_secret(const char *name)
{
    static const char *const parts[] = {"secret", "token", "password", "passphrase"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(name, parts[i]) != NULL)
            return true;
    }
    return false;
}

static bool take_value(reader *r, const char *name, const char *inlined, const char **out)
{
    if (inlined == NULL && *r->next == NULL)
        return refuse(r, "--", name, " needs a value");
    *out = inlined != NULL ? inlined : *r->next++;
    return true;
}

static bool read_global(reader *r, const char *name, const char *inlined, bool *known)
{
    const char **slot = find_slot(r->out, name);
    bool *on = find_switch(r->out, name);
    *known = slot != NULL || on != NULL;
    if (on != NULL && inlined != NULL)
        return refuse(r, "--", name, " takes no value");
    if (on != NULL)
        *on = true;
    if (slot == NULL)
        return true;
    if (*slot != NULL)
        return refuse(r, "--", name, " is given twice");
    return take_value(r, name, inlined, slot);
}

static bool read_option(reader *r, const char *name, const char *inlined)
{
    bool known = false;
    if (!read_global(r, name, inlined, &known))
        return false;
    if (known)
        return true;
    const host_command *command = r->out->command;
    const host_option *option = command == NULL ? NULL : front_args_find(command, name);
    if (option == NULL && looks_secret(name))
        return refuse(r, "--", name,
                      ": secrets are read from standard input, never from an argument");
    if (option == NULL || (option->flags & HOST_OPTION_POSITIONAL) != 0)
        return refuse(r, "there is no option --", name, " here");
    const char *value = NULL;
    bool is_flag = (option->flags & HOST_OPTION_FLAG) != 0;
    if (is_flag && inlined != NULL)
        return refuse(r, "--", name, " takes no value");
    if (!is_flag && !take_value(r, name, inlined, &value))
        return false;
    return front_args_put(r->out->args, option, value, r->err);
}

static bool read_long(reader *r, const char *word)
{
    char name[FRONT_ARGS_NAME_SIZE];
    const char *equals = strchr(word, '=');
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    if (len >= sizeof name)
        return refuse(r, "there is no option of that length", "", "");
    memcpy(name, word, len);
    name[len] = '\0';
    return read_option(r, name, equals == NULL ? NULL : equals + 1);
}

static bool read_word(reader *r, const char *word)
{
    if (r->only_places || word[0] != '-' || word[1] == '\0')
        return read_place(r, word);
    if (strcmp(word, "--") == 0) {
        r->only_places = true;
        return true;
    }
    if (strcmp(word, "-h") == 0)
        return read_option(r, "help", NULL);
    if (word[1] != '-')
        return refuse(r, "there are no options of one letter but -h", "", "");
    return read_long(r, word + 2);
}

static bool check_required(reader *r)
{
    char name[FRONT_ARGS_NAME_SIZE];
    const host_command *command = r->out->command;
    for (size_t i = 0; i < command->option_count; i++) {
        const host_option *option = &command->options[i];
        front_args_key(option, name);
        bool missing = json_object_get(r->out->args, name) == NULL;
        front_args_spell(option, name);
        if ((option->flags & HOST_OPTION_REQUIRED) != 0 && missing)
            return refuse(r, "", name, " is missing");
    }
    return true;
}

/* Some commands want to know what was said to the program itself. */
static bool pass_global(reader *r, const char *name, const char *value)
{
    const host_option *option = front_args_find(r->out->command, name);
    if (option == NULL || value == NULL)
        return true;
    return front_args_put(r->out->args, option, value, r->err);
}

static bool check_whole(reader *r)
{
    front_options *out = r->out;
    if (out->help || out->version)
        return true;
    if (out->command == NULL)
        return refuse(r, "a command is missing; see dochost --help", "", "");
    if (out->data_dir == NULL && (out->command->flags & HOST_COMMAND_NO_DATA) == 0)
        return refuse(r, "--data DIR is missing", "", "");
    return pass_global(r, "data", out->data_dir) && pass_global(r, "key-file", out->key_file) &&
           check_required(r);
}

bool front_options_parse(const front_table *table, char *const *words, front_options *out,
                         host_error *err)
{
    *out = (front_options){.args = json_object()};
    reader r = {.table = table, .next = words, .out = out, .err = err};
    if (out->args == NULL)
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    while (*r.next != NULL) {
        const char *word = *r.next++;
        if (!read_word(&r, word))
            return false;
    }
    return check_whole(&r);
}

void front_options_done(front_options *options)
{
    if (options == NULL)
        return;
    json_decref(options->args);
    options->args = NULL;
}
