/* SPDX-License-Identifier: Apache-2.0
 *
 * See import_reader.h. A reader of its own, because those of libraries keep fields in buffers that
 * nobody wipes. Strict: what is not understood is refused, never guessed. */
#include "domain/import_reader.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "domain/import_fields.h"
#include "support/utf8.h"

#define SLOT_LEN (BKEY_IMPORT_ROW_MAX + BKEY_RECOVERY_KEY_BYTES)
#define END UINT32_MAX
#define BAD (UINT32_MAX - 1)

/* ---- characters ---- */

static uint32_t unit_at(const bkey_import_reader *reader, size_t at)
{
    const uint8_t *two = reader->file.ptr + at;
    return reader->encoding == BKEY_IMPORT_UTF16_LE ? (uint32_t)two[0] | (uint32_t)two[1] << 8
                                                    : (uint32_t)two[1] | (uint32_t)two[0] << 8;
}

static uint32_t peek_wide(const bkey_import_reader *reader, size_t *out_len)
{
    size_t left = reader->file.len - reader->at;
    *out_len = left < 2 ? left : 2;
    if (left < 2)
        return BAD;
    uint32_t first = unit_at(reader, reader->at);
    if (first < 0xD800U || first > 0xDFFFU)
        return first == 0 ? BAD : first;
    if (first > 0xDBFFU || left < 4)
        return BAD;
    uint32_t second = unit_at(reader, reader->at + 2);
    if (second < 0xDC00U || second > 0xDFFFU)
        return BAD;
    *out_len = 4;
    return 0x10000U + ((first - 0xD800U) << 10) + (second - 0xDC00U);
}

/* END, BAD (it has a length all the same), or a character. */
static uint32_t peek(const bkey_import_reader *reader, size_t *out_len)
{
    uint32_t found = 0;
    *out_len = 0;
    if (reader->at >= reader->file.len)
        return END;
    if (reader->encoding != BKEY_IMPORT_UTF8)
        return peek_wide(reader, out_len);
    size_t len = sup_utf8_decode((const char *)reader->file.ptr + reader->at,
                                 reader->file.len - reader->at, &found);
    *out_len = len == 0 ? 1 : len;
    return len == 0 || found == 0 ? BAD : found;
}

static uint32_t take(bkey_import_reader *reader)
{
    size_t len = 0;
    uint32_t found = peek(reader, &len);
    reader->at += len;
    reader->line += found == '\n';
    return found;
}

static bool has_next(const bkey_import_reader *reader, uint32_t wanted)
{
    size_t len = 0;
    return peek(reader, &len) == wanted;
}

