/* SPDX-License-Identifier: Apache-2.0
 *
 * Holes and additions over a list that is mostly computed. Must not know what the rows say. */
#include "rows.h"

#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool lower_id(const char *id, char out[128])
{
    size_t len = id == NULL ? 0 : strlen(id);
    if (len == 0 || len >= 128)
        return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)tolower((unsigned char)id[i]);
    return true;
}

bool sim_rows_init(sim_rows *rows, size_t base, json_t *list)
{
    *rows = (sim_rows){.base = base, .extra = json_array(), .by_id = json_object()};
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row) if (!sim_rows_add(rows, json_incref(row))) return false;
    return true;
}

void sim_rows_done(sim_rows *rows)
{
    free(rows->removed);
    json_decref(rows->extra);
    json_decref(rows->by_id);
    *rows = (sim_rows){0};
}

size_t sim_rows_end(const sim_rows *rows)
{
    return rows->base + json_array_size(rows->extra);
}

bool sim_rows_alive(const sim_rows *rows, size_t position)
{
    if (position >= rows->base)
        return json_is_object(json_array_get(rows->extra, position - rows->base));
    return rows->removed == NULL || (rows->removed[position / 8] >> position % 8 & 1) == 0;
}

json_t *sim_rows_object(const sim_rows *rows, size_t position)
{
    return position < rows->base ? NULL : json_array_get(rows->extra, position - rows->base);
}

bool sim_rows_find(const sim_rows *rows, const char *id, size_t *out_position)
{
    char lower[128];
    const json_t *position = lower_id(id, lower) ? json_object_get(rows->by_id, lower) : NULL;
    if (position == NULL)
        return false;
    *out_position = (size_t)json_integer_value(position);
    return true;
}

bool sim_rows_add(sim_rows *rows, json_t *row)
{
    char lower[128];
    bool fits = lower_id(sim_json_text(row, "id", NULL), lower) &&
                json_object_get(rows->by_id, lower) == NULL;
    if (!fits) {
        json_decref(row);
        return false;
    }
    (void)json_object_set_new(rows->by_id, lower, json_integer((json_int_t)sim_rows_end(rows)));
    return json_array_append_new(rows->extra, row) == 0;
}

void sim_rows_remove(sim_rows *rows, size_t position)
{
    if (position < rows->base) {
        if (rows->removed == NULL)
            rows->removed = calloc(1, rows->base / 8 + 1);
        if (rows->removed != NULL)
            rows->removed[position / 8] |= (uint8_t)(1U << position % 8);
        return;
    }
    char lower[128];
    if (lower_id(sim_json_text(sim_rows_object(rows, position), "id", NULL), lower))
        (void)json_object_del(rows->by_id, lower);
    (void)json_array_set_new(rows->extra, position - rows->base, json_null());
}
