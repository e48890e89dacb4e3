/* SPDX-License-Identifier: Apache-2.0
 *
 * 16 bytes a row: following a pointer into the rows for each comparison would cost a cache miss
 * each, so whole ids are looked at only where prefixes are equal. */
#include "domain/idsort.h"

#include <stdlib.h>

static uint64_t prefix_of(const sup_guid *id)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++)
        prefix = prefix << 8 | id->bytes[i];
    return prefix;
}

static int compare_ids(const bkey_idsort_entry *x, const bkey_idsort_entry *y)
{
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return sup_guid_compare(x->id, y->id);
}

static int compare_entries(const void *a, const void *b)
{
    const bkey_idsort_entry *x = a;
    const bkey_idsort_entry *y = b;
    int order = compare_ids(x, y);
    if (order != 0)
        return order;
    return x->id < y->id ? -1 : x->id > y->id; /* both in the same array */
}

bkey_err bkey_idsort_init(bkey_idsort *sorted, const void *rows, size_t count, size_t width)
{
    *sorted = (bkey_idsort){NULL, count, rows, width};
    if (count == 0)
        return bkey_ok();
    sorted->entries = calloc(count, sizeof *sorted->entries);
    if (sorted->entries == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    for (size_t i = 0; i < count; i++) {
        const sup_guid *id = (const sup_guid *)(const void *)(sorted->base + i * width);
        sorted->entries[i] = (bkey_idsort_entry){prefix_of(id), id};
    }
    qsort(sorted->entries, count, sizeof *sorted->entries, compare_entries);
    return bkey_ok();
}

void bkey_idsort_done(bkey_idsort *sorted)
{
    if (sorted == NULL)
        return;
    free(sorted->entries);
    *sorted = (bkey_idsort){NULL, 0, NULL, 0};
}

const sup_guid *bkey_idsort_id(const bkey_idsort *sorted, size_t place)
{
    return sorted->entries[place].id;
}

uint32_t bkey_idsort_row(const bkey_idsort *sorted, size_t place)
{
    const char *row = (const char *)sorted->entries[place].id;
    return (uint32_t)((size_t)(row - sorted->base) / sorted->width);
}

size_t bkey_idsort_skip(const bkey_idsort *sorted, size_t place)
{
    size_t next = place + 1;
    while (next < sorted->count &&
           compare_ids(&sorted->entries[next], &sorted->entries[place]) == 0)
        next++;
    return next;
}

/* The first place behind the rows with that id. */
static size_t place_behind(const bkey_idsort *sorted, const bkey_idsort_entry *wanted)
{
    size_t low = 0;
    size_t high = sorted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_ids(&sorted->entries[middle], wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t bkey_idsort_rows(const bkey_idsort *sorted, const sup_guid *id, size_t *out_first)
{
    bkey_idsort_entry wanted = {prefix_of(id), id};
    size_t end = place_behind(sorted, &wanted);
    size_t first = end;
    while (first > 0 && compare_ids(&sorted->entries[first - 1], &wanted) == 0)
        first--;
    if (first < end)
        *out_first = first;
    return end - first;
}

uint32_t bkey_idsort_find(const bkey_idsort *sorted, const sup_guid *id)
{
    size_t first = 0;
    size_t rows = bkey_idsort_rows(sorted, id, &first);
    return rows == 0 ? UINT32_MAX : bkey_idsort_row(sorted, first + rows - 1);
}
