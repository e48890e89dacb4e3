/* SPDX-License-Identifier: Apache-2.0
 *
 * libcsv with guarded memory, strict quotes and no trimming. Must not know the columns. */
#include "sample-host/src/base/csv_read.h"

#include "support/utf8.h"

#include <csv.h>
#include <sodium.h>
#include <string.h>

typedef struct reading {
    const host_csv_reader *reader;
    host_error *err;
    size_t line;  /* being read */
    size_t begin; /* of the row */
    bool is_between_rows;
    bool ok;
} reading;

static void take_field(void *text, size_t len, void *context)
{
    reading *r = context;
    const char *from = text;
    if (!r->ok) {
        return;
    }
    if (!sup_utf8_valid(from, len) || memchr(from, 0, len) != NULL) {
        r->ok = host_error_set(r->err, DPH_E_INVALID, 0, "Line %zu: a field is no UTF-8 text.",
                               r->line);
        return;
    }
    r->ok = r->reader->field(r->reader->context, from, len, r->err) ||
            host_error_at_line(r->err, r->line);
}

static void take_row(int end, void *context)
{
    reading *r = context;
    (void)end;
    r->ok = r->ok && r->reader->row(r->reader->context, r->begin, r->err);
    r->is_between_rows = true;
}

/* libcsv keeps a field in a block that it lets grow; the size stands in front of each. */
static void *grow(void *block, size_t size)
{
    size_t old = 0;
    unsigned char *fresh = sodium_malloc(size + sizeof size);
    if (fresh == NULL) {
        return NULL;
    }
    memcpy(fresh, &size, sizeof size);
    if (block != NULL) {
        unsigned char *before = (unsigned char *)block - sizeof old;
        memcpy(&old, before, sizeof old);
        memcpy(fresh + sizeof size, block, old < size ? old : size);
        sodium_free(before);
    }
    return fresh + sizeof size;
}

static void drop(void *block)
{
    if (block != NULL) {
        sodium_free((unsigned char *)block - sizeof(size_t));
    }
}

static int is_never(unsigned char c)
{
    (void)c;
    return 0;
}

static bool is_empty_line(const char *line, size_t len)
{
    return len == 0 || (len == 1 && line[0] == '\n') || (len == 2 && line[0] == '\r');
}

/* Line by line, so that errors can name the line. */
static bool read_lines(struct csv_parser *parser, const char *at, const char *end, reading *r)
{
    while (at < end && r->ok) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = stop != NULL ? (size_t)(stop - at) + 1 : (size_t)(end - at);
        r->line++;
        if (r->is_between_rows && !is_empty_line(at, len)) {
            r->begin = r->line;
            r->is_between_rows = false;
        }
        if (csv_parse(parser, at, len, take_field, take_row, r) != len) {
            break;
        }
        at += len;
    }
    return at == end && csv_fini(parser, take_field, take_row, r) == 0;
}

bool host_csv_read(const host_secret *content, const host_csv_reader *reader, host_error *err)
{
    struct csv_parser parser;
    reading r = {.reader = reader, .err = err, .is_between_rows = true, .ok = true};
    const char *text = (const char *)content->ptr;
    size_t mark = content->len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
    }
    csv_set_realloc_func(&parser, grow);
    csv_set_free_func(&parser, drop);
    csv_set_space_func(&parser, is_never);
    bool whole = read_lines(&parser, text + mark, text + content->len, &r);
    int problem = csv_error(&parser);
    csv_free(&parser);
    if (!r.ok) {
        return false;
    }
    if (!whole && problem == CSV_EPARSE) {
        return host_error_set(err, DPH_E_INVALID, 0, "Line %zu: the quotes are out of place.",
                              r.begin);
    }
    return whole ? true : host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
}
