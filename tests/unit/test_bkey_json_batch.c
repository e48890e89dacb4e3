/* SPDX-License-Identifier: Apache-2.0
 *
 * Many reads in one request: what is written, and every way in which the answers come. */
/* LINK: plugin/src/graph/json_batch.c plugin/src/graph/http_date.c plugin/src/base/jsonscan.c
 * plugin/src/base/jsonscan_check.c host-sdk/support/buffer.c host-sdk/support/iso8601.c
 * host-sdk/support/utf8.c host-sdk/support/hex.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "graph/http_date.h"
#include "graph/json_batch.h"

typedef struct seen {
    bkey_json_batch_answer answers[64];
    uint32_t count;
    uint32_t missing;
    bkey_err stop;
} seen;

static bkey_err keep(void *context, const bkey_json_batch_answer *answer)
{
    seen *to = context;
    to->answers[to->count++] = *answer;
    return to->stop;
}

static bkey_err read_text(const char *text, uint32_t count, seen *out)
{
    const bkey_json_batch_reply reply = {
        .body = {(const uint8_t *)text, strlen(text)}, .date_s = 784111777, .count = count};
    *out = (seen){.missing = 77};
    return bkey_json_batch_read(&reply, keep, out, &out->missing);
}

Test(json_batch, a_request_names_its_items_in_order)
{
    sup_buffer out;
    sup_buffer_init(&out, 1000);
    cr_assert(bkey_json_batch_add(&out, 0, "/a?$select=key"));
    cr_assert(bkey_json_batch_add(&out, 1, "/b"));
    cr_assert(bkey_json_batch_end(&out));
    cr_expect_str_eq(sup_buffer_text(&out),
                     "{\"requests\":[{\"id\":\"0\",\"method\":\"GET\",\"url\":\"/a?$select=key\"},"
                     "{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/b\"}]}");
    sup_buffer_done(&out);
}

/* Answers come in any order, each with a status, headers and body of its own. */
Test(json_batch, answers_go_to_their_questions)
{
    seen s;
    cr_assert(bkey_is_ok(read_text(
        "{\"responses\":[{\"id\":\"2\",\"status\":429,\"headers\":{\"Retry-After\":\"10\"},"
        "\"body\":{\"error\":{}}},{\"id\":\"0\",\"status\":200,\"body\":{\"key\":\"x\"}},"
        "{\"id\":\"1\",\"status\":204}]}",
        3, &s)));
    cr_assert(s.count == 3 && s.missing == 0);
    cr_expect(s.answers[0].index == 2 && s.answers[0].status == 429);
    cr_expect(s.answers[0].retry_after_ms == 10000);
    cr_expect(s.answers[1].index == 0 && s.answers[1].status == 200);
    cr_expect(s.answers[1].retry_after_ms == -1);
    cr_expect(s.answers[1].body.len == 11 &&
              memcmp(s.answers[1].body.ptr, "{\"key\":\"x\"}", 11) == 0);
    cr_expect(s.answers[2].index == 1 && s.answers[2].status == 204 && s.answers[2].body.len == 0);
}

Test(json_batch, what_is_missing_is_told_and_what_is_double_or_unknown_is_passed_over)
{
    seen s;
    cr_assert(bkey_is_ok(read_text(
        "{\"responses\":[{\"id\":\"1\",\"status\":200},{\"id\":\"1\",\"status\":500},"
        "{\"id\":\"9\",\"status\":200},{\"id\":\"x\",\"status\":200},{\"status\":200},7]}",
        4, &s)));
    cr_expect(s.count == 1 && s.answers[0].status == 200);
    cr_expect(s.missing == (1u | 4u | 8u), "missing %x", s.missing);
    cr_assert(bkey_is_ok(read_text("{\"responses\":[]}", 20, &s)));
    cr_expect(s.missing == 0xfffffu);
}

/* Retry-After in seconds as text or number, or as a date, from the item's own date or the whole
 * answer's. */
