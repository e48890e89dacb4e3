/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner for secret-bearing JSON: lookups, unescaping, and agreement with jansson on what is
 * well-formed, over a table and over seeded mutations of it. */
/* LINK: plugin/src/base/jsonscan.c plugin/src/base/jsonscan_check.c plugin/src/base/json.c
   plugin/src/base/error.c host-sdk/support/buffer.c host-sdk/support/hex.c
   host-sdk/support/utf8.c */
/* LIBS: -ljansson */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/src/base/json.h"
#include "plugin/src/base/jsonscan.h"

static const char *const documents[] = {
    "{}",
    "[]",
    " [ ] \n",
    "{\"a\":1}",
    "{\"a\":1,\"a\":2}",
    "[1,2,3]",
    "[1,]",
    "[,1]",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "[1 2]",
    "[1]x",
    "[1] [2]",
    "1",
    "\"x\"",
    "null",
    "true",
    "",
    " ",
    "{",
    "[",
    "}",
    "]",
    "[}",
    "{]",
    "[[]",
    "[]]",
    "{\"a\":[}]",
    "[true,false,null]",
    "[True]",
    "[tru]",
    "[nullx]",
    "[truefalse]",
    "[true1]",
    "[nul",
    "[0]",
    "[-0]",
    "[00]",
    "[01]",
    "[-]",
    "[+1]",
    "[.5]",
    "[1.]",
    "[1.5]",
    "[1.e5]",
    "[1e5]",
    "[1E+5]",
    "[1e-5]",
    "[1e]",
    "[1e+]",
    "[--1]",
    "[1.5.5]",
    "[0x10]",
    "[1e5e5]",
    "[-01]",
    "[9223372036854775807]",
    "[9223372036854775808]",
    "[-9223372036854775808]",
    "[-9223372036854775809]",
    "[99999999999999999999]",
    "[1e308]",
    "[1e309]",
    "[-1e309]",
    "[1.7976931348623157e308]",
    "[1.7976931348623158e308]",
    "[1.7976931348623159e308]",
    "[17976931348623157e292]",
    "[17976931348623159e292]",
    "[0.00017976931348623159e312]",
    "[0.00017976931348623157e312]",
    "[0e999999999999999999999]",
    "[1e-999999999999]",
    "[1e99999999999999999999]",
    "[0.0e400]",
    "[1.79769313486231580793e308]",
    "[1.79769313486231580794e308]",
    "[\"\"]",
    "[\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\"]",
    "[\"\\x\"]",
    "[\"\\u0041\"]",
    "[\"\\u004\"]",
    "[\"\\u00zz\"]",
    "[\"\\ud83d\\ude00\"]",
    "[\"\\ud83d\"]",
    "[\"\\ud83dx\"]",
    "[\"\\ud83d\\n\"]",
    "[\"\\ud83d\\u0041\"]",
    "[\"\\ude00\"]",
    "[\"\\uD83D\\uDE0\"]",
    "[\"\\u0000\"]",
    "{\"\\u0000\":1}",
    "{\"a\\u0000b\":1}",
    "{\"\":1}",
    "[\"tab\there\"]",
    "[\"line\nbreak\"]",
    "[\"\x7f\"]",
    "[\"\xC3\xA9\"]",
    "[\"\xC3\"]",
    "[\"\xC0\x80\"]",
    "[\"\xED\xA0\x80\"]",
    "[\"\xF4\x90\x80\x80\"]",
    "[\"\xF0\x9F\x98\x80\"]",
    "[\"\xEF\xBF\xBF\"]",
    "[\"\xFF\"]",
    "\xEF\xBB\xBF[]",
    "[\"abc",
    "[\"abc\\",
    "[\"abc\\\"]",
    "[\"a\"\"b\"]",
    "[\"a\":1]",
    "{\"a\":1:2}",
    "{1:2}",
    "{\"a\" : [ { \"b\" : \"c\" } ] }",
    "{\"a\":{\"b\":{\"c\":[1,{\"d\":null}]}},\"e\":\"f\"}",
    "[1]\x01",
    "[\v1]",
    "[\f]",
    "{\"value\":{\"id\":\"b5a1464d\",\"key\":\"183634-203555\",\"volumeType\":\"1\"}}",
    "{\"access_token\":\"eyJ0\",\"expires_in\":3599,\"refresh_token\":\"0.A\"}",
    "{\"error\":\"invalid_grant\",\"error_codes\":[50076,50078],\"claims\":\"{\\\"a\\\":1}\"}",
};
#define DOCUMENTS (sizeof documents / sizeof documents[0])

