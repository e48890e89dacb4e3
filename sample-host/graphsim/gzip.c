/* SPDX-License-Identifier: Apache-2.0
 *
 * The only user of zlib. Must not know what the bytes mean. */
#define _GNU_SOURCE
#include "gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LEAST 1024U
#define GZIP_WINDOW (15 + 16)

static bool pack(const sup_buffer *body, unsigned char *out, size_t size, size_t *out_len)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 1, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    stream.next_in = (unsigned char *)body->ptr;
    stream.avail_in = (unsigned)body->len;
    stream.next_out = out;
    stream.avail_out = (unsigned)size;
    bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *out_len = stream.total_out;
    (void)deflateEnd(&stream);
    return whole;
}

void sim_gzip_apply(const sim_request *request, sim_response *response)
{
    sup_buffer *body = &response->body;
    if (request->accept_encoding == NULL || strcasestr(request->accept_encoding, "gzip") == NULL ||
        body->len < LEAST || body->len > UINT32_MAX / 2)
        return;
    size_t len = 0;
    unsigned char *out = malloc(body->len);
    if (out != NULL && pack(body, out, body->len, &len)) {
        sup_buffer_reset(body);
        (void)sup_buffer_add(body, out, len);
        sim_http_header(response, "content-encoding", "gzip");
        sim_http_header(response, "vary", "Accept-Encoding");
    }
    free(out);
}
