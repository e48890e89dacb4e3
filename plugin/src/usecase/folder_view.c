/* SPDX-License-Identifier: Apache-2.0
 *
 * How a page of the managed folder is decorated. Must not read anything but the row. */
#include "usecase/folder_view.h"

#include <stdio.h>

#include "domain/view.h"
#include "domain/volume.h"
#include "support/iso8601.h"

#define STALE_SIZE 128u

bkey_err bkey_folder_view_hide(bkey_folder_sink sink, void *context)
{
    const bkey_folder_item item = {BKEY_FOLDER_HIDE, 0, false, "", ""};
    return sink(context, &item);
}

bkey_err bkey_folder_view_stale(int64_t since_ms, uint32_t row_count, bkey_folder_sink sink,
                                void *context)
{
    char at[SUP_ISO8601_TEXT_SIZE] = "";
    char notice[STALE_SIZE];
    char badge[STALE_SIZE];
    const char *since = since_ms > 0 ? " since " : "";
    if (since_ms > 0)
        sup_iso8601_format(since_ms, at);
    (void)snprintf(notice, sizeof notice,
                   "These keys are not being updated%s%s: the setting sync_bitlocker_keys is off.",
                   since, at);
    (void)snprintf(badge, sizeof badge, "not being updated%s%s", since, at);
    const bkey_folder_item head = {BKEY_FOLDER_NOTICE, 0, true, "", notice};
    bkey_err err = sink(context, &head);
    for (uint32_t i = 0; bkey_is_ok(err) && i < row_count; i++) {
        const bkey_folder_item mark = {BKEY_FOLDER_BADGE, i, true, "", badge};
        err = sink(context, &mark);
    }
    return err;
}

static bkey_err put_badges(uint32_t row, const bkey_view_facts *facts, bkey_folder_sink sink,
                           void *context)
{
    const struct {
        bool shown;
        const char *badge;
    } badges[] = {{facts->malformed, "malformed"},
                  {facts->unnamed, "unnamed"},
                  {facts->detached, "configuration gone"},
                  {(facts->origins & BKEY_ORIGIN_AD) != 0, bkey_origin_is_listed(facts->origins)
                                                               ? "also in Active Directory"
                                                               : "from Active Directory"},
                  {(facts->origins & BKEY_ORIGIN_PERSON) != 0,
                   bkey_origin_is_listed(facts->origins) ? "also typed by hand" : "typed by hand"}};
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < sizeof badges / sizeof badges[0]; i++) {
        const bkey_folder_item item = {BKEY_FOLDER_BADGE, row, true, "", badges[i].badge};
        if (badges[i].shown)
            err = sink(context, &item);
    }
    return err;
}

bkey_err bkey_folder_view_row(const bkey_folder_row *row, bkey_folder_sink sink, void *context)
{
    const bkey_view_facts facts = bkey_view_data_parse(row->data, row->data_len);
    const uint8_t lineage = bkey_view_tag_parse(row->tag, row->tag_len);
    const bkey_folder_item volume = {BKEY_FOLDER_CELL, row->index, false, "volume",
                                     bkey_volume_word(facts.volume)};
    const bkey_folder_item state = {BKEY_FOLDER_CELL, row->index, lineage == BKEY_LINEAGE_GONE,
                                    "state", bkey_view_tag((bkey_lineage)lineage)};
    bkey_err err = sink(context, &volume);
    if (bkey_is_ok(err))
        err = sink(context, &state);
    return bkey_is_ok(err) ? put_badges(row->index, &facts, sink, context) : err;
}