static bool jansson_accepts(const char *bytes, size_t len)
{
    bkey_json *document = NULL;
    bool ok = bkey_is_ok(bkey_json_parse(bytes, len, 1 << 20, &document));
    bkey_json_free(&document);
    return ok;
}

/* From an exact heap copy, so that reading past the end is seen. */
static bool scan_accepts(const char *bytes, size_t len)
{
    bkey_jsonscan_value top;
    char *copy = malloc(len == 0 ? 1 : len);
    if (len > 0)
        memcpy(copy, bytes, len);
    bool ok = bkey_jsonscan_parse(copy, len, &top);
    free(copy);
    return ok;
}

static bkey_jsonscan_value scan(const char *text)
{
    bkey_jsonscan_value top;
    cr_assert(bkey_jsonscan_parse(text, strlen(text), &top), "%s", text);
    return top;
}

Test(jsonscan, agrees_with_jansson_on_the_table)
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        size_t len = strlen(documents[i]);
        cr_expect_eq(scan_accepts(documents[i], len), jansson_accepts(documents[i], len),
                     "row %zu: %s", i, documents[i]);
    }
}

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static size_t mutate(uint32_t *state, const char *from, char *out)
{
    static const char alphabet[] = "{}[]\",:\\u0019eE+-.ntrue \n\0\x80\xC3\xA9\xED/";
    size_t len = strlen(from);
    memcpy(out, from, len);
    for (uint32_t n = 1 + draw(state) % 3; n > 0; n--) {
        size_t at = len == 0 ? 0 : draw(state) % len;
        char c = alphabet[draw(state) % (sizeof alphabet - 1)];
        switch (draw(state) % 3) {
        case 0: /* replace */
            if (len > 0)
                out[at] = c;
            break;
        case 1: /* insert */
            memmove(out + at + 1, out + at, len - at);
            out[at] = c;
            len++;
            break;
        default: /* remove */
            if (len > 0) {
                memmove(out + at, out + at + 1, len - at - 1);
                len--;
            }
            break;
        }
    }
    return len;
}

Test(jsonscan, agrees_with_jansson_on_seeded_mutations, .timeout = 60)
{
    char mutant[512];
    uint32_t state = 20260311;
    size_t accepted = 0;
    for (int round = 0; round < 40000; round++) {
        size_t len = mutate(&state, documents[draw(&state) % DOCUMENTS], mutant);
        bool ours = scan_accepts(mutant, len);
        accepted += ours;
        cr_assert_eq(ours, jansson_accepts(mutant, len), "round %d: %.*s", round, (int)len, mutant);
    }
    cr_expect_gt(accepted, 2000, "the campaign must reach well-formed documents too: %zu",
                 accepted);
}

Test(jsonscan, depth_is_bounded_as_in_json)
{
    cr_expect_eq(BKEY_JSONSCAN_MAX_DEPTH, BKEY_JSON_MAX_DEPTH);
    char deep[2 * BKEY_JSONSCAN_MAX_DEPTH + 2];
    size_t half = BKEY_JSONSCAN_MAX_DEPTH + 1;
    memset(deep, '[', half);
    memset(deep + half, ']', half);
    cr_expect_not(scan_accepts(deep, sizeof deep));
    cr_expect(scan_accepts(deep + 1, sizeof deep - 2));
}

Test(jsonscan, members_are_found_flat_and_nested)
{
    bkey_jsonscan_value top =
        scan(" {\"id\" : \"x}\\\"]\", \"n\":[1,{\"key\":\"no\"}], \"value\":{\"key\":\"yes\"}} ");
    bkey_jsonscan_value found;
    cr_expect_not(bkey_jsonscan_member(&top, "key", &found));
    cr_expect(bkey_jsonscan_find(&top, "value.key", &found));
    cr_expect(bkey_jsonscan_equals(&found, "yes"));
    cr_expect_not(bkey_jsonscan_find(&top, "value.other", &found));
    cr_expect_not(bkey_jsonscan_find(&top, "id.key", &found));
    cr_expect_not(bkey_jsonscan_find(&top, "", &found));
    cr_expect(bkey_jsonscan_member(&top, "id", &found));
    cr_expect(bkey_jsonscan_equals(&found, "x}\"]"));
    cr_expect_not(bkey_jsonscan_equals(&found, "x}\""));
    cr_expect_not(bkey_jsonscan_equals(&found, "x}\"]+"));
}

