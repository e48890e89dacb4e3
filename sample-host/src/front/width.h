/* SPDX-License-Identifier: Apache-2.0
 *
 * How many columns of a terminal a text takes. Close enough for tables: emoji sequences are counted
 * by their parts. */
#ifndef FRONT_WIDTH_H
#define FRONT_WIDTH_H

#include <stddef.h>

/* `text` is well-formed UTF-8 without control characters. */
size_t front_width_of(const char *text);

#endif
