/* SPDX-License-Identifier: Apache-2.0 */
/* LINK: plugin/src/state/[a-z]*.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c tests/support/fake_store*.c
 * tests/support/fake_ports.c plugin/src/domain/tracked.c plugin/src/domain/escrow_status.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/src/state/device.h"
#include "tests/support/fake_ports.h"

static fake_store *store;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;
static bkey_place place;

static void begin(void)
{
    cr_assert(sodium_init() >= 0);
    store = fake_store_new();
    fake_ports_init(&fake, store, 1);
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    place = (bkey_place){vault, &fake.call, {{9}}, ""};
    cr_assert(bkey_is_ok(bkey_vault_ensure(&place)));
}

static void end(void)
{
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    fake_store_free(store);
}

TestSuite(device, .init = begin, .fini = end);

static void put(bkey_sealed *sealed)
{
    const bkey_item item = bkey_sealed_put(sealed);
    uint64_t rows = 0;
    size_t conflict = 0;
    static unsigned key;
    char op_key[16];
    (void)snprintf(op_key, sizeof op_key, "op-%u", key++);
    cr_assert(bkey_is_ok(fake_store_apply(store, &item, 1, op_key, &rows, &conflict)));
    bkey_sealed_done(sealed);
}

static unsigned found;
static char names[600];

static bkey_err take(void *context, const bkey_tracked *row)
{
    bkey_tracked *out = context;
    *out = *row;
    (void)snprintf(names, sizeof names, "%s|%s|%s", row->name, row->serial, row->organization_id);
    found++;
    return bkey_ok();
}

static bkey_tracked sample(void)
{
    bkey_tracked row = {.id = {{1, 2}},
                        .object_id = {{3}},
                        .successor = {{4}},
                        .name = "M\xc3\xbcller-PC",
                        .serial = "SER-1",
                        .organization_id = "org-a",
                        .presence_since_ms = 1,
                        .status_since_ms = 2,
                        .waiting_since_ms = 3,
                        .unknown_since_ms = 4,
                        .owner_changed_ms = 5,
                        .owner = 6,
                        .unheld = 7,
                        .presence = BKEY_PRESENCE_SOFT_DELETED,
                        .join = BKEY_JOIN_HYBRID,
                        .sources = 3,
                        .encryption = BKEY_ENCRYPTION_ON,
                        .backup = 2,
                        .status = BKEY_ESCROW_FAILED,
                        .why = BKEY_ESCROW_WHY_NO_NETWORK,
                        .is_stale = true};
    return row;
}

Test(device, what_is_remembered_comes_back)
{
    const bkey_tracked row = sample();
    bkey_tracked back;
    bkey_sealed sealed = {.value = NULL};
    found = 0;
    cr_assert(bkey_is_ok(bkey_device_seal(&place, &row, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_device_scan(&place, take, &back)));
    cr_assert_eq(found, 1);
    cr_expect_str_eq(names, "M\xc3\xbcller-PC|SER-1|org-a");
    cr_expect_eq(back.revision, 1);
    back.name = row.name;
    back.serial = row.serial;
    back.organization_id = row.organization_id;
    cr_expect(bkey_tracked_same(&row, &back));
    cr_expect_not(fake_store_contains(store, "SER-1", 5));
    cr_expect_not(fake_store_contains(store, "ller-PC", 7));
}

Test(device, sources_are_no_device)
{
    bkey_sources *sources = calloc(1, sizeof *sources);
    bkey_tracked back;
    bkey_sealed sealed = {.value = NULL};
    found = 0;
    cr_assert(bkey_is_ok(bkey_device_sources_get(&place, sources)));
    cr_expect_eq(sources->revision, 0);
    sources->entra_unknown_since_ms = 11;
    sources->report_unknown_since_ms = 12;
    sources->link_ms = 13;
    memset(sources->link, 'x', sizeof sources->link - 1);
    cr_assert(bkey_is_ok(bkey_device_sources_seal(&place, sources, &sealed)));
    put(&sealed);
    memset(sources, 0, sizeof *sources);
    cr_assert(bkey_is_ok(bkey_device_sources_get(&place, sources)));
    cr_expect_eq(sources->revision, 1);
    cr_expect_eq(sources->entra_unknown_since_ms, 11);
    cr_expect_eq(sources->report_unknown_since_ms, 12);
    cr_expect_eq(sources->link_ms, 13);
    cr_expect_eq(strlen(sources->link), sizeof sources->link - 1);
    cr_assert(bkey_is_ok(bkey_device_scan(&place, take, &back)));
    cr_expect_eq(found, 0);
    free(sources);
}

/* A cut between two bytes of one character would be no text any more. */
Test(device, long_names_are_cut_between_characters)
{
    char name[600] = "";
    char out[8];
    for (size_t i = 0; i < 250; i++)
        (void)strncat(name, "\xc3\xa4", sizeof name - strlen(name) - 1);
    bkey_device_cut(name, out, sizeof out);
    cr_expect_str_eq(out, "\xc3\xa4\xc3\xa4\xc3\xa4");
    bkey_device_cut("short", out, sizeof out);
    cr_expect_str_eq(out, "short");
    bkey_tracked row = sample();
    bkey_tracked back;
    bkey_sealed sealed = {.value = NULL};
    row.name = name;
    cr_assert(bkey_is_ok(bkey_device_seal(&place, &row, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_device_scan(&place, take, &back)));
    cr_expect_eq(strcspn(names, "|"), 254);
}
