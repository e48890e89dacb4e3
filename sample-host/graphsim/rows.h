/* SPDX-License-Identifier: Apache-2.0
 *
 * One list of a tenant: generated rows first (positions below `base`), then rows held as JSON
 * objects, read from a file or made by an event. A removed row leaves a hole. */
#ifndef SIM_ROWS_H
#define SIM_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_rows {
    size_t base;
    uint8_t *removed; /* one bit per generated row; NULL while none is removed */
    json_t *extra;    /* array; null where a row was removed */
    json_t *by_id;    /* lower-case id -> position */
} sim_rows;

/* Takes over no reference; `list` (an array of objects with an "id", or NULL) is shared. False when
 * an element is no object with an id, or an id comes twice. */
bool sim_rows_init(sim_rows *rows, size_t base, json_t *list);
void sim_rows_done(sim_rows *rows);
size_t sim_rows_end(const sim_rows *rows);
bool sim_rows_alive(const sim_rows *rows, size_t position);
/* The object at that position, NULL for a generated row. */
json_t *sim_rows_object(const sim_rows *rows, size_t position);
/* Finds a row held as JSON by its id in any letter case. */
bool sim_rows_find(const sim_rows *rows, const char *id, size_t *out_position);
/* Appends a row (reference taken over). False when it has no id or the id is taken. */
bool sim_rows_add(sim_rows *rows, json_t *row);
void sim_rows_remove(sim_rows *rows, size_t position);

#endif
