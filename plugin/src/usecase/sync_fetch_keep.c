/* SPDX-License-Identifier: Apache-2.0
 *
 * What came: a secret is sealed at once and committed with others in small batches, so that a
 * crash costs at most what is under way. A key that cannot be read is remembered in memory, so that
 * not every tick asks for it again. Must not know how requests are made. */
#include <string.h>

#include "graph/decode.h"
#include "state/held.h"
#include "usecase/sync_fetch.h"

bkey_err bkey_sync_fetch_keep_commit(bkey_sync_fetch *f)
{
    bkey_sync *sync = f->sync;
    bkey_err err = bkey_batch_apply(&sync->batch);
    for (size_t i = 0; bkey_is_ok(err) && i < f->fresh.count; i++) {
        bkey_held_key *held = bkey_vec_add(&sync->held);
        if (held == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *held = ((const bkey_held_key *)f->fresh.items)[i];
    }
    bkey_vec_clear(&f->fresh);
    bkey_sync_preview_progress(sync, BKEY_PHASE_SECRETS, sync->counts.key_reads,
                               sync->plan.fetches);
    return err;
}

/* Seals metadata and secret into the batch. The secret row is sealed first: the metadata names the
 * revision that it gets. */
static bkey_err seal_key(bkey_sync_fetch *f, const bkey_plan_key *key, bkey_secret *secret,
                         bool malformed)
{
    const bkey_place place = bkey_sync_state_place(f->sync, key->organization);
    bkey_held_key held = {.id = key->id,
                          .device_id = key->device_id,
                          .created_ms = key->created_ms,
                          .organization = key->organization,
                          .volume = key->volume};
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    held.flags = (uint8_t)(BKEY_HELD_SECRET | (malformed ? BKEY_HELD_MALFORMED : 0u));
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_held_seal_secret(&place, &held, secret, &rows[0]);
    held.secret_revision = 1;
    if (bkey_is_ok(err))
        err = bkey_held_seal(&place, &held, &rows[1]);
    held.meta_revision = 1;
    bkey_held_key *fresh = bkey_is_ok(err) ? bkey_vec_add(&f->fresh) : NULL;
    if (fresh != NULL) {
        *fresh = held;
        bkey_batch_put(&f->sync->batch, &rows[0]);
        bkey_batch_put(&f->sync->batch, &rows[1]);
    } else if (bkey_is_ok(err)) {
        err = bkey_fail(BKEY_E_NOMEM);
    }
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

static bkey_recall_key name_key(const bkey_sync_fetch *f, const bkey_plan_key *key)
{
    return (bkey_recall_key){&f->sync->tenant, &key->id, bkey_sync_fetch_now(f)};
}

void bkey_sync_fetch_keep_out(bkey_sync_fetch *f, const bkey_plan_key *key, bool lasts)
{
    const bkey_recall_key name = name_key(f, key);
    f->sync->unread++;
    if (lasts)
        bkey_recall_failed(f->sync->recall, &name);
}

bkey_err bkey_sync_fetch_keep(bkey_sync_fetch *f, const bkey_plan_key *key, bkey_bytes body)
{
    bkey_secret *secret = NULL;
    bool malformed = false;
    bkey_err err = bkey_decode_key(f->sync->slab, body, &key->id, &secret, &malformed);
    if (bkey_err_category(err) == BKEY_CAT_REMOTE) {
        bkey_sync_fetch_keep_out(f, key, true);
        return bkey_ok();
    }
    if (bkey_is_ok(err)) {
        const bkey_recall_key name = name_key(f, key);
        bkey_recall_forget(f->sync->recall, &name);
        f->sync->counts.key_reads++;
        err = seal_key(f, key, secret, malformed);
    }
    bkey_secret_free(&secret);
    return err;
}
