/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as CSV (RFC 4180). No cell can be read as a formula by a spreadsheet. Knows no command. */
#ifndef HOST_CSV_H
#define HOST_CSV_H

#include "support/buffer.h"

#include <jansson.h>

/* One cell: quoted where needed; an apostrophe before what a spreadsheet would calculate. */
void host_csv_cell(const char *text, size_t len, sup_buffer *out);
/* Objects of an array under those columns, with a head line. */
void host_csv_table(const json_t *rows, const char *const *columns, size_t count, sup_buffer *out);

#endif
