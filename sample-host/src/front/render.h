/* SPDX-License-Identifier: Apache-2.0
 *
 * A reply's body as text for people or as JSON. Everything in it may come from outside: control and
 * bidirectional characters are taken out of text. Knows no command; prints nothing itself. */
#ifndef FRONT_RENDER_H
#define FRONT_RENDER_H

#include "sample-host/src/command.h"
#include "support/buffer.h"

/* A table of `rows`, an array of objects. `columns` names the keys, separated by spaces; "" takes
 * those of the first row. Says "(none)" when there are no rows. */
void front_render_table(const json_t *rows, const char *columns, sup_buffer *out);
/* The whole body: arrays of objects as tables, everything else as "name: value". */
void front_render_text(json_t *body, const char *columns, sup_buffer *out);
/* One line of JSON with sorted keys; with `ascii`, for a terminal, everything else is escaped.
 * False when memory runs out. */
bool front_render_json(const json_t *body, bool ascii, sup_buffer *out);

#endif