static size_t encode(uint32_t point, char out[4])
{
    if (point < 0x80U) {
        out[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800U ? 2 : point < 0x10000U ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80U | (point & 0x3FU));
    out[0] = (char)((len == 2 ? 0xC0U : len == 3 ? 0xE0U : 0xF0U) | point);
    return len;
}

/* ---- rows ---- */

typedef struct reading {
    bkey_import_reader *reader;
    const char *why;
} reading;

static void put(reading *r, uint32_t point)
{
    char bytes[4];
    bkey_import_reader *reader = r->reader;
    size_t len = encode(point, bytes);
    if (reader->len + len + 1 > BKEY_IMPORT_ROW_MAX) {
        r->why = "The line is longer than 8,192 bytes.";
        return;
    }
    memcpy(reader->text + reader->len, bytes, len);
    reader->len += len;
    sodium_memzero(bytes, sizeof bytes);
}

static void end_field(reading *r)
{
    bkey_import_reader *reader = r->reader;
    if (reader->len < BKEY_IMPORT_ROW_MAX)
        reader->text[reader->len++] = '\0';
}

static bool begin_field(reading *r)
{
    bkey_import_reader *reader = r->reader;
    if (reader->fields == BKEY_IMPORT_COLUMNS) {
        r->why = "The line has more than 64 columns.";
        return false;
    }
    reader->starts[reader->fields++] = (uint32_t)reader->len;
    return true;
}

/* The quotation mark that opens it is taken. */
static void read_quoted(reading *r)
{
    for (;;) {
        uint32_t found = take(r->reader);
        if (found == END) {
            r->why = "A quotation mark is not closed.";
            return;
        }
        if (found == BAD) {
            r->why = "The line has bytes that are no text.";
            continue;
        }
        if (found == '"' && !has_next(r->reader, '"'))
            return;
        if (found == '"')
            (void)take(r->reader);
        put(r, found);
    }
}

static bool is_end(const bkey_import_reader *reader, uint32_t found)
{
    return found == END || found == '\n' || found == (uint32_t)(unsigned char)reader->separator;
}

/* Leaves what ends the field to be taken. */
static void read_field(reading *r)
{
    bkey_import_reader *reader = r->reader;
    bool was_quoted = has_next(reader, '"');
    if (was_quoted) {
        (void)take(reader);
        read_quoted(r);
    }
    for (;;) {
        size_t len = 0;
        uint32_t found = peek(reader, &len);
        if (is_end(reader, found))
            return;
        (void)take(reader);
        if (found == '\r' && (has_next(reader, '\n') || has_next(reader, END)))
            continue;
        if (found == BAD)
            r->why = "The line has bytes that are no text.";
        else if (found == '"' || was_quoted)
            r->why = "A quotation mark is in the wrong place.";
        else
            put(r, found);
    }
}

/* False at the end of the file. */
static bool read_row(reading *r)
{
    bkey_import_reader *reader = r->reader;
    sodium_memzero(reader->text, SLOT_LEN);
    reader->len = 0;
    reader->fields = 0;
    if (has_next(reader, END))
        return false;
    for (;;) {
        bool has_room = begin_field(r);
        read_field(r);
        if (has_room)
            end_field(r);
        if (take(reader) != (uint32_t)(unsigned char)reader->separator)
            return true;
    }
}

static const char *field(const bkey_import_reader *reader, bkey_import_column column)
{
    uint32_t place = reader->places[column];
    return place < reader->fields ? reader->text + reader->starts[place] : "";
}

static bool is_blank(const bkey_import_reader *reader)
{
    for (uint32_t i = 0; i < reader->fields; i++) {
        if (reader->text[reader->starts[i]] != '\0')
            return false;
    }
    return true;
}

static void read_values(const reading *r, bkey_import_row *out)
{
    const bkey_import_reader *reader = r->reader;
    const char *key = field(reader, BKEY_IMPORT_KEY);
    const char *digits = field(reader, BKEY_IMPORT_PASSWORD);
    if (!bkey_import_fields_key(key, &out->key_id)) {
        out->why = "Its Key ID cannot be read.";
        return;
    }
    out->created_ms = bkey_import_fields_created(key, field(reader, BKEY_IMPORT_CREATED));
    out->serial = field(reader, BKEY_IMPORT_SERIAL);
    out->name = field(reader, BKEY_IMPORT_COMPUTER);
    if (out->name[0] == '\0' && reader->places[BKEY_IMPORT_PATH] < reader->fields)
        out->name = bkey_import_fields_computer(reader->text +
                                                reader->starts[reader->places[BKEY_IMPORT_PATH]]);
    out->why = bkey_import_fields_password(digits, out->password);
}

bool bkey_import_reader_next(bkey_import_reader *reader, bkey_import_row *out)
{
    reading r = {.reader = reader};
    do {
        *out = (bkey_import_row){
            .line = reader->line, .created_ms = BKEY_DATE_UNKNOWN, .name = "", .serial = ""};
        r.why = NULL;
        if (!read_row(&r))
            return false;
    } while (r.why == NULL && is_blank(reader));
    out->password = (uint8_t *)reader->text + BKEY_IMPORT_ROW_MAX;
    out->why = r.why;
    if (out->why == NULL && reader->fields != reader->columns)
        out->why = "It has another number of columns than the first line.";
    if (out->why == NULL)
        read_values(&r, out);
    return true;
}

/* ---- the first line ---- */

static void skip_mark(bkey_import_reader *reader)
{
    const uint8_t *bytes = reader->file.ptr;
    size_t len = reader->file.len;
    if (len >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF) {
        reader->at = 3;
    } else if (len >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
        reader->encoding = BKEY_IMPORT_UTF16_LE;
        reader->at = 2;
    } else if (len >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF) {
        reader->encoding = BKEY_IMPORT_UTF16_BE;
        reader->at = 2;
    }
}

static bool skip_word(bkey_import_reader *reader, const char *word)
{
    const size_t start = reader->at;
    for (; *word != '\0'; word++) {
        if (take(reader) != (uint32_t)(unsigned char)*word) {
            reader->at = start;
            return false;
        }
    }
    return true;
}

static void skip_line(bkey_import_reader *reader)
{
    uint32_t found = 0;
    while (found != END && found != '\n')
        found = take(reader);
}

/* Excel may say the separator in a line of its own; else the first line shows it. */
static void find_separator(bkey_import_reader *reader)
{
    static const char known[] = {',', ';', '\t'};
    size_t counts[sizeof known] = {0};
    if (skip_word(reader, "sep=")) {
        uint32_t said = take(reader);
        reader->separator = said == ';' || said == '\t' ? (char)said : ',';
        if (said != '\n')
            skip_line(reader);
        return;
    }
    const size_t start = reader->at;
    const uint32_t line = reader->line;
    for (uint32_t found = take(reader); found != END && found != '\n'; found = take(reader)) {
        for (size_t i = 0; i < sizeof known; i++)
            counts[i] += found == (uint32_t)(unsigned char)known[i];
    }
    reader->at = start;
    reader->line = line;
    size_t best = 0;
    for (size_t i = 1; i < sizeof known; i++)
        best = counts[i] > counts[best] ? i : best;
    reader->separator = known[best];
}

static bkey_err refuse(char *detail, const char *sentence)
{
    (void)snprintf(detail, BKEY_IMPORT_DETAIL_SIZE, "%s", sentence);
    return bkey_fail(BKEY_E_PARAMETER);
}

static bkey_err read_columns(bkey_import_reader *reader, char *detail)
{
    reading r = {.reader = reader};
    bool is_twice = false;
    if (!read_row(&r) || r.why != NULL)
        return refuse(detail, "The first line does not name columns.");
    reader->columns = reader->fields;
    for (uint32_t i = 0; i < reader->fields; i++) {
        bkey_import_column column = bkey_import_fields_column(reader->text + reader->starts[i]);
        if (column == BKEY_IMPORT_COLUMN_COUNT)
            continue;
        is_twice = is_twice || reader->places[column] != BKEY_NONE;
        reader->places[column] = i;
    }
    if (is_twice)
        return refuse(detail, "The first line names a column twice.");
    if (reader->places[BKEY_IMPORT_KEY] == BKEY_NONE ||
        reader->places[BKEY_IMPORT_PASSWORD] == BKEY_NONE)
        return refuse(detail, "The first line must name the columns \"Key ID\" and \"Recovery "
                              "Password\".");
    return bkey_ok();
}

bkey_err bkey_import_reader_open(bkey_slab *slab, bkey_bytes file, bkey_import_reader *out,
                                 char detail[BKEY_IMPORT_DETAIL_SIZE])
{
    bkey_import_reader reader = {.file = file, .line = 1, .separator = ','};
    bkey_err err = bkey_secret_new(slab, SLOT_LEN, &reader.slot);
    if (!bkey_is_ok(err))
        return err;
    reader.text = (char *)bkey_secret_borrow(reader.slot);
    for (size_t i = 0; i < BKEY_IMPORT_COLUMN_COUNT; i++)
        reader.places[i] = BKEY_NONE;
    skip_mark(&reader);
    if (skip_word(&reader, "#TYPE"))
        skip_line(&reader);
    find_separator(&reader);
    err = read_columns(&reader, detail);
    if (bkey_is_ok(err))
        *out = reader;
    else
        bkey_import_reader_close(&reader);
    return err;
}

void bkey_import_reader_close(bkey_import_reader *reader)
{
    if (reader == NULL || reader->slot == NULL)
        return;
    bkey_secret_return(reader->slot);
    bkey_secret_free(&reader->slot);
}
