/* SPDX-License-Identifier: Apache-2.0
 *
 * See import_lines.h. Of each password only a keyed hash is kept, so that a file of any length
 * needs no more guarded memory than one line. */
#include "usecase/import_lines.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "state/held.h"
#include "support/utf8.h"

#define TEXT_SIZE 256u

_Static_assert(BKEY_IMPORT_DETAIL_SIZE == BKEY_IMPORT_KEYS_DETAIL_SIZE, "one sentence, one size");

static bkey_err refuse(char *detail, uint32_t reason, const char *sentence)
{
    (void)snprintf(detail, BKEY_IMPORT_KEYS_DETAIL_SIZE, "%s", sentence);
    return bkey_fail(reason);
}

bkey_place bkey_import_lines_place(const bkey_import_book *book, const char *organization_id)
{
    const bkey_import_request *request = book->request;
    const bkey_place place = {request->vault, request->call, book->connection.tenant,
                              organization_id};
    return place;
}

/* ---- the connection ---- */

typedef struct choosing {
    bkey_import_book *book;
    uint32_t hits;
} choosing;

static bool is_wanted(const bkey_import_request *request, const bkey_connection *connection)
{
    sup_guid tenant;
    if (!bkey_connection_has(connection, request->organization_id) ||
        !bkey_scope_has_connection(request->scope, connection))
        return false;
    return request->tenant[0] == '\0' ||
           (sup_guid_parse(request->tenant, strlen(request->tenant), &tenant) &&
            sup_guid_equal(&tenant, &connection->tenant));
}

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    choosing *c = context;
    if (is_wanted(c->book->request, connection) && c->hits++ == 0)
        c->book->connection = *connection;
    return bkey_ok();
}

static bkey_err find_connection(bkey_import_book *book, char *detail)
{
    const bkey_import_request *request = book->request;
    const bkey_place place = bkey_connection_place(request->vault, request->call);
    choosing c = {.book = book};
    bkey_err err = bkey_connection_scan(&place, take_connection, &c);
    if (!bkey_is_ok(err))
        return err;
    if (c.hits == 0)
        return refuse(detail, BKEY_E_NOT_CONNECTED,
                      request->tenant[0] != '\0'
                          ? "There is no such connection that names the organization."
                          : "No connection names that organization: keys are kept with one.");
    return c.hits == 1 ? bkey_ok()
                       : refuse(detail, BKEY_E_PARAMETER,
                                "Several connections name that organization: say which one with "
                                "--connection.");
}

/* ---- the file ---- */

static void make_mark(const bkey_import_book *book, bkey_bytes password,
                      uint8_t out[BKEY_IMPORT_MARK_BYTES])
{
    (void)crypto_generichash(out, BKEY_IMPORT_MARK_BYTES, password.ptr, password.len,
                             bkey_secret_borrow(book->mark_key), bkey_secret_len(book->mark_key));
    bkey_secret_return(book->mark_key);
}

static const char *keep(bkey_import_book *book, const char *text)
{
    char clean[TEXT_SIZE];
    (void)sup_utf8_clean(text, strlen(text), clean, sizeof clean);
    return bkey_arena_text(&book->texts, clean);
}

/* What a refused line says may be anything, digits in the wrong column too: nothing of it is kept
 * but where it is. */
