/* SPDX-License-Identifier: Apache-2.0
 *
 * See transport_request.h. */
#include "graph/transport_request.h"

#include <sodium.h>
#include <string.h>

#include "graph/transport_fault.h"

#define CONNECT_TIMEOUT_MS 15000L
#define BATCH_SLOTS (BKEY_TRANSPORT_BATCHES + 2u) /* some are read while others are under way */
#define WAIT_MAX_S 1000000000                     /* as many digits as read_seconds takes */
#define DEFAULT_MAX_REPLY (16u * 1024u * 1024u)

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    bkey_transport_request *request = context;
    size_t len = size * count;
    return bkey_transport_body_add(&request->body_in, bytes, len) ? len : 0;
}

static bool is_header(const char *line, size_t len, const char *name, size_t name_len)
{
    return len > name_len && line[name_len] == ':' && curl_strnequal(line, name, name_len) != 0;
}

/* Seconds as milliseconds; -1 for anything else, and for more than anybody waits. */
static int64_t read_seconds(const char *value)
{
    int64_t seconds = 0;
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 9 || value[digits] != '\0')
        return -1;
    for (const char *at = value; *at != '\0'; at++)
        seconds = seconds * 10 + (*at - '0');
    return seconds * 1000;
}

/* Unix seconds of an HTTP date, 0 when it is none. Digits alone are no date. */
static int64_t read_date(const char *value)
{
    if (strspn(value, "0123456789") == strlen(value))
        return 0;
    int64_t when = (int64_t)curl_getdate(value, NULL);
    return when > 0 ? when : 0;
}

/* Copies the value without the blanks around it; false when it is too long to be one of ours. */
static bool copy_value(const char *line, size_t at, size_t len, char out[64])
{
    size_t end = len;
    while (at < end && (line[at] == ' ' || line[at] == '\t'))
        at++;
    while (end > at && (line[end - 1] == '\r' || line[end - 1] == '\n' || line[end - 1] == ' '))
        end--;
    if (end - at >= 64)
        return false;
    memcpy(out, line + at, end - at);
    out[end - at] = '\0';
    return true;
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    bkey_transport_request *request = context;
    size_t len = size * count;
    char value[64];
    if (is_header(line, len, "retry-after", 11) && copy_value(line, 12, len, value)) {
        request->retry_after_ms = read_seconds(value);
        request->retry_at_s = read_date(value);
    } else if (is_header(line, len, "date", 4) && copy_value(line, 5, len, value)) {
        request->date_s = read_date(value);
    } else if (is_header(line, len, "www-authenticate", 16)) {
        request->challenged =
            bkey_challenge_find(line + 17, len - 17, request->challenge) || request->challenged;
    }
    return len;
}

/* A date counts from the date of the same reply: our clock and theirs may differ. */
static int64_t wait_of(const bkey_transport_request *request)
{
    if (request->retry_after_ms >= 0 || request->retry_at_s == 0 || request->date_s == 0)
        return request->retry_after_ms;
    int64_t wait_s = request->retry_at_s - request->date_s;
    if (wait_s > WAIT_MAX_S)
        return -1;
    return wait_s > 0 ? wait_s * 1000 : 0;
}

/* A file stands in place of the system's authorities, so that folder goes too. */
static bool set_authorities(const bkey_transport *transport, CURL *easy)
{
    CURLcode bad = CURLE_OK;
    if (transport->ca_file[0] == '\0')
        return true;
    bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, transport->ca_file);
    bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, transport->ca_file);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    return bad == CURLE_OK;
}

/* Options that no request changes. */
static bool set_fixed(bkey_transport *transport, bkey_transport_request *request)
{
    CURL *easy = request->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, transport->tls_min);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, transport->tls_min);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, transport->agent);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->said);
    bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* or the environment would be asked */
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    return bad == CURLE_OK && set_authorities(transport, easy);
}

