/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading import files: rows, lines, secrets kept apart. */
/* LINK: sample-host/src/transfer.c sample-host/src/transfer_json.c sample-host/src/base/?*.c
   host-sdk/support/?*.c */
/* LIBS: -ljansson -lsodium -lcsv */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "sample-host/src/base/formula.h"
#include "sample-host/src/transfer.h"

#define OUT_SIZE 256

/* "LINE name secret;" for each row. */
static bool write_row(void *context, const host_transfer_row *row, host_error *err)
{
    char *out = context;
    const char *name = host_transfer_text(row, "name");
    (void)err;
    snprintf(out + strlen(out), OUT_SIZE - strlen(out), "%zu %s %.*s;", row->line,
             name == NULL ? "-" : name, row->secret == NULL ? 1 : (int)row->secret->len,
             row->secret == NULL ? "-" : (const char *)row->secret->ptr);
    return true;
}

static bool read_text(const char *text, char *out, host_error *err)
{
    host_secret content = {0};
    const host_transfer_sink sink = {write_row, out};
    cr_assert(sodium_init() >= 0);
    cr_assert(host_secret_init(&content, strlen(text)));
    memcpy(content.ptr, text, strlen(text));
    content.len = strlen(text);
    out[0] = '\0';
    bool ok = host_transfer_read(&content, &sink, err);
    host_secret_done(&content);
    return ok;
}

Test(host_transfer, rows_come_with_their_line_and_secret)
{
    static const struct {
        const char *text;
        const char *rows;
    } rows[] = {
        {"", ""},
        {"name\n", ""},
        {"name,password\nA,s\n", "2 A s;"},
        {"\xEF\xBB\xBFname\r\nA\r\n\r\n\nB", "2 A -;5 B -;"},
        {"password,name\n\"a\n\nb\",A\n,B\n", "2 A a\n\nb;5 B -;"},
        {"name,id,password\nA,x,\" q \"\n", "2 A  q ;"},
        {"name\n'=1\n'x\n", "2 =1 -;3 'x -;"},
        {"[]", ""},
        {" [ {\"name\":\"A\",\"password\":\"]}\\\"\"} ,\n{\"id\":1,\"name\":\"}\"}]\n",
         "1 A ]}\";2 } -;"},
    };
    char out[OUT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host_error err = {0};
        cr_expect(read_text(rows[i].text, out, &err), "%s: %s", rows[i].text, err.message);
        cr_expect_str_eq(out, rows[i].rows);
    }
}

Test(host_transfer, what_is_wrong_is_told_with_its_line_and_without_its_text)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"name\n\"A\"b\n", "Line 2: the quotes"},
        {"name\n\"A\nPLANTED", "Line 2: the quotes"},
        {"name,password\nA\n", "Line 2: a row has fewer"},
        {"name\nA,PLANTED\n", "Line 2: A row has more"},
        {"[{\"password\":\"PLANTED\",\"name\":1}]", "Line 1: The value of \"name\""},
        {"[{\"password\":[\"PLANTED\"]}]", "Line 1: The value of \"password\""},
        {"[{\"password\":\"PLANTED\"", "Line 1: an object"},
        {"[\n\n{\"name\":\"A\"} x]", "Line 3: a comma"},
        {"[{\"name\":\"A\"}] PLANTED", "Line 1: this is no array"},
        {"[[]]", "Line 1: an object"},
    };
    char out[OUT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host_error err = {0};
        cr_expect_not(read_text(rows[i].text, out, &err), "%s", rows[i].text);
        cr_expect_eq(strncmp(err.message, rows[i].message, strlen(rows[i].message)), 0, "%s",
                     err.message);
        cr_expect_null(strstr(err.message, "PLANTED"));
    }
}

Test(host_transfer, formulas_are_told_by_their_beginning)
{
    static const char *const yes[] = {"=1",  "+",       "-1",  "@A",  "\t",         "\r",
                                      "\nx", "\uff1dx", " =1", "'=1", "'' \u00a0=1"};
    static const char *const no[] = {"", "1", "a=1", "'", "'a", " a=1", "\uff21"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        cr_expect(host_formula_begins(yes[i], strlen(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        cr_expect_not(host_formula_begins(no[i], strlen(no[i])), "%s", no[i]);
}
