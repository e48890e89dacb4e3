/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault of one test. */
#include "tests/support/vault_box.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define TENANT_START 0x94, 0x5c, 0xae, 0x4d

void vault_box_open(vault_box *box)
{
    box->store = fake_store_new();
    fake_store_add_organization(box->store, "org-a", "A");
    fake_store_add_organization(box->store, "org-b", "B");
    fake_ports_init(&box->fake, box->store, 7);
    cr_assert(bkey_is_ok(bkey_slab_new(&box->slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&box->fake.ports, box->slab, &box->vault)));
    box->place = (bkey_place){
        box->vault,
        &box->fake.call,
        {{TENANT_START, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
        "org-a",
    };
    cr_assert(bkey_is_ok(bkey_vault_ensure(&box->place)));
}

void vault_box_close(vault_box *box)
{
    bkey_vault_free(&box->vault);
    cr_expect_eq(bkey_slab_used(box->slab), 0);
    bkey_slab_free(&box->slab);
    fake_store_free(box->store);
}

void vault_box_put(vault_box *box, const bkey_sealed *sealed)
{
    static unsigned number;
    char op_key[16];
    uint64_t rows = 0;
    size_t conflict = 0;
    bkey_item item = bkey_sealed_put(sealed);
    (void)snprintf(op_key, sizeof op_key, "op%u", number++);
    cr_assert(bkey_is_ok(
        box->fake.ports.apply(&box->fake, &box->fake.call, &item, 1, op_key, &rows, &conflict)));
}
