/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves how dochost reads its arguments: DESIGN.md section 3, programs and commands. */
/* LINK: sample-host/src/front/options.c sample-host/src/front/args.c sample-host/src/front/usage.c
 */
/* LINK: sample-host/src/base/host_error.c host-sdk/support/utf8.c host-sdk/support/buffer.c */
/* LIBS: -ljansson */
#include "sample-host/src/front/options.h"
#include "sample-host/src/front/usage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const host_option edit_options[] = {
    {"org", HOST_OPTION_POSITIONAL | HOST_OPTION_REQUIRED, "ORG", "which"},
    {"name", 0, "NAME", "new name"},
    {"tag", HOST_OPTION_REPEAT, "TAG", "any number"},
    {"deep", HOST_OPTION_FLAG, NULL, "all the way"},
    {"max-age", HOST_OPTION_INT, "DAYS", "days"},
};
static const host_option connect_options[] = {
    {"tenant", HOST_OPTION_POSITIONAL | HOST_OPTION_REQUIRED, "TENANT", ""},
    {"org", HOST_OPTION_REPEAT | HOST_OPTION_REQUIRED, "ORG", ""},
};
static const host_option init_options[] = {{"data", HOST_OPTION_REQUIRED, "DIR", ""},
                                           {"key-file", 0, "FILE", ""}};
static const host_option check_options[] = {
    {"name", HOST_OPTION_POSITIONAL | HOST_OPTION_REQUIRED, "NAME", ""}};

static const host_command commands[] = {
    {.name = "connect", .options = connect_options, .option_count = 2, .columns = ""},
    {.name = "init",
     .options = init_options,
     .option_count = 2,
     .flags = HOST_COMMAND_NO_DATA,
     .columns = ""},
    {.name = "name check",
     .options = check_options,
     .option_count = 1,
     .flags = HOST_COMMAND_NO_DATA,
     .columns = ""},
    {.name = "org edit", .options = edit_options, .option_count = 5, .columns = ""},
    {.name = "org list", .columns = ""},
    {.name = "sync", .help = "read all", .columns = ""},
};
static const host_command serve = {.name = "serve", .columns = ""};
static const front_table table = {commands, 6, &serve};

#define WORDS_MAX 16
#define LINE_MAX_SIZE 512

typedef struct parsed {
    char line[LINE_MAX_SIZE];
    char *words[WORDS_MAX + 1];
    front_options options;
    host_error err;
    bool ok;
    char *args;
} parsed;

/* Words are separated by one blank. */
static void parse(parsed *p, const char *line)
{
    size_t count = 0;
    memset(p, 0, sizeof *p);
    snprintf(p->line, sizeof p->line, "%s", line);
    for (char *at = p->line; *at != '\0' && count < WORDS_MAX;) {
        p->words[count++] = at;
        at += strcspn(at, " ");
        if (*at != '\0')
            *at++ = '\0';
    }
    p->ok = front_options_parse(&table, p->words, &p->options, &p->err);
    p->args = json_dumps(p->options.args, JSON_COMPACT | JSON_SORT_KEYS);
}

static void done(parsed *p)
{
    free(p->args);
    front_options_done(&p->options);
}

