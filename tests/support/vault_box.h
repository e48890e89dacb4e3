/* SPDX-License-Identifier: Apache-2.0
 *
 * A vault over a store in memory, and one place in it that has its data key. For tests only. */
#ifndef TEST_VAULT_BOX_H
#define TEST_VAULT_BOX_H

#include "plugin/src/state/seal.h"
#include "tests/support/fake_ports.h"

typedef struct vault_box {
    fake_store *store; /* organizations "org-a" and "org-b" */
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_place place; /* of a tenant and "org-a" */
} vault_box;

void vault_box_open(vault_box *box);
/* Expects that no secret is left. */
void vault_box_close(vault_box *box);
/* Writes what was sealed. */
void vault_box_put(vault_box *box, const bkey_sealed *sealed);

#endif
