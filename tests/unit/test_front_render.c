/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves the text output: DESIGN.md section 3, output from outside is stripped of control
 * characters. */
/* LINK: sample-host/src/front/render.c sample-host/src/front/width.c host-sdk/support/utf8.c */
/* LINK: host-sdk/support/buffer.c */
/* LIBS: -ljansson */
#include "sample-host/src/front/render.h"
#include "sample-host/src/front/width.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_text(const char *json, const char *columns, const char *want)
{
    sup_buffer out;
    json_error_t error;
    json_t *body = json_loads(json, 0, &error);
    cr_assert_not_null(body, "%s", error.text);
    sup_buffer_init(&out, 65536);
    front_render_text(body, columns, &out);
    cr_assert_str_eq(sup_buffer_text(&out), want, "%s", sup_buffer_text(&out));
    sup_buffer_done(&out);
    json_decref(body);
}

Test(front_render, rows_become_aligned_columns)
{
    assert_text("{\"rows\":[{\"device\":\"PC-1\",\"key_id\":\"abcdef\",\"archived\":false},"
                "{\"device\":\"LONGER-NAME\",\"key_id\":\"x\",\"archived\":true}]}",
                "device key_id archived",
                "DEVICE       KEY ID  ARCHIVED\n"
                "PC-1         abcdef  no\n"
                "LONGER-NAME  x       yes\n");
}

Test(front_render, wide_and_combining_characters_keep_columns_aligned)
{
    assert_text("{\"rows\":[{\"a\":\"\u6771\u4eac\",\"b\":1},{\"a\":\"e\u0301\",\"b\":2},"
                "{\"a\":\"abcde\",\"b\":3}]}",
                "a b",
                "A      B\n"
                "\u6771\u4eac   1\n"
                "e\u0301      2\n"
                "abcde  3\n");
    cr_assert_eq(front_width_of("\U0001F511"), 2);
    cr_assert_eq(front_width_of("\u00e4"), 1);
    cr_assert_eq(front_width_of(""), 0);
}

Test(front_render, hostile_names_cannot_move_the_cursor_or_break_a_row)
{
    assert_text("{\"rows\":[{\"a\":\"\\u001b[2Jx\\r\\n\\ty\\u009b1m\\u202eevil\",\"b\":\"end\"}]}",
                "a b",
                "A                  B\n"
                "?[2Jx???y?1m?evil  end\n");
}

Test(front_render, missing_values_and_lists_have_their_text)
{
    assert_text("{\"rows\":[{\"a\":null,\"c\":[\"x\",\"y\",3]}]}", "a b c",
                "A  B  C\n"
                "      x, y, 3\n");
    assert_text("{\"rows\":[]}", "a b", "(none)\n");
}

Test(front_render, without_columns_the_first_row_names_them)
{
    assert_text("{\"connections\":[{\"name\":\"Contoso\",\"created\":3}],\"total\":1}", "",
                "NAME     CREATED\nContoso  3\ntotal: 1\n");
}

Test(front_render, table_beside_the_rows_shows_columns_of_its_own)
{
    assert_text("{\"rows\":[{\"device\":\"PC-1\",\"keys\":1}],"
                "\"sources\":[{\"tenant\":\"t1\",\"since\":\"\",\"connected\":true},"
                "{\"tenant\":\"t22\",\"since\":\"\",\"connected\":false}]}",
                "device keys",
                "DEVICE  KEYS\n"
                "PC-1    1\n"
                "TENANT  CONNECTED\n"
                "t1      yes\n"
                "t22     no\n");
}

Test(front_render, facts_are_one_a_line_and_cleaned)
{
    assert_text("{\"path\":\"a\\nb\",\"n\":5,\"ok\":true,\"none\":null,\"in\":{\"b\":1,\"a\":2},"
                "\"k\\u001b\":\"v\",\"list\":[\"a\",\"b\"]}",
                "", "path: a?b\nn: 5\nok: yes\nnone: \nin: {\"a\":2,\"b\":1}\nk?: v\nlist: a, b\n");
}

Test(front_render, a_very_long_value_is_cut_and_not_overrun)
{
    static char big[5000];
    sup_buffer out;
    memset(big, 'x', sizeof big - 1);
    json_t *body = json_pack("{s:[{s:s,s:[s,s,s]}]}", "rows", "a", big, "b", big, big, big);
    sup_buffer_init(&out, 65536);
    front_render_text(body, "a b", &out);
    cr_assert_not(sup_buffer_failed(&out));
    cr_assert_lt(out.len, 5000);
    sup_buffer_done(&out);
    json_decref(body);
}

Test(front_render, json_is_one_sorted_line_and_plain_for_a_terminal)
{
    sup_buffer out;
    json_t *body = json_pack("{s:s,s:s}", "b",
                             "\xc2\x9b"
                             "2J",
                             "a", "\u202e");
    sup_buffer_init(&out, 1024);
    cr_assert(front_render_json(body, true, &out));
    cr_assert_str_eq(sup_buffer_text(&out), "{\"a\":\"\\u202E\",\"b\":\"\\u009B2J\"}\n");
    sup_buffer_reset(&out);
    cr_assert(front_render_json(body, false, &out));
    cr_assert_str_eq(sup_buffer_text(&out), "{\"a\":\"\u202e\",\"b\":\"\xc2\x9b"
                                            "2J\"}\n");
    sup_buffer_done(&out);
    json_decref(body);
}
