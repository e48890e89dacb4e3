/* SPDX-License-Identifier: Apache-2.0
 *
 * See rehome.h. */
#include "usecase/rehome.h"

#include <string.h>

#include "state/held.h"

static void add_rows(bkey_batch *batch, const bkey_place *from, const bkey_held_key *row,
                     const bkey_sealed rows[2])
{
    uint8_t keys[2][BKEY_STATE_KEY_LEN];
    bkey_held_row_keys(from, &row->id, keys[0], keys[1]);
    bkey_batch_remove(batch, keys[0], row->meta_revision);
    bkey_batch_remove(batch, keys[1], row->secret_revision);
    bkey_batch_put(batch, &rows[0]);
    bkey_batch_put(batch, &rows[1]);
}

bkey_err bkey_rehome_add(bkey_batch *batch, const bkey_place *from, const bkey_place *to,
                         const bkey_held_key *row)
{
    bkey_held_key moved = *row;
    bkey_secret *secret = NULL;
    bkey_sealed rows[2];
    bool malformed = false;
    memset(rows, 0, sizeof rows);
    bkey_err err = bkey_held_revisions(to, &moved.id, &moved.meta_revision, &moved.secret_revision);
    if (bkey_is_ok(err))
        err = bkey_held_open_secret(from, &moved.id, &secret, &malformed);
    if (bkey_is_ok(err))
        err = bkey_held_seal_secret(to, &moved, secret, &rows[0]);
    moved.secret_revision++;
    if (bkey_is_ok(err))
        err = bkey_held_seal(to, &moved, &rows[1]);
    if (bkey_is_ok(err))
        add_rows(batch, from, row, rows);
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    bkey_secret_free(&secret);
    return err;
}
