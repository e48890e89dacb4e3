/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of listings, and those of recovery keys. See decode.h. */
#include "graph/decode_page.h"

#include <string.h>

#include "base/json_repair.h"
#include "domain/volume.h"
#include "graph/origin.h"
#include "support/iso8601.h"

#define PAGE_MAX (16u * 1024u * 1024u)
/* 0001-01-01T00:00:00Z, which Microsoft writes for "unset". */
#define UNSET_MS (-62135596800000)

void bkey_page_done(bkey_page *page)
{
    if (page == NULL)
        return;
    sup_buffer_done(&page->delta);
    sup_buffer_done(&page->next);
}

static bkey_err read_link(const bkey_json *document, const char *name, const char *graph_url,
                          sup_buffer *out)
{
    const bkey_json *link = bkey_json_member(document, name);
    const char *text = bkey_json_as_text(link);
    if (link == NULL || bkey_json_kind_of(link) == BKEY_JSON_NULL)
        return bkey_ok();
    if (text == NULL)
        return bkey_fail(BKEY_E_BODY);
    size_t len = strlen(text);
    if (len > BKEY_PAGE_LINK_MAX || !bkey_origin_same(graph_url, text, len))
        return bkey_fail(BKEY_E_NEXT_LINK);
    return sup_buffer_add(out, text, len) ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

bool bkey_decode_page_guid(const bkey_json *row, const char *name, sup_guid *out)
{
    const char *text = bkey_json_text(row, name);
    return text != NULL && sup_guid_parse(text, strlen(text), out);
}

int64_t bkey_decode_page_date(const bkey_json *row, const char *name)
{
    const char *text = bkey_json_text(row, name);
    int64_t when_ms = UNSET_MS;
    if (text != NULL)
        (void)sup_iso8601_parse(text, strlen(text), &when_ms);
    return when_ms;
}

const char *bkey_decode_page_text(const bkey_json *row, const char *name)
{
    const char *text = bkey_json_text(row, name);
    return text != NULL ? text : "";
}

/* A name that is no text must not hide all other devices: what is wrong is replaced, once. */
static bkey_err parse_page(bkey_bytes body, bkey_json **out_document)
{
    sup_buffer copy;
    bkey_err err = bkey_json_parse(body.ptr, body.len, PAGE_MAX, out_document);
    if (!bkey_is(err, BKEY_E_BODY))
        return err;
    sup_buffer_init(&copy, PAGE_MAX);
    if (bkey_json_repair_text((const char *)body.ptr, body.len, &copy))
        err = bkey_json_parse(sup_buffer_text(&copy), copy.len, PAGE_MAX, out_document);
    sup_buffer_done(&copy);
    return err;
}

bkey_err bkey_decode_page_read(const bkey_decode_page *source, bkey_page *out_page)
{
    bkey_json *document = NULL;
    bkey_page page = {.rows = 0};
    sup_buffer_init(&page.next, BKEY_PAGE_LINK_MAX);
    sup_buffer_init(&page.delta, BKEY_PAGE_LINK_MAX);
    bkey_err err = parse_page(source->body, &document);
    if (!bkey_is_ok(err))
        return err;
    const bkey_json *rows = bkey_json_array(document, "value");
    err = rows != NULL ? read_link(document, "@odata.nextLink", source->graph_url, &page.next)
                       : bkey_fail(BKEY_E_BODY);
    if (bkey_is_ok(err))
        err = read_link(document, "@odata.deltaLink", source->graph_url, &page.delta);
    size_t count = bkey_json_count(rows);
    if (bkey_is_ok(err) && count > BKEY_PAGE_ROWS)
        err = bkey_fail(BKEY_E_ROWS);
    for (size_t i = 0; i < count && bkey_is_ok(err); i++) {
        bool used = false;
        err = source->read(bkey_json_at(rows, i), source->walk, &used);
        page.rows += used ? 1u : 0u;
        page.skipped += used ? 0u : 1u;
    }
    bkey_json_free(&document);
    if (bkey_is_ok(err))
        *out_page = page;
    else
        bkey_page_done(&page);
    return err;
}

static void copy_address(const bkey_json *document, const char *name,
                         char out[BKEY_DECODE_ADDRESS_SIZE])
{
    const char *text = bkey_json_text(document, name);
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= BKEY_DECODE_ADDRESS_SIZE)
        len = 0;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

bkey_err bkey_decode_addresses(bkey_bytes body, char out_wired[BKEY_DECODE_ADDRESS_SIZE],
                               char out_wifi[BKEY_DECODE_ADDRESS_SIZE])
{
    bkey_json *document = NULL;
    bkey_err err = parse_page(body, &document);
    if (!bkey_is_ok(err))
        return err;
    copy_address(document, "ethernetMacAddress", out_wired);
    copy_address(document, "wiFiMacAddress", out_wifi);
    bkey_json_free(&document);
    return bkey_ok();
}

typedef struct key_walk {
    bkey_listed_key_sink sink;
    void *context;
} key_walk;

static uint8_t read_volume(const bkey_json *row)
{
    int64_t number = 0;
    const char *text = bkey_json_text(row, "volumeType");
    if (text != NULL)
        return (uint8_t)bkey_volume_from_text(text);
    if (bkey_json_int(row, "volumeType", &number))
        return (uint8_t)bkey_volume_from_number(number);
    return (uint8_t)BKEY_VOLUME_UNKNOWN;
}

static bkey_err read_key(const bkey_json *row, void *walk, bool *out_used)
{
    const key_walk *walking = walk;
    bkey_listed_key key = {.created_ms = bkey_decode_page_date(row, "createdDateTime"),
                           .volume = read_volume(row)};
    if (!bkey_decode_page_guid(row, "id", &key.id) || sup_guid_is_zero(&key.id))
        return bkey_ok();
    /* A key whose device is not told is a key without a device, not a row to lose. */
    if (!bkey_decode_page_guid(row, "deviceId", &key.device_id))
        memset(&key.device_id, 0, sizeof key.device_id);
    *out_used = true;
    return walking->sink(walking->context, &key);
}

bkey_err bkey_decode_keys(bkey_bytes body, const char *graph_url, bkey_listed_key_sink sink,
                          void *context, bkey_page *out_page)
{
    key_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_key, &walk};
    return bkey_decode_page_read(&source, out_page);
}