static bkey_err take_row(bkey_import_book *book, const bkey_import_row *row)
{
    bkey_import_line *line = bkey_vec_add(&book->lines);
    if (line == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    line->line = row->line;
    line->held = BKEY_NONE;
    line->created_ms = row->created_ms;
    line->why = row->why != NULL ? row->why : "";
    line->outcome = row->why != NULL ? BKEY_IMPORT_REFUSED : BKEY_IMPORT_NEW;
    line->name = keep(book, row->why != NULL ? "" : row->name);
    line->serial = keep(book, row->why != NULL ? "" : row->serial);
    if (row->why == NULL) {
        line->key_id = row->key_id;
        make_mark(book, (bkey_bytes){row->password, BKEY_RECOVERY_KEY_BYTES}, line->mark);
    }
    return line->name != NULL && line->serial != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err read_file(bkey_import_book *book, char *detail)
{
    const bkey_import_request *request = book->request;
    bkey_import_reader reader;
    bkey_import_row row;
    bkey_err err = bkey_import_reader_open(request->slab, request->file, &reader, detail);
    if (!bkey_is_ok(err))
        return err;
    while (bkey_is_ok(err) && bkey_import_reader_next(&reader, &row))
        err = take_row(book, &row);
    bkey_import_reader_close(&reader);
    if (bkey_is_ok(err) && book->lines.count == 0)
        err = refuse(detail, BKEY_E_PARAMETER, "There is no key in the file.");
    return err;
}

/* The same Key ID twice in one file: with one password it is one key, with two neither counts. */
static bkey_err judge_repeats(bkey_import_book *book)
{
    bkey_import_line *lines = book->lines.items;
    bkey_idsort sorted = {.count = 0};
    bkey_err err = bkey_idsort_init(&sorted, lines, book->lines.count, sizeof *lines);
    for (size_t i = 1; bkey_is_ok(err) && i < book->lines.count; i++) {
        bkey_import_line *before = &lines[bkey_idsort_row(&sorted, i - 1)];
        bkey_import_line *line = &lines[bkey_idsort_row(&sorted, i)];
        if (!sup_guid_equal(&before->key_id, &line->key_id) || sup_guid_is_zero(&line->key_id))
            continue;
        line->is_repeated = true;
        if (sodium_memcmp(before->mark, line->mark, sizeof line->mark) == 0)
            continue;
        line->outcome = BKEY_IMPORT_REFUSED;
        line->why = "This Key ID is there twice, with different passwords.";
    }
    bkey_idsort_done(&sorted);
    return err;
}

/* ---- what is held ---- */

static bkey_err take_held(void *context, const bkey_held_key *key)
{
    bkey_import_book *book = context;
    bkey_import_held *held = bkey_vec_add(&book->held);
    if (held == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *held = (bkey_import_held){key->id, *key, book->scanned};
    return bkey_ok();
}

static bkey_err read_held(bkey_import_book *book)
{
    bkey_err err = bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i <= book->connection.organization_count; i++) {
        book->scanned =
            i < book->connection.organization_count ? book->connection.organization_ids[i] : "";
        const bkey_place place = bkey_import_lines_place(book, book->scanned);
        err = bkey_held_scan(&place, take_held, book);
    }
    return err;
}

static bkey_err compare(bkey_import_book *book, bkey_import_line *line)
{
    const bkey_import_held *held = (const bkey_import_held *)book->held.items + line->held;
    const bkey_place place = bkey_import_lines_place(book, held->place);
    uint8_t mark[BKEY_IMPORT_MARK_BYTES];
    bkey_secret *secret = NULL;
    bool malformed = false;
    bkey_err err = bkey_held_open_secret(&place, &held->id, &secret, &malformed);
    if (!bkey_is_ok(err))
        return err;
    make_mark(book, (bkey_bytes){bkey_secret_borrow(secret), bkey_secret_len(secret)}, mark);
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    bool is_same = !malformed && sodium_memcmp(mark, line->mark, sizeof mark) == 0;
    line->outcome = is_same ? BKEY_IMPORT_SAME : BKEY_IMPORT_CONFLICT;
    if (!is_same)
        line->why = "It is held with another password, which stays.";
    return bkey_ok();
}

static bkey_err judge_held(bkey_import_book *book)
{
    const bkey_import_held *held = book->held.items;
    bkey_import_line *lines = book->lines.items;
    bkey_idsort sorted = {.count = 0};
    bkey_err err = bkey_idsort_init(&sorted, held, book->held.count, sizeof *held);
    for (size_t i = 0; bkey_is_ok(err) && i < book->lines.count; i++) {
        if (lines[i].outcome == BKEY_IMPORT_REFUSED)
            continue;
        lines[i].held = bkey_idsort_find(&sorted, &lines[i].key_id);
        if (lines[i].held != BKEY_NONE)
            err = compare(book, &lines[i]);
        else if (lines[i].is_repeated)
            lines[i].outcome = BKEY_IMPORT_SAME;
    }
    bkey_idsort_done(&sorted);
    return err;
}

bkey_err bkey_import_lines_read(const bkey_import_request *request, bkey_import_book *book,
                                char detail[BKEY_IMPORT_KEYS_DETAIL_SIZE])
{
    memset(book, 0, sizeof *book);
    book->request = request;
    bkey_arena_init(&book->texts);
    bkey_vec_init(&book->lines, sizeof(bkey_import_line));
    bkey_vec_init(&book->held, sizeof(bkey_import_held));
    bkey_err err = find_connection(book, detail);
    if (bkey_is_ok(err))
        err = bkey_secret_new(request->slab, crypto_generichash_KEYBYTES, &book->mark_key);
    if (!bkey_is_ok(err))
        return err;
    request->ports->random(request->ports->self, bkey_secret_borrow(book->mark_key),
                           crypto_generichash_KEYBYTES);
    bkey_secret_return(book->mark_key);
    err = read_file(book, detail);
    if (bkey_is_ok(err))
        err = judge_repeats(book);
    if (bkey_is_ok(err))
        err = read_held(book);
    if (bkey_is_ok(err))
        err = judge_held(book);
    const bkey_import_line *lines = book->lines.items;
    for (size_t i = 0; bkey_is_ok(err) && i < book->lines.count; i++)
        book->counts[lines[i].outcome]++;
    return err;
}

void bkey_import_lines_done(bkey_import_book *book)
{
    bkey_secret_free(&book->mark_key);
    bkey_vec_done(&book->held);
    bkey_vec_done(&book->lines);
    bkey_arena_done(&book->texts);
}
