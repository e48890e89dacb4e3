/* SPDX-License-Identifier: Apache-2.0
 *
 * One page of a folder by keyset: as fast on the last page as on the first. */
#ifndef HOST_FOLDER_PAGE_H
#define HOST_FOLDER_PAGE_H

#include "sample-host/src/record.h"

#define HOST_FOLDER_PAGE_MAX 500
#define HOST_FOLDER_CURSOR_SIZE 1100

typedef struct host_folder_query {
    const char *organization_id;
    const char *folder_id;
    bool with_archived;
    const char *search;                  /* NULL = all */
    const char *category;                /* NULL = all */
    uint32_t sort;                       /* from host_folder_sort_parse; 0 = by name */
    int64_t limit;                       /* 1..HOST_FOLDER_PAGE_MAX */
    char after[HOST_FOLDER_CURSOR_SIZE]; /* "" = from the start */
} host_folder_query;

/* Rows in the order asked for. INVALID: a cursor that this never made, a short search. */
bool host_folder_page(host_conn *conn, const host_folder_query *query, host_record_page *out,
                      host_error *err);
/* The cursor behind a page's last row. */
void host_folder_cursor_make(const host_record_page *page, uint32_t sort,
                             char out[HOST_FOLDER_CURSOR_SIZE]);
/* "name", "key_id", "created", "updated"; false for anything else. */
bool host_folder_sort_parse(const char *name, uint32_t *out);
/* A phrase for the text index from what a person typed: nothing in it is special. False when it
 * does not fit. */
bool host_folder_phrase(const char *text, char *out, size_t cap);

#endif
