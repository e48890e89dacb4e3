/* SPDX-License-Identifier: Apache-2.0 */
/* LINK: plugin/src/domain/tracked.c plugin/src/domain/escrow_status.c host-sdk/support/guid.c
   host-sdk/support/hex.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/tracked.h"

#define DAY_MS (INT64_C(86400) * 1000)
#define NOW (INT64_C(1787216400000))

static const sup_guid ID = {{1}};
static const sup_guid OBJECT = {{2}};
static const sup_guid OTHER = {{3}};

static bkey_device both(void)
{
    bkey_device device = {.id = ID,
                          .object_id = OBJECT,
                          .name = "PC",
                          .serial = "SER-1",
                          .manufacturer = "",
                          .model = "",
                          .owner = 7,
                          .join = BKEY_JOIN_ENTRA,
                          .sources = BKEY_SOURCE_INTUNE | BKEY_SOURCE_ENTRA,
                          .encryption = BKEY_ENCRYPTION_ON};
    return device;
}

static bkey_tracked_keys one_key(void)
{
    return (bkey_tracked_keys){
        .device_id = ID, .newest_ms = NOW, .os_held = true, .os_listed = true};
}

static bkey_tracked_news news_of(const bkey_device *device, const bkey_tracked_keys *keys)
{
    bkey_tracked_news news = {.device = device,
                              .keys = keys,
                              .organization_id = "org-a",
                              .intune_complete = true,
                              .entra_complete = true,
                              .report_complete = true,
                              .now_ms = NOW};
    return news;
}

static bkey_tracked known(void)
{
    const bkey_device device = both();
    const bkey_tracked_keys keys = one_key();
    const bkey_tracked_news news = news_of(&device, &keys);
    return bkey_tracked_update(NULL, &news);
}

/* The rule of an unchanged source: the same news, later, say the same. */
Test(tracked, unchanged_news_change_nothing)
{
    const bkey_device device = both();
    const bkey_tracked_keys keys = one_key();
    bkey_tracked_news news = news_of(&device, &keys);
    const bkey_tracked before = bkey_tracked_update(NULL, &news);
    cr_expect_eq(before.presence, BKEY_PRESENCE_LISTED);
    cr_expect_eq(before.status, BKEY_ESCROW_ESCROWED);
    news.now_ms += 400 * DAY_MS;
    const bkey_tracked after = bkey_tracked_update(&before, &news);
    cr_expect(bkey_tracked_same(&before, &after));
}

Test(tracked, waiting_for_a_key_has_an_end)
{
    /* S2.29 */
    const bkey_device device = both();
    bkey_tracked_news news = news_of(&device, NULL);
    bkey_tracked row = bkey_tracked_update(NULL, &news);
    cr_expect_eq(row.status, BKEY_ESCROW_PENDING);
    news.now_ms += BKEY_ESCROW_GRACE_MS;
    row = bkey_tracked_update(&row, &news);
    cr_expect_eq(row.status, BKEY_ESCROW_PENDING);
    cr_expect_eq(row.status_since_ms, NOW);
    news.now_ms++;
    row = bkey_tracked_update(&row, &news);
    cr_expect_eq(row.status, BKEY_ESCROW_FAILED);
    cr_expect_eq(row.status_since_ms, news.now_ms);
}

/* S3.49: nothing but a complete list of the directory says that a device is gone. */
Test(tracked, only_complete_listings_prove_a_departure)
{
    const bkey_tracked before = known();
    const bkey_device managed = {.id = ID,
                                 .name = "PC",
                                 .serial = "",
                                 .manufacturer = "",
                                 .model = "",
                                 .sources = BKEY_SOURCE_INTUNE};
    for (unsigned i = 0; i < 8; i++) {
        bkey_tracked_news news = news_of((i & 4) != 0 ? &managed : NULL, NULL);
        news.intune_complete = (i & 1) != 0;
        news.entra_complete = (i & 2) != 0;
        const bkey_tracked after = bkey_tracked_update(&before, &news);
        cr_expect_eq(bkey_tracked_is_gone(&after), news.entra_complete, "case %u", i);
    }
}

