/* SPDX-License-Identifier: Apache-2.0
 *
 * See json_batch.h. Nothing of the answer is copied but numbers: the texts may be secret. */
#include "graph/json_batch.h"

#include <string.h>

#include "base/jsonscan.h"
#include "graph/http_date.h"

/* Twice what was asked for is a service that repeats itself; more is no answer to a batch. */
#define ROWS_FACTOR 2u
#define WAIT_MAX_S 1000000000

bool bkey_json_batch_add(sup_buffer *out, uint32_t index, const char *url)
{
    return sup_buffer_printf(out, "%s{\"id\":\"%u\",\"method\":\"GET\",\"url\":\"%s\"}",
                             index == 0 ? "{\"requests\":[" : ",", index, url);
}

bool bkey_json_batch_end(sup_buffer *out)
{
    return sup_buffer_add_str(out, "]}");
}

/* Header names do not distinguish case, and these are the spellings that are sent. */
static bool find_header(const bkey_jsonscan_value *headers, const char *const names[2],
                        bkey_jsonscan_value *out)
{
    return bkey_jsonscan_member(headers, names[0], out) ||
           bkey_jsonscan_member(headers, names[1], out);
}

static bool read_date(const bkey_jsonscan_value *value, int64_t *out_s)
{
    char text[40];
    size_t len = 0;
    return bkey_jsonscan_text(value, text, sizeof text, &len) &&
           bkey_http_date_parse(text, len, out_s);
}

static int64_t read_wait(const bkey_jsonscan_value *item, int64_t date_s)
{
    static const char *const retry_after[2] = {"Retry-After", "retry-after"};
    static const char *const date[2] = {"Date", "date"};
    bkey_jsonscan_value headers;
    bkey_jsonscan_value value;
    int64_t wait_s = 0;
    int64_t until_s = 0;
    if (!bkey_jsonscan_member(item, "headers", &headers) ||
        !find_header(&headers, retry_after, &value))
        return -1;
    if (bkey_jsonscan_int(&value, &wait_s))
        return wait_s >= 0 && wait_s <= WAIT_MAX_S ? wait_s * 1000 : -1;
    if (!read_date(&value, &until_s))
        return -1;
    if (find_header(&headers, date, &value))
        (void)read_date(&value, &date_s);
    if (date_s == 0 || until_s - date_s > WAIT_MAX_S)
        return -1;
    return until_s > date_s ? (until_s - date_s) * 1000 : 0;
}

/* The number that bkey_json_batch_add gave it. */
static bool read_index(const bkey_jsonscan_value *item, uint32_t count, uint32_t *out)
{
    bkey_jsonscan_value id;
    int64_t number = 0;
    if (!bkey_jsonscan_member(item, "id", &id) || !bkey_jsonscan_int(&id, &number) || number < 0 ||
        number >= (int64_t)count)
        return false;
    *out = (uint32_t)number;
    return true;
}

static void read_answer(const bkey_jsonscan_value *item, int64_t date_s,
                        bkey_json_batch_answer *out)
{
    bkey_jsonscan_value value;
    int64_t status = 0;
    if (bkey_jsonscan_member(item, "status", &value) && bkey_jsonscan_int(&value, &status) &&
        status >= 100 && status <= 599)
        out->status = (int32_t)status;
    out->retry_after_ms = read_wait(item, date_s);
    out->body = (bkey_bytes){(const uint8_t *)"", 0};
    if (bkey_jsonscan_member(item, "body", &value))
        out->body = (bkey_bytes){(const uint8_t *)value.ptr, value.len};
}

static bkey_err read_rows(const bkey_json_batch_reply *reply, const bkey_jsonscan_value *rows,
                          bkey_json_batch_sink sink, void *context, uint32_t *missing)
{
    bkey_jsonscan_value item;
    size_t position = 0;
    bkey_err err = bkey_ok();
    for (uint32_t seen = 0; bkey_is_ok(err) && bkey_jsonscan_next(rows, &position, &item); seen++) {
        bkey_json_batch_answer answer = {.index = 0};
        if (seen == reply->count * ROWS_FACTOR)
            return bkey_fail(BKEY_E_ROWS);
        if (!read_index(&item, reply->count, &answer.index) ||
            (*missing & (1u << answer.index)) == 0)
            continue;
        *missing &= ~(1u << answer.index);
        read_answer(&item, reply->date_s, &answer);
        err = sink(context, &answer);
    }
    return err;
}

bkey_err bkey_json_batch_read(const bkey_json_batch_reply *reply, bkey_json_batch_sink sink,
                              void *context, uint32_t *out_missing)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value rows;
    uint32_t missing = (1u << reply->count) - 1u;
    if (!bkey_jsonscan_parse(reply->body.ptr, reply->body.len, &top) ||
        !bkey_jsonscan_member(&top, "responses", &rows) || rows.kind != BKEY_JSONSCAN_ARRAY)
        return bkey_fail(BKEY_E_BODY);
    bkey_err err = read_rows(reply, &rows, sink, context, &missing);
    if (bkey_is_ok(err))
        *out_missing = missing;
    return err;
}