Test(jsonscan, the_last_of_equal_names_counts_and_names_may_be_escaped)
{
    static const char text[] = "{\"key\":\"first\",\"\\u006bey\":\"last\"}";
    bkey_jsonscan_value top = scan(text);
    bkey_jsonscan_value found;
    cr_assert(bkey_jsonscan_member(&top, "key", &found));
    cr_expect(bkey_jsonscan_equals(&found, "last"));
    bkey_json *document = NULL;
    cr_assert(bkey_is_ok(bkey_json_parse(text, strlen(text), 1000, &document)));
    cr_expect_str_eq(bkey_json_text(document, "key"), "last");
    bkey_json_free(&document);
}

Test(jsonscan, texts_are_unescaped_into_the_callers_memory)
{
    static const struct {
        const char *json;
        const char *text;
        size_t len;
    } rows[] = {
        {"[\"\"]", "", 0},
        {"[\"183634-203555\"]", "183634-203555", 13},
        {"[\"\\u0031\\u0032\"]", "12", 2},
        {"[\"a\\/\\\\\\\"\\b\\f\\n\\r\\t\"]", "a/\\\"\b\f\n\r\t", 9},
        {"[\"\\u00e9\\u20ac\\ud83d\\ude00\"]", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9},
        {"[\"\xC3\xA9\"]", "\xC3\xA9", 2},
        {"[\"a\\u0000b\"]", "a\0b", 3},
        {"[\"\\uffff\\u07ff\\u0800\"]", "\xEF\xBF\xBF\xDF\xBF\xE0\xA0\x80", 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_jsonscan_value top = scan(rows[i].json);
        bkey_jsonscan_value value;
        size_t position = 0;
        char out[32];
        size_t len = 99;
        cr_assert(bkey_jsonscan_next(&top, &position, &value));
        cr_expect(bkey_jsonscan_text(&value, out, rows[i].len, &len), "%s", rows[i].json);
        cr_expect_eq(len, rows[i].len, "%s", rows[i].json);
        cr_expect_eq(memcmp(out, rows[i].text, rows[i].len), 0, "%s", rows[i].json);
        cr_expect_leq(len, value.len);
        if (rows[i].len > 0)
            cr_expect_not(bkey_jsonscan_text(&value, out, rows[i].len - 1, &len));
    }
}

Test(jsonscan, arrays_are_walked_in_order)
{
    bkey_jsonscan_value top = scan("{\"error_codes\":[ 7000215 ,\"50076\", null,[1],{}, 1.5 ]}");
    bkey_jsonscan_value codes;
    bkey_jsonscan_value code;
    size_t position = 0;
    int64_t number = 0;
    cr_assert(bkey_jsonscan_member(&top, "error_codes", &codes));
    cr_expect(bkey_jsonscan_next(&codes, &position, &code) && bkey_jsonscan_int(&code, &number));
    cr_expect_eq(number, 7000215);
    cr_expect(bkey_jsonscan_next(&codes, &position, &code) && bkey_jsonscan_int(&code, &number));
    cr_expect_eq(number, 50076);
    static const bkey_jsonscan_kind kinds[] = {BKEY_JSONSCAN_NULL, BKEY_JSONSCAN_ARRAY,
                                               BKEY_JSONSCAN_OBJECT, BKEY_JSONSCAN_NUMBER};
    for (size_t i = 0; i < 4; i++) {
        cr_expect(bkey_jsonscan_next(&codes, &position, &code));
        cr_expect_eq(code.kind, kinds[i]);
        cr_expect_not(bkey_jsonscan_int(&code, &number));
    }
    cr_expect_not(bkey_jsonscan_next(&codes, &position, &code));
    cr_expect_not(bkey_jsonscan_next(&codes, &position, &code));
    position = 0;
    cr_expect_not(bkey_jsonscan_next(&top, &position, &code), "an object is no array");
}

Test(jsonscan, wrong_kinds_are_told_not_guessed)
{
    bkey_jsonscan_value top = scan("{\"a\":12,\"b\":true,\"c\":\"x\"}");
    bkey_jsonscan_value value;
    char out[8];
    size_t len = 0;
    int64_t number = 0;
    cr_assert(bkey_jsonscan_member(&top, "a", &value));
    cr_expect_not(bkey_jsonscan_text(&value, out, sizeof out, &len));
    cr_expect_not(bkey_jsonscan_equals(&value, "12"));
    cr_expect_not(bkey_jsonscan_member(&value, "x", &value));
    cr_assert(bkey_jsonscan_member(&top, "b", &value));
    cr_expect_eq(value.kind, BKEY_JSONSCAN_BOOL);
    cr_expect_not(bkey_jsonscan_int(&value, &number));
    cr_assert(bkey_jsonscan_member(&top, "c", &value));
    cr_expect_not(bkey_jsonscan_int(&value, &number));
}
