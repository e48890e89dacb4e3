/* SPDX-License-Identifier: Apache-2.0
 *
 * An array of pointers to the rows' ids: 8 bytes a row. */
#include "domain/idsort.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b)
{
    const sup_guid *x = *(const sup_guid *const *)a;
    const sup_guid *y = *(const sup_guid *const *)b;
    int order = sup_guid_compare(x, y);
    if (order != 0)
        return order;
    return x < y ? -1 : x > y; /* both in the same array */
}

bkey_err bkey_idsort_init(bkey_idsort *sorted, const void *rows, size_t count, size_t width)
{
    *sorted = (bkey_idsort){NULL, count, rows, width};
    if (count == 0)
        return bkey_ok();
    sorted->ids = calloc(count, sizeof *sorted->ids);
    if (sorted->ids == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    for (size_t i = 0; i < count; i++)
        sorted->ids[i] = (const sup_guid *)(const void *)(sorted->base + i * width);
    qsort(sorted->ids, count, sizeof *sorted->ids, compare_ids);
    return bkey_ok();
}

void bkey_idsort_done(bkey_idsort *sorted)
{
    if (sorted == NULL)
        return;
    free(sorted->ids);
    *sorted = (bkey_idsort){NULL, 0, NULL, 0};
}

uint32_t bkey_idsort_row(const bkey_idsort *sorted, size_t place)
{
    const char *row = (const char *)sorted->ids[place];
    return (uint32_t)((size_t)(row - sorted->base) / sorted->width);
}

size_t bkey_idsort_skip(const bkey_idsort *sorted, size_t place)
{
    size_t next = place + 1;
    while (next < sorted->count && sup_guid_equal(sorted->ids[next], sorted->ids[place]))
        next++;
    return next;
}

uint32_t bkey_idsort_find(const bkey_idsort *sorted, const sup_guid *id)
{
    size_t low = 0;
    size_t high = sorted->count;
    while (low < high) { /* the first place behind the id */
        size_t middle = low + (high - low) / 2;
        if (sup_guid_compare(sorted->ids[middle], id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !sup_guid_equal(sorted->ids[low - 1], id))
        return UINT32_MAX;
    return bkey_idsort_row(sorted, low - 1);
}
