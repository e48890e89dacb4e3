/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads an export of recovery passwords: a table of separated values with a first line that names
 * the columns. Everything it reads may be secret: fields are kept in one slot of the slab, one row
 * at a time. Must not know where the file comes from nor what becomes of a row. */
#ifndef BKEY_IMPORT_READER_H
#define BKEY_IMPORT_READER_H

#include "base/ports.h"
#include "domain/model.h"
#include "domain/recovery_key.h"

#define BKEY_IMPORT_COLUMNS 64u      /* most columns of a file */
#define BKEY_IMPORT_ROW_MAX 8192u    /* most bytes of one row, as UTF-8 */
#define BKEY_IMPORT_WORD_SIZE 64u    /* longest name of a column that counts */
#define BKEY_IMPORT_DETAIL_SIZE 256u /* of a sentence */

/* Columns that count. */
typedef enum bkey_import_column {
    BKEY_IMPORT_KEY = 0, /* Key ID, or the whole name of the object: a time and the id in braces */
    BKEY_IMPORT_PASSWORD,
    BKEY_IMPORT_COMPUTER,
    BKEY_IMPORT_PATH, /* distinguished name: it has the computer's name */
    BKEY_IMPORT_CREATED,
    BKEY_IMPORT_SERIAL,
    BKEY_IMPORT_COLUMN_COUNT
} bkey_import_column;

typedef enum bkey_import_encoding {
    BKEY_IMPORT_UTF8 = 0,
    BKEY_IMPORT_UTF16_LE,
    BKEY_IMPORT_UTF16_BE
} bkey_import_encoding;

/* Inside of the reader. */
typedef struct bkey_import_reader {
    bkey_bytes file;
    size_t at;
    uint32_t line; /* of what is read next */
    bkey_import_encoding encoding;
    char separator;
    bool is_over;                              /* nothing more can be read */
    uint32_t places[BKEY_IMPORT_COLUMN_COUNT]; /* of columns; BKEY_NONE */
    uint32_t columns;
    bkey_secret *slot;
    char *text; /* fields of the row, each behind a zero byte; in the slot */
    size_t len;
    uint32_t fields;
    uint32_t starts[BKEY_IMPORT_COLUMNS];
} bkey_import_reader;

/* One row; what it points to lives until the next is read. */
typedef struct bkey_import_row {
    uint32_t line;   /* on which it begins; the first is 1 */
    const char *why; /* the row is refused: a sentence, static, no part of the row. NULL = fine */
    sup_guid key_id; /* zero when it cannot be read */
    int64_t created_ms;
    const char *name; /* of the computer, UTF-8 as it came; "" = not told */
    const char *serial;
    uint8_t *password; /* BKEY_RECOVERY_KEY_BYTES, in the slab; zero with `why` */
} bkey_import_row;

/* Reads the first line; takes one slot. PARAMETER with a sentence when this is no such table, or
 * BODY_SIZE; SLAB_FULL. `file` outlives the reader. Ended by bkey_import_reader_close. */
BKEY_MUST_CHECK bkey_err bkey_import_reader_open(bkey_slab *slab, bkey_bytes file,
                                                 bkey_import_reader *out,
                                                 char detail[BKEY_IMPORT_DETAIL_SIZE]);
/* The next row that is not blank; false at the end. */
bool bkey_import_reader_next(bkey_import_reader *reader, bkey_import_row *out);
/* Wipes. NULL-safe. */
void bkey_import_reader_close(bkey_import_reader *reader);

#endif
