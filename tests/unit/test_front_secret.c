/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves how secrets leave request bodies and enter answers: DESIGN.md section 5, secrets in
 * memory. */
/* LINK: sample-host/src/base/secret_json.c sample-host/src/front/rest_body.c */
/* LINK: sample-host/src/command_wants.c */
/* LINK: sample-host/src/front/args.c sample-host/src/base/host_error.c */
/* LINK: sample-host/src/base/secret.c host-sdk/support/utf8.c host-sdk/support/hex.c */
/* LIBS: -ljansson -lsodium */
#include "sample-host/src/base/secret_json.h"
#include "sample-host/src/front/rest_body.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void prepare(void)
{
    cr_assert_geq(sodium_init(), 0);
}

TestSuite(front_secret, .init = prepare);

static host_secret secret_of(const void *bytes, size_t len)
{
    host_secret secret;
    cr_assert(host_secret_init(&secret, len));
    if (len > 0)
        memcpy(secret.ptr, bytes, len);
    secret.len = len;
    return secret;
}

Test(front_secret, an_answer_is_json_that_parses_back)
{
    char all[0x80];
    for (int i = 1; i < 0x80; i++)
        all[i - 1] = (char)i;
    all[0x7F] = '\0';
    const char *const rows[] = {"", "111111-222222", "\"\\/", "\xf0\x9f\x94\x91 \xc3\xa4", all};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host_secret secret = secret_of(rows[i], strlen(rows[i]));
        host_secret text;
        cr_assert(host_secret_json_answer(&secret, &text));
        cr_assert_leq(text.len, text.cap);
        json_t *json = json_loadb((const char *)text.ptr, text.len, 0, NULL);
        cr_assert_not_null(json, "row %zu", i);
        const json_t *data = json_object_get(json, "data");
        cr_assert_str_eq(json_string_value(json_object_get(data, "password")), rows[i]);
        cr_assert(json_is_true(json_object_get(json, "success")));
        json_decref(json);
        host_secret_done(&text);
        host_secret_done(&secret);
    }
}

Test(front_secret, bytes_that_are_no_text_make_no_answer)
{
    host_secret secret = secret_of("\xff\xfe", 2);
    host_secret text;
    cr_assert_not(host_secret_json_answer(&secret, &text));
    host_secret_done(&secret);
}

Test(front_secret, a_secret_leaves_the_body)
{
    static const struct {
        const char *body;
        const char *secret; /* NULL = none */
        const char *left;
    } rows[] = {
        {"{}", NULL, "{}"},
        {" { } ", NULL, " { } "},
        {"{\"a\":1}", NULL, "{\"a\":1}"},
        {"{\"secret\":\"PLANTED\"}", "PLANTED", "{\"secret\":\"       \"}"},
        {"{\"password\" : \"P\" , \"a\":[1,{\"b\":\"}\"}]}", "P",
         "{\"password\" : \" \" , \"a\":[1,{\"b\":\"}\"}]}"},
        {"{\"a\":\"\\\"secret\\\":\\\"x\",\"secret\":\"y\"}", "y",
         "{\"a\":\"\\\"secret\\\":\\\"x\",\"secret\":\" \"}"},
        {"{\"secret\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\udd11\"}",
         "a\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x94\x91",
         "{\"secret\":\"                                   \"}"},
        {"{\"secret\":true}", NULL, "{\"secret\":true}"},
        {"{\"a\":{\"secret\":\"inner\"}}", NULL, "{\"a\":{\"secret\":\"inner\"}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        host_secret secret;
        host_error err;
        snprintf(body, sizeof body, "%s", rows[i].body);
        cr_assert(host_secret_json_take(body, strlen(body), &secret, &err), "%s", rows[i].body);
        cr_assert_str_eq(body, rows[i].left, "%s", body);
        cr_assert_eq(secret.ptr != NULL, rows[i].secret != NULL, "%s", rows[i].body);
        if (rows[i].secret != NULL) {
            cr_assert_eq(secret.len, strlen(rows[i].secret), "row %zu: %zu", i, secret.len);
            cr_assert_arr_eq(secret.ptr, rows[i].secret, secret.len);
        }
        host_secret_done(&secret);
    }
}

Test(front_secret, bodies_that_hide_or_break_a_secret_are_refused)
{
    static const char *const rows[] = {"",
                                       "[]",
                                       "\"secret\"",
                                       "{",
                                       "{\"secret\"",
                                       "{\"secret\":",
                                       "{\"secret\":\"abc",
                                       "{\"secret\":\"abc\"",
                                       "{\"secret\":\"\"}",
                                       "{\"secret\":\"a\",\"password\":\"b\"}",
                                       "{\"s\\u0065cret\":\"a\"}",
                                       "{\"secret\":\"\\u0000\"}",
                                       "{\"secret\":\"\\ud800\"}",
                                       "{\"secret\":\"\\udd11\"}",
                                       "{\"secret\":\"\\ud83dx\"}",
                                       "{\"secret\":\"\\q\"}",
                                       "{\"secret\":\"\\u12g4\"}",
                                       "{\"secret\":\"\n\"}",
                                       "{\"secret\":\"\xff\"}",
                                       "{\"a\":1,}",
                                       "{\"a\":[1}",
                                       "{\"a\":]}",
                                       "{a:1}",
                                       "{\"secret\":\"\\\"}"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        host_secret secret;
        host_error err = {0};
        snprintf(body, sizeof body, "%s", rows[i]);
        cr_assert_not(host_secret_json_take(body, strlen(body), &secret, &err), "%s", rows[i]);
        cr_assert_null(secret.ptr);
        cr_assert_eq(err.status, DPH_E_INVALID);
    }
}

/* Every cut of a body, in memory of exactly that size so that one byte too far is seen. */
Test(front_secret, no_truncation_is_read_past)
{
    static const char whole[] = "{\"a\":{\"b\":[1,\"\\\\\"]},\"secret\":\"x\\ud83d\\udd11\\n\"}";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *body = malloc(len + (len == 0));
        host_secret secret;
        memcpy(body, whole, len);
        cr_assert_not(host_secret_json_take(body, len, &secret, NULL), "%zu", len);
        free(body);
    }
}

