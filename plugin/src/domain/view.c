/* SPDX-License-Identifier: Apache-2.0
 *
 * Tag and data of a record, there and back. Must not know how they are shown. */
#include "domain/view.h"

#include <stdio.h>
#include <string.h>

#include "domain/volume.h"

static const char *const tags[] = {
    [BKEY_LINEAGE_CURRENT] = "current",
    [BKEY_LINEAGE_SUPERSEDED] = "superseded",
    [BKEY_LINEAGE_GONE] = "gone_at_source",
};
#define TAG_COUNT (sizeof tags / sizeof tags[0])

const char *bkey_view_tag(bkey_lineage lineage)
{
    size_t at = (size_t)lineage;
    return at < TAG_COUNT && tags[at] != NULL ? tags[at] : "";
}

uint8_t bkey_view_tag_parse(const char *tag, size_t len)
{
    for (size_t i = BKEY_LINEAGE_CURRENT; i < TAG_COUNT; i++) {
        if (strlen(tags[i]) == len && memcmp(tags[i], tag, len) == 0)
            return (uint8_t)i;
    }
    return 0;
}

void bkey_view_data(const bkey_view_facts *facts, char out[BKEY_VIEW_DATA_SIZE])
{
    char origins[8] = "";
    if ((facts->origins & ~BKEY_ORIGIN_ENTRA) != 0)
        (void)snprintf(origins, sizeof origins, ";o=%x", facts->origins & 0xFU);
    (void)snprintf(out, BKEY_VIEW_DATA_SIZE, "v=%s%s%s%s%s", bkey_volume_word(facts->volume),
                   facts->malformed ? ";m=1" : "", facts->unnamed ? ";n=1" : "",
                   facts->detached ? ";c=1" : "", origins);
}

static uint8_t read_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0');
    return c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10) : 0;
}

static void read_part(const char *part, size_t len, bkey_view_facts *facts)
{
    if (len > 2 && memcmp(part, "v=", 2) == 0)
        (void)bkey_volume_from_word(part + 2, len - 2, &facts->volume);
    else if (len == 3 && memcmp(part, "m=1", 3) == 0)
        facts->malformed = true;
    else if (len == 3 && memcmp(part, "n=1", 3) == 0)
        facts->unnamed = true;
    else if (len == 3 && memcmp(part, "c=1", 3) == 0)
        facts->detached = true;
    else if (len == 3 && memcmp(part, "o=", 2) == 0)
        facts->origins = read_digit(part[2]);
}

bkey_view_facts bkey_view_data_parse(const char *data, size_t len)
{
    bkey_view_facts facts = {.volume = BKEY_VOLUME_UNKNOWN};
    for (size_t at = 0; at < len;) {
        const char *end = memchr(data + at, ';', len - at);
        size_t part = end == NULL ? len - at : (size_t)(end - (data + at));
        read_part(data + at, part, &facts);
        at += part + 1;
    }
    return facts;
}