Test(json_batch, every_retry_after_is_read)
{
    static const struct {
        const char *headers;
        int64_t wait_ms;
    } cases[] = {
        {"{\"retry-after\":\"7\"}", 7000},
        {"{\"Retry-After\":12}", 12000},
        {"{\"Retry-After\":\"Sun, 06 Nov 1994 08:49:47 GMT\"}", 10000},
        {"{\"Retry-After\":\"Sun, 06 Nov 1994 08:49:47 GMT\",\"Date\":\"Sun, 06 Nov 1994 08:49:45 "
         "GMT\"}",
         2000},
        {"{\"Retry-After\":\"Sun, 06 Nov 1994 08:49:30 GMT\"}", 0},
        {"{\"Retry-After\":\"Sat, 06 Nov 9994 08:49:47 GMT\"}", -1},
        {"{\"Retry-After\":\"soon\"}", -1},
        {"{\"Retry-After\":-1}", -1},
        {"{\"Retry-After\":\"99999999999999999999\"}", -1},
        {"{\"Retry-After\":null}", -1},
        {"{}", -1},
        {"7", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        seen s;
        (void)snprintf(text, sizeof text,
                       "{\"responses\":[{\"id\":\"0\",\"status\":429,\"headers\":%s}]}",
                       cases[i].headers);
        cr_assert(bkey_is_ok(read_text(text, 1, &s)), "%s", text);
        cr_expect(s.answers[0].retry_after_ms == cases[i].wait_ms, "%s: %lld", cases[i].headers,
                  (long long)s.answers[0].retry_after_ms);
    }
}

Test(json_batch, what_is_no_answer_to_a_batch_is_refused)
{
    static const char *const wrong[] = {
        "", "{}", "[]", "{\"responses\":{}}", "<html>", "{\"responses\":[", "7"};
    seen s;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_expect(bkey_is(read_text(wrong[i], 2, &s), BKEY_E_BODY), "%s", wrong[i]);
        cr_expect(s.missing == 77 && s.count == 0);
    }
}

Test(json_batch, more_answers_than_questions_end_it)
{
    seen s;
    cr_expect(
        bkey_is(read_text("{\"responses\":[{\"id\":\"0\"},{\"id\":\"0\"},{\"id\":\"0\"}]}", 1, &s),
                BKEY_E_ROWS));
    cr_expect(s.missing == 77);
}

Test(json_batch, a_status_that_is_none_is_zero_and_the_sink_ends_it)
{
    seen s;
    cr_assert(bkey_is_ok(read_text("{\"responses\":[{\"id\":0,\"status\":\"x\"},"
                                   "{\"id\":1,\"status\":99999}]}",
                                   2, &s)));
    cr_expect(s.count == 2 && s.answers[0].status == 0 && s.answers[1].status == 0);
    const char *text = "{\"responses\":[{\"id\":\"0\"},{\"id\":\"1\"}]}";
    const bkey_json_batch_reply reply = {.body = {(const uint8_t *)text, strlen(text)}, .count = 2};
    s = (seen){.stop = bkey_fail(BKEY_E_NOMEM)};
    cr_expect(bkey_is(bkey_json_batch_read(&reply, keep, &s, &s.missing), BKEY_E_NOMEM));
    cr_expect(s.count == 1);
}

Test(http_date, only_the_one_form_is_read)
{
    static const char *const wrong[] = {"Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nox 1994 08:49:37 GMT",
                                        "Sun, 36 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 28:49:37 GMT",
                                        "10",
                                        ""};
    int64_t when = 5;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect(!bkey_http_date_parse(wrong[i], strlen(wrong[i]), &when), "%s", wrong[i]);
    cr_expect(when == 5);
    cr_assert(bkey_http_date_parse("Sun, 06 Nov 1994 08:49:37 GMT", 29, &when));
    cr_expect(when == 784111777);
}
