/* SPDX-License-Identifier: Apache-2.0
 *
 * See http_date.h. */
#include "graph/http_date.h"

#include <stdio.h>
#include <string.h>

#include "support/iso8601.h"

#define FORM_LEN 29u

bool bkey_http_date_parse(const char *text, size_t len, int64_t *out_s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[SUP_ISO8601_TEXT_SIZE];
    int64_t ms = 0;
    unsigned month = 0;
    if (len != FORM_LEN || memcmp(text + 3, ", ", 2) != 0 || memcmp(text + 25, " GMT", 4) != 0 ||
        text[7] != ' ' || text[11] != ' ' || text[16] != ' ')
        return false;
    while (month < 12 && memcmp(months + 3 * (size_t)month, text + 8, 3) != 0)
        month++;
    if (month == 12)
        return false;
    (void)snprintf(iso, sizeof iso, "%.4s-%02u-%.2sT%.8sZ", text + 12, month + 1, text + 5,
                   text + 17);
    if (!sup_iso8601_parse(iso, strlen(iso), &ms))
        return false;
    *out_s = ms / 1000;
    return true;
}