Test(front_options, arguments_reach_the_command_in_their_types)
{
    static const struct {
        const char *line;
        const char *command;
        const char *args;
    } rows[] = {
        {"--data D sync", "sync", "{}"},
        {"sync --data D", "sync", "{}"},
        {"--data=D org list --json", "org list", "{}"},
        {"--data D org edit A", "org edit", "{\"org\":\"A\"}"},
        {"--data D org edit --name B A", "org edit", "{\"name\":\"B\",\"org\":\"A\"}"},
        {"--data D org edit A --name=", "org edit", "{\"name\":\"\",\"org\":\"A\"}"},
        {"--data D org edit A --name=x=y", "org edit", "{\"name\":\"x=y\",\"org\":\"A\"}"},
        {"--data D org edit A --tag 1 --tag=2", "org edit",
         "{\"org\":\"A\",\"tag\":[\"1\",\"2\"]}"},
        {"--data D org edit A --deep", "org edit", "{\"deep\":true,\"org\":\"A\"}"},
        {"--data D org edit A --max-age -7", "org edit", "{\"max_age\":-7,\"org\":\"A\"}"},
        {"--data D org edit -- --name", "org edit", "{\"org\":\"--name\"}"},
        {"--data D org edit --name -- A", "org edit", "{\"name\":\"--\",\"org\":\"A\"}"},
        {"name check -", "name check", "{\"name\":\"-\"}"},
        {"--data D init", "init", "{\"data\":\"D\"}"},
        {"--data D --key-file K init", "init", "{\"data\":\"D\",\"key_file\":\"K\"}"},
        {"--data D serve", "serve", "{}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parsed p;
        parse(&p, rows[i].line);
        cr_assert(p.ok, "%s: %s", rows[i].line, p.err.message);
        cr_assert_str_eq(p.options.command->name, rows[i].command);
        cr_assert_str_eq(p.args, rows[i].args, "%s: %s", rows[i].line, p.args);
        done(&p);
    }
}

Test(front_options, wrong_usage_is_refused_with_a_sentence)
{
    static const struct {
        const char *line;
        const char *message;
    } rows[] = {
        {"", "a command is missing; see dochost --help"},
        {"--data", "--data needs a value"},
        {"--data D --data E sync", "--data is given twice"},
        {"sync", "--data DIR is missing"},
        {"init", "--data is missing"},
        {"--data D nonsense", "there is no command \"nonsense\""},
        {"--data D org", "which \"org\" command? see dochost --help"},
        {"--data D org fly", "which \"org\" command? see dochost --help"},
        {"--data D or list", "there is no command \"or\""},
        {"--data D org edit", "ORG is missing"},
        {"--data D connect T", "--org is missing"},
        {"--data D org edit A B", "too many arguments for \"org edit\""},
        {"--data D org edit A --name", "--name needs a value"},
        {"--data D org edit A --name B --name C", "--name is given twice"},
        {"--data D org edit A --deep=yes", "--deep takes no value"},
        {"--json=1 sync", "--json takes no value"},
        {"--data D org edit A --max-age 1x", "the value of --max-age is not a whole number"},
        {"--data D org edit A --max-age=", "the value of --max-age is not a whole number"},
        {"--data D org edit A --max-age 9999999999999999999",
         "the value of --max-age is not a whole number"},
        {"--data D org edit A --name \xff", "the value of --name is not valid UTF-8 text"},
        {"--data D org edit --org A", "there is no option --org here"},
        {"--data D sync --fast", "there is no option --fast here"},
        {"--data D sync -x", "there are no options of one letter but -h"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parsed p;
        parse(&p, rows[i].line);
        cr_assert_not(p.ok, "%s", rows[i].line);
        cr_assert_str_eq(p.err.message, rows[i].message, "%s: %s", rows[i].line, p.err.message);
        cr_assert_eq(p.err.code, HOST_CODE_USAGE);
        done(&p);
    }
}

Test(front_options, a_secret_as_argument_is_refused_and_not_repeated)
{
    static const char *const names[] = {"secret",        "client-secret", "token",
                                        "refresh-token", "password",      "passphrase"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int inlined = 0; inlined < 2; inlined++) {
            char line[128];
            parsed p;
            snprintf(line, sizeof line, "--data D connect T --org O --%s%sPLANTED", names[i],
                     inlined ? "=" : " ");
            parse(&p, line);
            cr_assert_not(p.ok, "%s", line);
            cr_assert(strstr(p.err.message, "never from an argument") != NULL, "%s", line);
            cr_assert(strstr(p.err.message, "PLANTED") == NULL, "%s", line);
            done(&p);
        }
    }
}

Test(front_options, hostile_words_are_cleaned_in_messages)
{
    parsed p;
    parse(&p, "--data D \x1b[2Jboom");
    cr_assert_not(p.ok);
    cr_assert_str_eq(p.err.message, "there is no command \"?[2Jboom\"");
    done(&p);
}

Test(front_options, help_needs_neither_data_nor_arguments)
{
    parsed p;
    parse(&p, "org edit --help");
    cr_assert(p.ok);
    cr_assert(p.options.help);
    cr_assert_str_eq(p.options.command->name, "org edit");
    done(&p);
    parse(&p, "--version");
    cr_assert(p.ok && p.options.version && p.options.command == NULL);
    done(&p);
}

Test(front_options, usage_names_every_option_and_command)
{
    sup_buffer text;
    sup_buffer_init(&text, 65536);
    front_usage_command(&commands[3], &text);
    cr_assert(strstr(sup_buffer_text(&text),
                     "usage: dochost --data DIR org edit ORG [--name NAME] [--tag TAG] ... "
                     "[--deep] [--max-age DAYS]\n") != NULL,
              "%s", sup_buffer_text(&text));
    sup_buffer_reset(&text);
    front_usage_all(&table, &text);
    for (size_t i = 0; front_options_at(&table, i) != NULL; i++)
        cr_assert(strstr(sup_buffer_text(&text), front_options_at(&table, i)->name) != NULL);
    sup_buffer_done(&text);
}
