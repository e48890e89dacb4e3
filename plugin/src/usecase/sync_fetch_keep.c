/* SPDX-License-Identifier: Apache-2.0
 *
 * What came: a secret is sealed at once and committed with others in small batches, so that a
 * crash costs at most what is under way. A key that cannot be read is remembered in memory, so that
 * not every tick asks for it again. Must not know how requests are made. */
#include <string.h>

#include "graph/decode.h"
#include "state/held.h"
#include "usecase/sync_fetch.h"

/* What a read brought. */
typedef struct arrival {
    bkey_secret *secret;
    bool malformed;
} arrival;

static bkey_held_key *find_held(const bkey_sync *sync, const sup_guid *id)
{
    bkey_held_key *held = sync->held.items;
    for (size_t i = 0; i < sync->held.count; i++) {
        if (sup_guid_equal(&held[i].id, id))
            return &held[i];
    }
    return NULL;
}

bkey_err bkey_sync_fetch_keep_commit(bkey_sync_fetch *f)
{
    bkey_sync *sync = f->sync;
    bkey_err err = bkey_batch_apply(&sync->batch);
    for (size_t i = 0; bkey_is_ok(err) && i < f->fresh.count; i++) {
        const bkey_held_key *fresh = &((const bkey_held_key *)f->fresh.items)[i];
        bkey_held_key *held = fresh->meta_revision > 1 ? find_held(sync, &fresh->id) : NULL;
        if (held == NULL)
            held = bkey_vec_add(&sync->held);
        if (held == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *held = *fresh;
    }
    bkey_vec_clear(&f->fresh);
    if (bkey_is_ok(err))
        sync->corrected += f->corrected;
    f->corrected = 0;
    bkey_sync_preview_progress(sync, BKEY_PHASE_SECRETS, sync->counts.key_reads,
                               sync->plan.fetches);
    return err;
}

/* Puts what was sealed into the batch; rows[0] may be empty. */
static bkey_err put_rows(bkey_sync_fetch *f, const bkey_held_key *held, bkey_sealed rows[2])
{
    bkey_held_key *fresh = bkey_vec_add(&f->fresh);
    if (fresh == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *fresh = *held;
    if (rows[0].value != NULL)
        bkey_batch_put(&f->sync->batch, &rows[0]);
    bkey_batch_put(&f->sync->batch, &rows[1]);
    return bkey_ok();
}

static bkey_err is_held_already(const bkey_place *place, const bkey_held_key *held,
                                const arrival *came, bool *out_same)
{
    bkey_secret *told = NULL;
    bool malformed = false;
    bkey_err err = bkey_held_open_secret(place, &held->id, &told, &malformed);
    if (bkey_is_ok(err))
        *out_same = malformed == came->malformed && bkey_secret_same(told, came->secret);
    bkey_secret_free(&told);
    return err;
}

/* A key that somebody imported and that the source has too: from now on it has both origins. Where
 * the passwords differ the source's counts, which the device itself gave, unless it is none. */
static bkey_err confirm_key(bkey_sync_fetch *f, const bkey_held_key *told, const arrival *came)
{
    const bkey_place place = bkey_sync_state_place(f->sync, told->organization);
    bkey_held_key held = *told;
    bkey_sealed rows[2];
    bool same = false;
    memset(rows, 0, sizeof rows);
    held.origins |= BKEY_ORIGIN_ENTRA;
    bkey_err err = is_held_already(&place, told, came, &same);
    if (bkey_is_ok(err) && !same && !came->malformed) {
        held.flags = (uint8_t)(held.flags & ~BKEY_HELD_MALFORMED);
        err = bkey_held_seal_secret(&place, &held, came->secret, &rows[0]);
        held.secret_revision++;
        f->corrected++;
    }
    if (bkey_is_ok(err))
        err = bkey_held_seal(&place, &held, &rows[1]);
    held.meta_revision++;
    if (bkey_is_ok(err))
        err = put_rows(f, &held, rows);
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

/* Seals metadata and secret into the batch. The secret row is sealed first: the metadata names the
 * revision that it gets. */
static bkey_err seal_key(bkey_sync_fetch *f, const bkey_plan_key *key, const arrival *came)
{
    const bkey_place place = bkey_sync_state_place(f->sync, key->organization);
    bkey_held_key held = {.id = key->id,
                          .device_id = key->device_id,
                          .created_ms = key->created_ms,
                          .organization = key->organization,
                          .volume = key->volume};
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    held.flags = (uint8_t)(BKEY_HELD_SECRET | (came->malformed ? BKEY_HELD_MALFORMED : 0u));
    bkey_err err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_held_seal_secret(&place, &held, came->secret, &rows[0]);
    held.secret_revision = 1;
    if (bkey_is_ok(err))
        err = bkey_held_seal(&place, &held, &rows[1]);
    held.meta_revision = 1;
    if (bkey_is_ok(err))
        err = put_rows(f, &held, rows);
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

static bkey_recall_key name_key(const bkey_sync_fetch *f, const bkey_plan_key *key)
{
    return (bkey_recall_key){&f->sync->tenant, &key->id, bkey_sync_fetch_now(f),
                             BKEY_RECALL_SECRET};
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
    arrival came = {NULL, false};
    bkey_err err = bkey_decode_key(f->sync->slab, body, &key->id, &came.secret, &came.malformed);
    if (bkey_err_category(err) == BKEY_CAT_REMOTE) {
        bkey_sync_fetch_keep_out(f, key, true);
        return bkey_ok();
    }
    if (bkey_is_ok(err)) {
        const bkey_recall_key name = name_key(f, key);
        bkey_recall_forget(f->sync->recall, &name);
        f->sync->counts.key_reads++;
        const bool is_told = key->held != BKEY_NONE && (key->flags & BKEY_HELD_SECRET) != 0;
        const bkey_held_key *held = f->sync->held.items;
        err = is_told ? confirm_key(f, &held[key->held], &came) : seal_key(f, key, &came);
    }
    bkey_secret_free(&came.secret);
    return err;
}
