/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of import_keys: the lines of a file, judged. Must not write. */
#ifndef BKEY_IMPORT_LINES_H
#define BKEY_IMPORT_LINES_H

#include "domain/idsort.h"
#include "domain/import_reader.h"
#include "state/connection.h"
#include "usecase/arena.h"
#include "usecase/import_keys.h"
#include "usecase/vec.h"

#define BKEY_IMPORT_MARK_BYTES 16u

typedef enum bkey_import_outcome {
    BKEY_IMPORT_NEW = 0,
    BKEY_IMPORT_SAME,     /* held, or in the file before, with the same password */
    BKEY_IMPORT_CONFLICT, /* held with another one */
    BKEY_IMPORT_REFUSED,
    BKEY_IMPORT_OUTCOME_COUNT
} bkey_import_outcome;

typedef struct bkey_import_line {
    sup_guid key_id;
    int64_t created_ms;
    const char *name; /* cleaned */
    const char *serial;
    const char *why;                      /* "" = nothing to say */
    uint8_t mark[BKEY_IMPORT_MARK_BYTES]; /* keyed hash of the password: equal for equal ones */
    uint32_t line;
    uint32_t held; /* index into the held keys, BKEY_NONE */
    bkey_import_outcome outcome;
    bool is_repeated; /* the file had it before */
} bkey_import_line;

/* A held key and whose place holds it. */
typedef struct bkey_import_held {
    sup_guid id;
    bkey_held_key key;
    const char *place; /* organization, "" = none; of the connection */
} bkey_import_held;

typedef struct bkey_import_book {
    const bkey_import_request *request;
    bkey_connection connection;
    bkey_secret *mark_key;
    bkey_arena texts;
    bkey_vec lines; /* bkey_import_line, in the order of the file */
    bkey_vec held;  /* bkey_import_held */
    const char *scanned;
    uint64_t counts[BKEY_IMPORT_OUTCOME_COUNT];
} bkey_import_book;

/* Reads the whole file and every held key of the connection, and judges each line. Large: not for
 * the stack. Ended by bkey_import_lines_done, whatever happened. */
BKEY_MUST_CHECK bkey_err bkey_import_lines_read(const bkey_import_request *request,
                                                bkey_import_book *book,
                                                char detail[BKEY_IMPORT_KEYS_DETAIL_SIZE]);
void bkey_import_lines_done(bkey_import_book *book);
/* The place of a held key; "" = nobody's. */
bkey_place bkey_import_lines_place(const bkey_import_book *book, const char *organization_id);

#endif
