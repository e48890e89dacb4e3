/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON without secrets: limits, tolerant getters, and the builder. */
/* LINK: plugin/src/base/json.c plugin/src/base/jsonscan_check.c plugin/src/base/error.c
   host-sdk/support/buffer.c host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -ljansson */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/base/json.h"

static bkey_json *parse(const char *text)
{
    bkey_json *document = NULL;
    cr_assert(bkey_is_ok(bkey_json_parse(text, strlen(text), 1 << 20, &document)), "%s", text);
    return document;
}

Test(json, limits_are_kept)
{
    bkey_json *document = NULL;
    cr_expect(bkey_is(bkey_json_parse("[1,2]", 5, 4, &document), BKEY_E_BODY_SIZE));
    cr_expect(bkey_is(bkey_json_parse("", 0, 4, &document), BKEY_E_BODY));
    char deep[2 * BKEY_JSON_MAX_DEPTH + 2];
    memset(deep, '[', BKEY_JSON_MAX_DEPTH + 1);
    memset(deep + BKEY_JSON_MAX_DEPTH + 1, ']', BKEY_JSON_MAX_DEPTH + 1);
    cr_expect(bkey_is(bkey_json_parse(deep, sizeof deep, 1000, &document), BKEY_E_DEPTH));
    cr_expect_null(document);
    cr_expect(bkey_is_ok(bkey_json_parse(deep + 1, sizeof deep - 2, 1000, &document)));
    bkey_json_free(&document);
    cr_expect_null(document);
    bkey_json_free(&document);
    bkey_json_free(NULL);
}

Test(json, brackets_inside_of_texts_do_not_count_as_depth)
{
    bkey_json *document =
        parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\",\"b\":1}");
    int64_t b = 0;
    cr_expect(bkey_json_int(document, "b", &b));
    bkey_json_free(&document);
}

Test(json, malformed_documents_are_refused)
{
    static const char *const bad[] = {"{", "{]", "nul", "\"text\"", "[1,]", "{\"a\":1}x", "<html>"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bkey_json *document = NULL;
        bkey_err err = bkey_json_parse(bad[i], strlen(bad[i]), 1000, &document);
        cr_expect(bkey_is(err, BKEY_E_BODY), "%s", bad[i]);
    }
}

/* S1.104: half a serial number is no evidence. */
Test(json, a_nul_inside_a_text_makes_it_none_and_fails_nothing)
{
    bkey_json *document = parse("{\"name\":\"PC\\u0000-evil\",\"n\":1}");
    cr_expect_null(bkey_json_text(document, "name"));
    int64_t n = 0;
    cr_expect(bkey_json_int(document, "n", &n));
    bkey_json_free(&document);
}

Test(json, getters_tolerate_missing_null_and_wrong_types)
{
    bkey_json *document =
        parse("{\"null\":null,\"text\":\"x\",\"list\":[],\"real\":1.5,\"yes\":true}");
    int64_t number = 7;
    bool yes = false;
    static const char *const names[] = {"null", "missing", "list", "real", "yes"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_expect_null(bkey_json_text(document, names[i]), "%s", names[i]);
        cr_expect_not(bkey_json_int(document, names[i], &number), "%s", names[i]);
    }
    cr_expect_eq(number, 7);
    cr_expect_not(bkey_json_bool(document, "text", &yes));
    cr_expect(bkey_json_bool(document, "yes", &yes) && yes);
    cr_expect_null(bkey_json_array(document, "text"));
    cr_expect_eq(bkey_json_count(bkey_json_array(document, "list")), 0);
    cr_expect_null(bkey_json_at(bkey_json_array(document, "list"), 0));
    cr_expect_null(bkey_json_text(NULL, "x"));
    cr_expect_null(bkey_json_member(bkey_json_member(document, "text"), "x"));
    cr_expect_eq(bkey_json_count(NULL), 0);
    bkey_json_free(&document);
}