static const host_option options[] = {
    {"tenant", HOST_OPTION_REQUIRED | HOST_OPTION_POSITIONAL, "TENANT", ""},
    {"org", HOST_OPTION_REPEAT, "ORG", ""},
    {"client-id", 0, "ID", ""},
    {"deep", HOST_OPTION_FLAG, NULL, ""},
    {"age", HOST_OPTION_INT, "N", ""},
};
static const host_command reads = {
    .name = "connect", .options = options, .option_count = 5, .flags = HOST_COMMAND_READS_SECRET};
static const host_command plain = {.name = "edit", .options = options, .option_count = 5};

static bool read_body(const host_command *command, const char *text, char **out_args,
                      host_secret *out_secret)
{
    host_secret body = {0};
    host_error err;
    json_t *args = json_object();
    cr_assert(front_rest_body_add(&body, text, strlen(text)));
    bool ok = front_rest_body_read(&body, command, args, out_secret, &err);
    cr_assert_null(body.ptr);
    *out_args = json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(args);
    return ok;
}

Test(front_secret, members_become_arguments_and_the_secret_does_not)
{
    char *args = NULL;
    host_secret secret = {0};
    cr_assert(read_body(&reads,
                        "{\"tenant\":\"t\",\"org\":[\"a\",\"b\"],\"client-id\":\"c\",\"deep\":true,"
                        "\"age\":3,\"secret\":\"PLANTED\"}",
                        &args, &secret));
    cr_assert_str_eq(args, "{\"age\":3,\"client_id\":\"c\",\"deep\":true,\"org\":[\"a\",\"b\"],"
                           "\"tenant\":\"t\"}");
    cr_assert_arr_eq(secret.ptr, "PLANTED", 7);
    host_secret_done(&secret);
    free(args);
}

Test(front_secret, members_that_do_not_fit_are_refused)
{
    static const struct {
        const host_command *command;
        const char *body;
        bool ok;
    } rows[] = {
        {&plain, "{}", true},
        {&plain, "{\"client_id\":\"c\",\"deep\":false,\"age\":null}", true},
        {&plain, "{\"secret\":\"x\"}", false},
        {&plain, "{\"unknown\":1}", false},
        {&plain, "{\"tenant\":1}", false},
        {&plain, "{\"tenant\":\"a\\u0000b\"}", false},
        {&plain, "{\"tenant\":[\"a\"]}", false},
        {&plain, "{\"org\":[1]}", false},
        {&plain, "{\"deep\":\"yes\"}", false},
        {&plain, "{\"age\":\"x\"}", false},
        {&plain, "{\"tenant\":\"a\",\"tenant\":\"b\"}", false},
        {&plain, "{\"client_id\":\"a\",\"client-id\":\"b\"}", false},
        {&plain, "{\"age\":1} x", false},
        {&reads, "{}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *args = NULL;
        host_secret secret = {0};
        bool ok = read_body(rows[i].command, rows[i].body, &args, &secret);
        cr_assert_eq(ok, rows[i].ok, "%s", rows[i].body);
        cr_assert_null(secret.ptr);
        free(args);
    }
}

Test(front_secret, a_body_grows_to_its_limit_and_no_further)
{
    host_secret body = {0};
    char *chunk = calloc(1, FRONT_REST_BODY_MAX);
    cr_assert(front_rest_body_add(&body, chunk, 5));
    cr_assert(front_rest_body_add(&body, chunk, FRONT_REST_BODY_MAX - 6));
    cr_assert(front_rest_body_add(&body, "x", 1));
    cr_assert_eq(body.ptr[FRONT_REST_BODY_MAX - 1], 'x');
    cr_assert_not(front_rest_body_add(&body, "y", 1));
    host_secret_done(&body);
    free(chunk);
}
