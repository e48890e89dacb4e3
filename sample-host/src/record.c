/* SPDX-License-Identifier: Apache-2.0
 *
 * Record rows. */
#include "sample-host/src/record.h"

#include <stdlib.h>
#include <string.h>

dph_record_row host_record_row(sqlite3_stmt *stmt)
{
    dph_record_row row = {.struct_size = sizeof row};
    row.record_id = host_rows_str(stmt, 0);
    row.external_id = host_rows_str(stmt, 1);
    row.organization_id = host_rows_str(stmt, 2);
    row.folder_id = host_rows_str(stmt, 3);
    row.category = host_rows_str(stmt, 4);
    row.title = host_rows_str(stmt, 5);
    row.username = host_rows_str(stmt, 6);
    row.configuration_id = host_rows_str(stmt, 7);
    row.configuration_name = host_rows_str(stmt, 8);
    row.guard_owner = host_rows_str(stmt, 9);
    row.plugin_tag = host_rows_str(stmt, 10);
    row.plugin_data = host_rows_str(stmt, 11);
    row.flags = sqlite3_column_int(stmt, 12) != 0 ? DPH_RECORD_ARCHIVED : 0;
    row.revision = (uint64_t)sqlite3_column_int64(stmt, 13);
    row.created_ms = sqlite3_column_int64(stmt, 14);
    row.updated_ms = sqlite3_column_int64(stmt, 15);
    return row;
}

static bool grow(host_record_page *page)
{
    size_t cap = page->cap == 0 ? 32 : page->cap * 2;
    dph_record_row *rows = realloc(page->rows, cap * sizeof *rows);
    if (rows != NULL) {
        page->rows = rows;
    }
    char **names = realloc(page->organization_names, cap * sizeof *names);
    if (names != NULL) {
        page->organization_names = names;
    }
    int64_t *seqs = realloc(page->seqs, cap * sizeof *seqs);
    if (seqs != NULL) {
        page->seqs = seqs;
    }
    const dph_record_row **pointers = malloc(cap * sizeof *pointers);
    if (rows == NULL || names == NULL || seqs == NULL || pointers == NULL) {
        free(pointers);
        return false;
    }
    free(page->pointers);
    page->pointers = pointers;
    for (size_t i = 0; i < cap; i++) {
        page->pointers[i] = &page->rows[i];
    }
    page->cap = cap;
    return true;
}

/* The texts of a row, one after the other, in one block that record_id's field points to. */
static bool own_texts(dph_record_row *row)
{
    dph_str *const texts[] = {&row->record_id,   &row->external_id,      &row->organization_id,
                              &row->folder_id,   &row->category,         &row->title,
                              &row->username,    &row->configuration_id, &row->configuration_name,
                              &row->guard_owner, &row->plugin_tag,       &row->plugin_data};
    size_t total = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        total += texts[i]->len + 1;
    }
    char *block = malloc(total);
    if (block == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->len > 0) {
            memcpy(block, texts[i]->ptr, texts[i]->len);
        }
        block[texts[i]->len] = '\0';
        texts[i]->ptr = block;
        block += texts[i]->len + 1;
    }
    return true;
}

bool host_record_page_add(host_record_page *page, sqlite3_stmt *stmt, host_error *err)
{
    const char *name = host_rows_column(stmt, HOST_RECORD_COLUMN_ORGANIZATION);
    char *name_copy = malloc(strlen(name) + 1);
    dph_record_row row = host_record_row(stmt);
    if (name_copy == NULL || (page->count == page->cap && !grow(page)) || !own_texts(&row)) {
        free(name_copy);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    memcpy(name_copy, name, strlen(name) + 1);
    page->rows[page->count] = row;
    page->organization_names[page->count] = name_copy;
    page->seqs[page->count] = sqlite3_column_int64(stmt, HOST_RECORD_COLUMN_SEQ);
    page->count++;
    return true;
}

bool host_record_page_fill(host_record_page *page, host_conn *conn, sqlite3_stmt *stmt,
                           host_error *err)
{
    bool row = true;
    while (stmt != NULL && row) {
        if (!host_rows_next(conn, stmt, &row, err)) {
            return false;
        }
        if (row && !host_record_page_add(page, stmt, err)) {
            host_rows_done(stmt);
            return false;
        }
    }
    return stmt != NULL;
}

void host_record_page_done(host_record_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        free((char *)(uintptr_t)page->rows[i].record_id.ptr);
        free(page->organization_names[i]);
    }
    free(page->rows);
    free(page->pointers);
    free(page->organization_names);
    free(page->seqs);
    memset(page, 0, sizeof *page);
}