Test(json, kinds_are_told)
{
    bkey_json *document = parse("[null,true,1,1.5,\"\",[],{}]");
    static const bkey_json_kind kinds[] = {BKEY_JSON_NULL,   BKEY_JSON_BOOL,  BKEY_JSON_NUMBER,
                                           BKEY_JSON_NUMBER, BKEY_JSON_TEXT,  BKEY_JSON_ARRAY,
                                           BKEY_JSON_OBJECT, BKEY_JSON_ABSENT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        cr_expect_eq(bkey_json_kind_of(bkey_json_at(document, i)), kinds[i], "%zu", i);
    bkey_json_free(&document);
}

Test(json, whole_numbers_come_as_number_or_text)
{
    static const struct {
        const char *json;
        bool ok;
        int64_t value;
    } rows[] = {
        {"[3599]", true, 3599},
        {"[\"3599\"]", true, 3599},
        {"[\"-5\"]", true, -5},
        {"[\"-9223372036854775808\"]", true, INT64_MIN},
        {"[\"9223372036854775807\"]", true, INT64_MAX},
        {"[\"9223372036854775808\"]", false, 0},
        {"[\"-9223372036854775809\"]", false, 0},
        {"[\"\"]", false, 0},
        {"[\"-\"]", false, 0},
        {"[\"+5\"]", false, 0},
        {"[\" 5\"]", false, 0},
        {"[\"0x10\"]", false, 0},
        {"[\"5.0\"]", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_json *document = parse(rows[i].json);
        int64_t value = 0;
        cr_expect_eq(bkey_json_as_int(bkey_json_at(document, 0), &value), rows[i].ok, "%s",
                     rows[i].json);
        cr_expect_eq(value, rows[i].value, "%s", rows[i].json);
        bkey_json_free(&document);
    }
}

Test(json, the_builder_writes_members_in_order)
{
    bkey_json_builder builder;
    sup_buffer out;
    sup_buffer_init(&out, 1000);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "tenant", "a\"b");
    bkey_json *list = bkey_json_put_array(&builder, builder.root, "organizations");
    bkey_json_add_text(&builder, list, "o1");
    bkey_json *row = bkey_json_add_object(&builder, list);
    bkey_json_put_int(&builder, row, "n", -4);
    bkey_json *inner = bkey_json_put_object(&builder, builder.root, "inner");
    bkey_json_put_bool(&builder, inner, "yes", true);
    bkey_json_put_text(&builder, builder.root, "none", NULL);
    cr_expect(bkey_is_ok(bkey_json_builder_write(&builder, &out)));
    cr_expect_str_eq(sup_buffer_text(&out),
                     "{\"tenant\":\"a\\\"b\",\"organizations\":[\"o1\",{\"n\":"
                     "-4}],\"inner\":{\"yes\":true},\"none\":null}");
    bkey_json_builder_done(&builder);
    bkey_json_builder_done(&builder);
    bkey_json_builder_done(NULL);
    sup_buffer_done(&out);
}

static void expect_failed(bkey_json_builder *builder)
{
    sup_buffer out;
    sup_buffer_init(&out, 1000);
    bkey_json_put_text(builder, builder->root, "good", "x");
    cr_expect(bkey_is(bkey_json_builder_write(builder, &out), BKEY_E_NOMEM));
    cr_expect_str_empty(sup_buffer_text(&out));
    bkey_json_builder_done(builder);
    sup_buffer_done(&out);
}

Test(json, a_failure_while_building_is_kept_until_write)
{
    bkey_json_builder builder;
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "bad", "\xFF");
    expect_failed(&builder);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, NULL, "nowhere", "x");
    expect_failed(&builder);
    bkey_json_builder_init(&builder);
    bkey_json_add_text(&builder, NULL, "x");
    expect_failed(&builder);
    bkey_json_builder_init(&builder);
    bkey_json_add_text(&builder, bkey_json_put_array(&builder, builder.root, "list"), "\xFF");
    expect_failed(&builder);
}

Test(json, a_result_that_does_not_fit_is_an_error)
{
    bkey_json_builder builder;
    sup_buffer out;
    sup_buffer_init(&out, 8);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "long", "more than eight bytes");
    cr_expect(bkey_is(bkey_json_builder_write(&builder, &out), BKEY_E_NOMEM));
    bkey_json_builder_done(&builder);
    sup_buffer_done(&out);
}