/* The list is laid over memory of the request: nothing to allocate or free each time. */
static void write_headers(bkey_transport_request *request, uint32_t flags)
{
    static char accept[] = "Accept: application/json";
    static char form[] = "Content-Type: application/x-www-form-urlencoded";
    static char json[] = "Content-Type: application/json";
    static char no_expect[] = "Expect:"; /* curl would wait a second for a reply to it */
    sup_guid id;
    randombytes_buf(id.bytes, sizeof id.bytes);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0fu) | 0x40u);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3fu) | 0x80u);
    memcpy(request->id_line, BKEY_TRANSPORT_ID_HEADER, sizeof BKEY_TRANSPORT_ID_HEADER - 1);
    sup_guid_format(&id, request->id_line + sizeof BKEY_TRANSPORT_ID_HEADER - 1);
    request->lines[0] = (struct curl_slist){request->id_line, &request->lines[1]};
    request->lines[1] = (struct curl_slist){accept, NULL};
    if (request->has_form) {
        request->lines[1].next = &request->lines[2];
        request->lines[2] =
            (struct curl_slist){(flags & BKEY_NET_FORM) != 0 ? form : json, &request->lines[3]};
        request->lines[3] = (struct curl_slist){no_expect, NULL};
    }
}

static bool set_method(bkey_transport_request *request, bkey_secret *body, const char *json)
{
    CURL *easy = request->easy;
    CURLcode bad = CURLE_OK;
    if (body == NULL && json == NULL)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    request->has_form = true;
    bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (body == NULL) {
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
        bad |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, json);
        return bad == CURLE_OK;
    }
    request->posted = body;
    bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bkey_secret_len(body));
    /* Not copied: curl reads the guarded memory itself. */
    bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bkey_secret_borrow(body));
    return bad == CURLE_OK;
}

static bool set_bearer(bkey_transport_request *request, bkey_secret *bearer)
{
    CURL *easy = request->easy;
    CURLcode bad = CURLE_OK;
    if (bearer == NULL) {
        bad |= curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, NULL);
        bad |= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_NONE);
        return bad == CURLE_OK;
    }
    request->has_bearer = true;
    const uint8_t *token = bkey_secret_borrow(bearer);
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    bad |= curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, (const char *)token);
    bkey_secret_return(bearer);
    return bad == CURLE_OK;
}

/* What is not encrypted goes straight: it leads to this machine, and a proxy would see the token.
 * The header lies in guarded memory, which curl reads in place. */
static bool set_proxy(bkey_transport *transport, bkey_transport_request *request, bool secure)
{
    CURLcode bad = CURLE_OK;
    request->through_proxy = secure && transport->proxy[0] != '\0';
    request->secure_proxy = strncmp(transport->proxy, "https:", 6) == 0;
    bad |= curl_easy_setopt(request->easy, CURLOPT_PROXY,
                            request->through_proxy ? transport->proxy : "");
    bad |= curl_easy_setopt(
        request->easy, CURLOPT_PROXYHEADER,
        request->through_proxy && transport->proxy_login != NULL ? &transport->proxy_header : NULL);
    return bad == CURLE_OK;
}

static bool set_all(bkey_transport *transport, bkey_transport_request *request,
                    const bkey_net_request *wanted, bool secure)
{
    CURL *easy = request->easy;
    CURLcode bad = CURLE_OK;
    uint32_t timeout_ms = wanted->timeout_ms != 0 ? wanted->timeout_ms : transport->timeout_ms;
    if (!set_method(request, wanted->body, wanted->json) || !set_bearer(request, wanted->bearer) ||
        !set_proxy(transport, request, secure))
        return false;
    write_headers(request, wanted->flags);
    bad |= curl_easy_setopt(easy, CURLOPT_URL, wanted->url);
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, &request->lines[0]);
    bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                            secure ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    /* Unpacking would leave a secret in zlib's memory. */
    bad |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING,
                            (wanted->flags & BKEY_NET_SECRET_REPLY) != 0 ? NULL : "gzip");
    return bad == CURLE_OK;
}

