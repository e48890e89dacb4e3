/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of listings. See decode.h. */
#include "graph/decode.h"

#include <string.h>

#include "base/json.h"
#include "base/json_repair.h"
#include "domain/volume.h"
#include "graph/origin.h"
#include "support/iso8601.h"

#define PAGE_MAX (16u * 1024u * 1024u)
#define LINK_MAX 65536u /* longer than 8,000 characters was seen */
/* 0001-01-01T00:00:00Z, which Microsoft writes for "unset". */
#define UNSET_MS (-62135596800000)

void bkey_page_done(bkey_page *page)
{
    if (page != NULL)
        sup_buffer_done(&page->next);
}

static bkey_err read_link(const bkey_json *document, const char *graph_url, sup_buffer *out)
{
    const bkey_json *link = bkey_json_member(document, "@odata.nextLink");
    const char *text = bkey_json_as_text(link);
    if (link == NULL || bkey_json_kind_of(link) == BKEY_JSON_NULL)
        return bkey_ok();
    if (text == NULL)
        return bkey_fail(BKEY_E_BODY);
    size_t len = strlen(text);
    if (len > LINK_MAX || !bkey_origin_same(graph_url, text, len))
        return bkey_fail(BKEY_E_NEXT_LINK);
    return sup_buffer_add(out, text, len) ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bool read_guid(const bkey_json *row, const char *name, sup_guid *out)
{
    const char *text = bkey_json_text(row, name);
    return text != NULL && sup_guid_parse(text, strlen(text), out);
}

/* One row to the sink; *out_used false: without a usable id. */
typedef bkey_err (*row_reader)(const bkey_json *row, void *walk, bool *out_used);

typedef struct page_source {
    bkey_bytes body;
    const char *graph_url;
    row_reader read;
    void *walk;
} page_source;

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

static bkey_err read_page(const page_source *source, bkey_page *out_page)
{
    bkey_json *document = NULL;
    bkey_page page = {.rows = 0};
    sup_buffer_init(&page.next, LINK_MAX);
    bkey_err err = parse_page(source->body, &document);
    if (!bkey_is_ok(err))
        return err;
    const bkey_json *rows = bkey_json_array(document, "value");
    err =
        rows != NULL ? read_link(document, source->graph_url, &page.next) : bkey_fail(BKEY_E_BODY);
    size_t count = bkey_json_count(rows);
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

typedef struct device_walk {
    bkey_device_sink sink;
    void *context;
} device_walk;

static bkey_err read_device(const bkey_json *row, void *walk, bool *out_used)
{
    const device_walk *walking = walk;
    bkey_device device = {.name = bkey_json_text(row, "deviceName"),
                          .serial = bkey_json_text(row, "serialNumber"),
                          .manufacturer = bkey_json_text(row, "manufacturer"),
                          .model = bkey_json_text(row, "model")};
    if (!read_guid(row, "azureADDeviceId", &device.id) || sup_guid_is_zero(&device.id))
        return bkey_ok();
    if (!read_guid(row, "id", &device.managed_id))
        memset(&device.managed_id, 0, sizeof device.managed_id);
    device.name = device.name != NULL ? device.name : "";
    device.serial = device.serial != NULL ? device.serial : "";
    *out_used = true;
    return walking->sink(walking->context, &device);
}

bkey_err bkey_decode_devices(bkey_bytes body, const char *graph_url, bkey_device_sink sink,
                             void *context, bkey_page *out_page)
{
    device_walk walk = {sink, context};
    page_source source = {body, graph_url, read_device, &walk};
    return read_page(&source, out_page);
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
    bkey_listed_key key = {.created_ms = UNSET_MS, .volume = read_volume(row)};
    const char *created = bkey_json_text(row, "createdDateTime");
    if (!read_guid(row, "id", &key.id) || sup_guid_is_zero(&key.id))
        return bkey_ok();
    /* A key whose device is not told is a key without a device, not a row to lose. */
    if (!read_guid(row, "deviceId", &key.device_id))
        memset(&key.device_id, 0, sizeof key.device_id);
    if (created != NULL)
        (void)sup_iso8601_parse(created, strlen(created), &key.created_ms);
    *out_used = true;
    return walking->sink(walking->context, &key);
}

bkey_err bkey_decode_keys(bkey_bytes body, const char *graph_url, bkey_listed_key_sink sink,
                          void *context, bkey_page *out_page)
{
    key_walk walk = {sink, context};
    page_source source = {body, graph_url, read_key, &walk};
    return read_page(&source, out_page);
}
