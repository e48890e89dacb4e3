/* SPDX-License-Identifier: Apache-2.0
 *
 * What a spreadsheet would calculate instead of show. Knows no file format. */
#ifndef HOST_FORMULA_H
#define HOST_FORMULA_H

#include <stdbool.h>
#include <stddef.h>

/* Text begins like what Excel, LibreOffice or Google Sheets takes for a formula; the full-width
 * signs count, and blanks before them do not help. Apostrophes before them do not either: so one
 * more in front can be taken off again without a doubt. */
bool host_formula_begins(const char *text, size_t len);

#endif