Test(tracked, a_departure_has_a_kind_and_days)
{
    bkey_tracked_news news = news_of(NULL, NULL);
    const bkey_tracked before = known();
    news.removal = BKEY_PRESENCE_SOFT_DELETED;
    bkey_tracked row = bkey_tracked_update(&before, &news);
    cr_expect_eq(row.presence, BKEY_PRESENCE_SOFT_DELETED);
    cr_expect_eq(bkey_tracked_days_left(&row, NOW), 30);
    cr_expect_eq(bkey_tracked_days_left(&row, NOW + DAY_MS), 29);
    cr_expect_eq(bkey_tracked_days_left(&row, NOW - DAY_MS), 30);
    cr_expect_eq(bkey_tracked_days_left(&row, NOW + 30 * DAY_MS), 0);
    news.removal = 0;
    news.now_ms += DAY_MS;
    bkey_tracked same = bkey_tracked_update(&row, &news);
    cr_expect(bkey_tracked_same(&row, &same), "what the directory forgot to repeat still holds");
    news.removal = BKEY_PRESENCE_HARD_DELETED;
    row = bkey_tracked_update(&row, &news);
    cr_expect_eq(row.presence, BKEY_PRESENCE_HARD_DELETED);
    cr_expect_eq(row.presence_since_ms, NOW);
    cr_expect_eq(bkey_tracked_days_left(&row, NOW), -1);
}

Test(tracked, facts_that_end_keep_their_last_value)
{
    const bkey_device silent = {.id = ID,
                                .name = "",
                                .serial = "",
                                .manufacturer = "",
                                .model = "",
                                .sources = BKEY_SOURCE_ENTRA};
    const bkey_tracked_keys keys = one_key();
    bkey_tracked before = known();
    before.backup = BKEY_BACKUP_FAILED;
    bkey_tracked_news news = news_of(&silent, &keys);
    news.report_complete = false;
    news.intune_complete = false;
    news.now_ms += DAY_MS;
    const bkey_tracked after = bkey_tracked_update(&before, &news);
    cr_expect_str_eq(after.name, "PC");
    cr_expect_str_eq(after.serial, "SER-1");
    cr_expect_eq(after.join, BKEY_JOIN_ENTRA);
    cr_expect_eq(after.encryption, BKEY_ENCRYPTION_ON);
    cr_expect_eq(after.unknown_since_ms, news.now_ms);
    cr_expect_eq(after.status, BKEY_ESCROW_FAILED);
}

Test(tracked, a_new_owner_counts_until_a_newer_key)
{
    /* S3.37 */
    bkey_device device = both();
    bkey_tracked_keys keys = one_key();
    const bkey_tracked before = known();
    bkey_tracked_news news = news_of(&device, &keys);
    device.owner = 0;
    bkey_tracked row = bkey_tracked_update(&before, &news);
    cr_expect(bkey_tracked_same(&before, &row));
    device.owner = 8;
    news.now_ms += DAY_MS;
    row = bkey_tracked_update(&before, &news);
    cr_expect_eq(row.why, BKEY_ESCROW_WHY_OWNER_CHANGED);
    keys.newest_ms = news.now_ms + 1;
    row = bkey_tracked_update(&row, &news);
    cr_expect_eq(row.why, BKEY_ESCROW_WHY_HELD);
}

Test(tracked, a_machine_set_up_anew_names_its_successor)
{
    const bkey_device device = both();
    const bkey_tracked before = known();
    bkey_tracked_news news = news_of(NULL, NULL);
    news.successor = &OTHER;
    const bkey_tracked gone = bkey_tracked_update(&before, &news);
    cr_expect(sup_guid_equal(&gone.successor, &OTHER));
    news.device = &device;
    const bkey_tracked back = bkey_tracked_update(&gone, &news);
    cr_expect(sup_guid_is_zero(&back.successor), "it is managed under its own id");
}

Test(tracked, words_are_there_for_every_value)
{
    for (uint8_t i = 0; i < BKEY_JOIN_COUNT; i++)
        cr_expect_str_not_empty(bkey_tracked_join_name(i));
    for (uint8_t i = 0; i < BKEY_PRESENCE_COUNT; i++)
        cr_expect_str_not_empty(bkey_tracked_presence_name(i));
    cr_expect_str_eq(bkey_tracked_join_name(99), "unknown");
    cr_expect_str_eq(bkey_tracked_presence_name(99), "unknown");
}

/* D3: a row of the listing that cannot be read may be a key of any device. */
Test(tracked, an_unreadable_key_may_be_of_any_device)
{
    const bkey_device device = both();
    bkey_tracked_news news = {.device = &device,
                              .organization_id = "org",
                              .intune_complete = true,
                              .entra_complete = true,
                              .keys_unreadable = true,
                              .now_ms = NOW};
    const bkey_tracked doubtful = bkey_tracked_update(NULL, &news);
    cr_expect_eq(doubtful.unheld, 1);
    news.keys_unreadable = false;
    cr_expect_eq(bkey_tracked_update(&doubtful, &news).unheld, 0);
}
