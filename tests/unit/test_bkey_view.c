/* SPDX-License-Identifier: Apache-2.0
 *
 * Tag and data of a record go there and back, and foreign text is read as nothing. */
/* LINK: plugin/src/domain/view.c plugin/src/domain/volume.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/view.h"

Test(view, tags_go_there_and_back)
{
    static const bkey_lineage all[] = {BKEY_LINEAGE_CURRENT, BKEY_LINEAGE_SUPERSEDED,
                                       BKEY_LINEAGE_GONE};
    for (size_t i = 0; i < 3; i++) {
        const char *tag = bkey_view_tag(all[i]);
        cr_expect_eq(bkey_view_tag_parse(tag, strlen(tag)), all[i]);
        cr_expect_eq(bkey_view_tag_parse(tag, strlen(tag) - 1), 0);
    }
    cr_expect_str_empty(bkey_view_tag((bkey_lineage)0));
    cr_expect_str_empty(bkey_view_tag((bkey_lineage)9));
    cr_expect_eq(bkey_view_tag_parse("", 0), 0);
    cr_expect_eq(bkey_view_tag_parse("Current", 7), 0);
}

Test(view, data_goes_there_and_back)
{
    for (int i = 0; i < BKEY_VOLUME_COUNT * 128; i++) {
        bkey_view_facts facts = {(bkey_volume)(i / 128), (i & 1) != 0, (i & 2) != 0, (i & 4) != 0,
                                 (uint8_t)(i / 8 % 16)};
        char data[BKEY_VIEW_DATA_SIZE];
        bkey_view_data(&facts, data);
        bkey_view_facts back = bkey_view_data_parse(data, strlen(data));
        cr_expect_eq(back.volume, facts.volume, "%s", data);
        cr_expect_eq(back.malformed, facts.malformed, "%s", data);
        cr_expect_eq(back.unnamed, facts.unnamed, "%s", data);
        cr_expect_eq(back.detached, facts.detached, "%s", data);
        cr_expect_eq(back.origins, facts.origins > BKEY_ORIGIN_ENTRA ? facts.origins : 0, "%s",
                     data);
    }
    bkey_view_facts os = {.volume = BKEY_VOLUME_OS, .malformed = true};
    char data[BKEY_VIEW_DATA_SIZE];
    bkey_view_data(&os, data);
    cr_expect_str_eq(data, "v=os;m=1");
}

Test(view, foreign_data_reads_as_nothing)
{
    static const char *const rows[] = {"", ";", ";;;", "v=", "v=other", "x=1", "m=2", "mm=1", "v"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_view_facts facts = bkey_view_data_parse(rows[i], strlen(rows[i]));
        cr_expect(facts.volume == BKEY_VOLUME_UNKNOWN && !facts.malformed && !facts.unnamed, "%s",
                  rows[i]);
    }
    cr_expect_eq(bkey_view_data_parse("z=9;v=fixed;new", 15).volume, BKEY_VOLUME_FIXED);
}