static bkey_err begin_body(bkey_transport *transport, bkey_transport_request *request,
                           const bkey_net_request *wanted)
{
    bkey_transport_arena *arena = NULL;
    size_t max = wanted->max_reply != 0 ? wanted->max_reply : DEFAULT_MAX_REPLY;
    bkey_err err = bkey_ok();
    if (transport->max_body != 0 && max > transport->max_body)
        max = transport->max_body;
    if ((wanted->flags & BKEY_NET_SECRET_REPLY) != 0)
        arena = (wanted->flags & BKEY_NET_FORM) != 0 ? &transport->tokens
                : wanted->json != NULL               ? &transport->batches
                                                     : &transport->keys;
    /* Most ticks never send a batch. */
    if (arena == &transport->batches && arena->memory == NULL)
        err = bkey_transport_arena_init(arena, BATCH_SLOTS, BKEY_TRANSPORT_BATCH_MAX + 1);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_transport_body_begin(&request->body_in, arena, max);
    request->has_body = bkey_is_ok(err);
    return err;
}

bkey_err bkey_transport_request_begin(bkey_transport *transport, bkey_transport_request *request,
                                      const bkey_net_request *wanted, bool secure)
{
    if (request->easy == NULL) {
        request->easy = curl_easy_init();
        if (request->easy == NULL || !set_fixed(transport, request)) {
            bkey_transport_request_done(request);
            return bkey_fail(BKEY_E_NOMEM);
        }
    }
    request->retry_after_ms = -1;
    request->retry_at_s = 0;
    request->date_s = 0;
    request->challenged = false;
    request->said[0] = '\0';
    request->reply = (bkey_net_reply){.tag = wanted->tag, .retry_after_ms = -1, .handle = request};
    bkey_err err = begin_body(transport, request, wanted);
    if (bkey_is_ok(err) && !set_all(transport, request, wanted, secure))
        err = bkey_fail(BKEY_E_NOMEM);
    if (!bkey_is_ok(err))
        bkey_transport_request_end(request);
    return err;
}

void bkey_transport_request_refuse(bkey_transport_request *request, const bkey_net_request *wanted,
                                   uint32_t reason)
{
    request->reply = (bkey_net_reply){.tag = wanted->tag,
                                      .error = bkey_fail(reason),
                                      .retry_after_ms = -1,
                                      .body = {(const uint8_t *)"", 0},
                                      .handle = request};
}

static uint32_t explain(const bkey_transport_request *request, CURLcode result)
{
    const bkey_transport_fault fault = {.easy = request->easy,
                                        .result = result,
                                        .said = request->said,
                                        .overflow = request->body_in.overflow,
                                        .through_proxy = request->through_proxy,
                                        .secure_proxy = request->secure_proxy};
    return bkey_transport_fault_reason(&fault);
}

/* What was posted is the caller's again. */
static void give_back_body(bkey_transport_request *request)
{
    if (request->has_form)
        (void)curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, NULL);
    request->has_form = false;
    if (request->posted != NULL)
        bkey_secret_return(request->posted);
    request->posted = NULL;
}

void bkey_transport_request_finish(bkey_transport_request *request, CURLcode result)
{
    long status = 0;
    bkey_net_reply *reply = &request->reply;
    (void)curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    uint32_t reason = explain(request, result);
    reply->error = reason == 0 ? bkey_ok() : bkey_fail(reason);
    reply->status = reason == 0 ? (int32_t)status : 0;
    reply->retry_after_ms = wait_of(request);
    reply->challenge = request->challenged ? request->challenge : NULL;
    reply->date_s = request->date_s;
    reply->body = reason == 0 ? bkey_transport_body_bytes(&request->body_in)
                              : (bkey_bytes){(const uint8_t *)"", 0};
    give_back_body(request);
}

void bkey_transport_request_end(bkey_transport_request *request)
{
    give_back_body(request);
    if (request->has_bearer) {
        (void)curl_easy_setopt(request->easy, CURLOPT_XOAUTH2_BEARER, NULL);
        request->has_bearer = false;
    }
    if (request->has_body) {
        bkey_transport_body_end(&request->body_in);
        request->has_body = false;
    }
}

void bkey_transport_request_done(bkey_transport_request *request)
{
    if (request->easy != NULL)
        curl_easy_cleanup(request->easy);
    request->easy = NULL;
}
