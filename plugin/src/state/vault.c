/* SPDX-License-Identifier: Apache-2.0
 *
 * See vault.h. Must not know what is sealed. */
#include "state/vault.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "state/canary.h"
#include "state/places.h"
#include "state/vault_cache.h"
#include "state/wrap.h"
#include "support/hex.h"

_Static_assert(BKEY_VAULT_WRAP_LEN == BKEY_WRAP_LEN, "one length of a wrapped key");

#define OP_KEY_RANDOM 16u

struct bkey_vault {
    const bkey_ports *ports;
    bkey_slab *slab;
    bkey_secret *index;
    bkey_vault_cache *cache;
};

static const bkey_bytes no_id = {NULL, 0};

static void wrapped_row(const bkey_place *place, uint8_t out[BKEY_STATE_KEY_LEN])
{
    bkey_vault_row_key(place, BKEY_KIND_WRAPPED, no_id, out);
}

bkey_err bkey_vault_new(const bkey_ports *ports, bkey_slab *slab, bkey_vault **out_vault)
{
    bkey_vault *vault = calloc(1, sizeof *vault);
    if (vault == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    vault->ports = ports;
    vault->slab = slab;
    bkey_err err = bkey_secret_new(slab, BKEY_SYMMETRIC_LEN, &vault->index);
    if (bkey_is_ok(err))
        err = bkey_vault_cache_new(slab, &vault->cache);
    if (!bkey_is_ok(err))
        goto out;
    uint8_t *keys = bkey_secret_borrow(vault->index);
    err = ports->derive(ports->self, "state-index/1", 0, keys, BKEY_SYMMETRIC_LEN);
    char slot[BKEY_SLOT_NAME_SIZE];
    bkey_keys_slot(keys, "", slot);
    bkey_secret_return(vault->index);
    if (bkey_is_ok(err))
        err = ports->slot_make(ports->self, slot);
    if (bkey_is_ok(err))
        err = ports->slot_make(ports->self, BKEY_VAULT_SIGN_SLOT);
out:
    if (bkey_is_ok(err))
        *out_vault = vault;
    else
        bkey_vault_free(&vault);
    return err;
}

void bkey_vault_free(bkey_vault **vault)
{
    if (vault == NULL || *vault == NULL)
        return;
    bkey_vault_cache_free(&(*vault)->cache);
    bkey_secret_free(&(*vault)->index);
    free(*vault);
    *vault = NULL;
}

void bkey_vault_forget(bkey_vault *vault)
{
    bkey_vault_cache_forget(vault->cache);
}

static void get_names(const bkey_place *place, bkey_place_names *out_names)
{
    if (bkey_vault_cache_names(place->vault->cache, place, out_names))
        return;
    bkey_keys_names(bkey_secret_borrow(place->vault->index), &place->tenant, place->organization_id,
                    out_names);
    bkey_secret_return(place->vault->index);
}

/* The organization's id fits: a wrapping key was made for it. */
static void keep_key(const bkey_place *place, const uint8_t *data_key)
{
    bkey_place_names names;
    get_names(place, &names);
    bkey_vault_cache_put(place->vault->cache, place, &names, data_key);
}

/* The wrapped row's value is small and fixed; more than one byte over tells that it is odd. */
typedef struct stored_row {
    uint8_t value[BKEY_WRAP_LEN + 1];
    size_t len;
    uint64_t revision;
} stored_row;

static bkey_err keep_row(void *context, const bkey_state_row *row)
{
    stored_row *kept = context;
    if (row->tombstone)
        return bkey_fail(BKEY_E_NO_STATE);
    kept->len = row->value.len < sizeof kept->value ? row->value.len : sizeof kept->value;
    if (kept->len > 0)
        memcpy(kept->value, row->value.ptr, kept->len);
    kept->revision = row->revision;
    return bkey_ok();
}

static bkey_err make_wrapping_key(const bkey_place *place, uint32_t generation, uint8_t *out)
{
    const bkey_ports *ports = place->vault->ports;
    uint8_t slot_key[32];
    uint8_t generation_key[32];
    char slot[BKEY_SLOT_NAME_SIZE];
    if (strlen(place->organization_id) > BKEY_ORGANIZATION_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    const uint8_t *keys = bkey_secret_borrow(place->vault->index);
    bkey_keys_slot(keys, place->organization_id, slot);
    bkey_secret_return(place->vault->index);
    bkey_err err = ports->slot_get(ports->self, slot, slot_key);
    if (bkey_is_ok(err))
        err = ports->derive(ports->self, "state-kek/1", generation, generation_key,
                            sizeof generation_key);
    if (bkey_is_ok(err))
        bkey_keys_wrapping(generation_key, place->organization_id, slot_key, out);
    sodium_memzero(slot_key, sizeof slot_key);
    sodium_memzero(generation_key, sizeof generation_key);
    return err;
}

static bkey_err open_wrapped(const bkey_place *place, const stored_row *stored, uint8_t *out)
{
    uint8_t row[BKEY_STATE_KEY_LEN];
    uint8_t wrapping[BKEY_SYMMETRIC_LEN];
    uint32_t generation = 0;
    wrapped_row(place, row);
    bkey_err err = bkey_wrap_generation((bkey_bytes){stored->value, stored->len}, &generation);
    if (bkey_is_ok(err))
        err = make_wrapping_key(place, generation, wrapping);
    if (!bkey_is_ok(err))
        return err;
    bkey_wrap_context context = {.tenant = &place->tenant,
                                 .organization_id = place->organization_id,
                                 .row = row,
                                 .revision = stored->revision};
    err = bkey_wrap_open(wrapping, &context, (bkey_bytes){stored->value, stored->len}, out);
    sodium_memzero(wrapping, sizeof wrapping);
    return err;
}

static bkey_err load_key(const bkey_place *place, const uint8_t row[BKEY_STATE_KEY_LEN],
                         uint8_t *out)
{
    const bkey_ports *ports = place->vault->ports;
    stored_row stored = {.len = 0};
    bkey_bytes key = {row, BKEY_STATE_KEY_LEN};
    bkey_err err = ports->state_get(ports->self, place->call, key, keep_row, &stored);
    if (bkey_is_ok(err))
        err = open_wrapped(place, &stored, out);
    if (bkey_is_ok(err))
        keep_key(place, out);
    return err;
}

bkey_err bkey_vault_data_key(const bkey_place *place, bkey_secret **out_key)
{
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_secret *key = NULL;
    bkey_err err = bkey_secret_new(place->vault->slab, BKEY_SYMMETRIC_LEN, &key);
    if (!bkey_is_ok(err))
        return err;
    uint8_t *bytes = bkey_secret_borrow(key);
    if (!bkey_vault_cache_take(place->vault->cache, place, bytes)) {
        wrapped_row(place, row);
        err = load_key(place, row, bytes);
    }
    bkey_secret_return(key);
    if (bkey_is_ok(err))
        *out_key = key;
    else
        bkey_secret_free(&key);
    return err;
}

static bkey_err make_slot(const bkey_place *place)
{
    const bkey_ports *ports = place->vault->ports;
    uint8_t present[32];
    char slot[BKEY_SLOT_NAME_SIZE];
    const uint8_t *keys = bkey_secret_borrow(place->vault->index);
    bkey_keys_slot(keys, place->organization_id, slot);
    bkey_secret_return(place->vault->index);
    /* Asking first lets the hook lane, which may not make slots, use those that exist. */
    bkey_err err = ports->slot_get(ports->self, slot, present);
    sodium_memzero(present, sizeof present);
    return bkey_is_ok(err) ? err : ports->slot_make(ports->self, slot);
}

static bkey_err wrap_key(const bkey_place *place, uint32_t generation, uint64_t revision,
                         const uint8_t *data_key, uint8_t out[BKEY_WRAP_LEN])
{
    const bkey_ports *ports = place->vault->ports;
    uint8_t row[BKEY_STATE_KEY_LEN];
    uint8_t wrapping[BKEY_SYMMETRIC_LEN];
    uint8_t nonce[BKEY_WRAP_NONCE_LEN];
    bkey_err err = make_wrapping_key(place, generation, wrapping);
    if (!bkey_is_ok(err))
        return err;
    wrapped_row(place, row);
    const bkey_wrap_context context = {.tenant = &place->tenant,
                                       .organization_id = place->organization_id,
                                       .row = row,
                                       .revision = revision,
                                       .generation = generation};
    ports->random(ports->self, nonce, sizeof nonce);
    bkey_wrap_seal(wrapping, &context, nonce, data_key, out);
    sodium_memzero(wrapping, sizeof wrapping);
    return bkey_ok();
}

static bkey_err apply_items(const bkey_place *place, const bkey_item *items, size_t count)
{
    const bkey_ports *ports = place->vault->ports;
    uint8_t random[OP_KEY_RANDOM];
    char op_key[OP_KEY_RANDOM * 2 + 1];
    uint64_t rows = 0;
    size_t conflict = 0;
    ports->random(ports->self, random, sizeof random);
    sup_hex_format(random, sizeof random, op_key);
    bkey_err err = ports->apply(ports->self, place->call, items, count, op_key, &rows, &conflict);
    if (bkey_is(err, BKEY_E_UNKNOWN_OUTCOME))
        err = ports->apply(ports->self, place->call, items, count, op_key, &rows, &conflict);
    return err;
}

/* Writes a fresh data key, wrapped, with its canary and its place. CONFLICT: somebody else was
 * first. */
static bkey_err write_key(const bkey_place *place, const uint8_t row[BKEY_STATE_KEY_LEN],
                          bkey_secret *data_key)
{
    const bkey_ports *ports = place->vault->ports;
    const bool is_root = bkey_places_is_root(place);
    uint8_t value[BKEY_WRAP_LEN];
    bkey_sealed canary = {.value = NULL};
    bkey_sealed named = {.value = NULL};
    bkey_err err =
        wrap_key(place, ports->generation(ports->self), 1, bkey_secret_borrow(data_key), value);
    bkey_secret_return(data_key);
    if (bkey_is_ok(err))
        err = bkey_canary_seal(place, data_key, &canary);
    if (bkey_is_ok(err) && !is_root)
        err = bkey_places_seal(place, &named);
    if (bkey_is_ok(err)) {
        const bkey_item wrapped = {.kind = BKEY_ITEM_STATE_PUT,
                                   .key = {row, BKEY_STATE_KEY_LEN},
                                   .value = {value, sizeof value}};
        const bkey_item items[] = {wrapped, bkey_sealed_put(&canary), bkey_sealed_put(&named)};
        err = apply_items(place, items, is_root ? 2 : 3);
    }
    bkey_sealed_done(&named);
    bkey_sealed_done(&canary);
    return err;
}

/* Whoever else makes it first is obeyed. */
static bkey_err make_key(const bkey_place *place)
{
    const bkey_ports *ports = place->vault->ports;
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_secret *made = NULL;
    bkey_err err = make_slot(place);
    if (bkey_is_ok(err))
        err = bkey_secret_new(place->vault->slab, BKEY_SYMMETRIC_LEN, &made);
    if (!bkey_is_ok(err))
        return err;
    wrapped_row(place, row);
    uint8_t *bytes = bkey_secret_borrow(made);
    ports->random(ports->self, bytes, BKEY_SYMMETRIC_LEN);
    err = write_key(place, row, made);
    if (bkey_is(err, BKEY_E_CONFLICT))
        err = load_key(place, row, bytes);
    else if (bkey_is_ok(err))
        keep_key(place, bytes);
    bkey_secret_return(made);
    bkey_secret_free(&made);
    return err;
}

static bkey_err read_wrapped(const bkey_place *place, const uint8_t row[BKEY_STATE_KEY_LEN],
                             stored_row *out)
{
    const bkey_ports *ports = place->vault->ports;
    const bkey_bytes key = {row, BKEY_STATE_KEY_LEN};
    return ports->state_get(ports->self, place->call, key, keep_row, out);
}

bkey_err bkey_vault_generation(const bkey_place *place, uint32_t *out_generation)
{
    uint8_t row[BKEY_STATE_KEY_LEN];
    stored_row stored = {.len = 0};
    wrapped_row(place, row);
    bkey_err err = read_wrapped(place, row, &stored);
    if (bkey_is_ok(err))
        err = bkey_wrap_generation((bkey_bytes){stored.value, stored.len}, out_generation);
    return err;
}

bkey_err bkey_vault_rewrap(const bkey_place *place, uint32_t generation, bkey_rewrapped *out_row)
{
    uint8_t row[BKEY_STATE_KEY_LEN];
    stored_row stored = {.len = 0};
    bkey_secret *key = NULL;
    bkey_rewrapped made;
    bkey_err err = bkey_secret_new(place->vault->slab, BKEY_SYMMETRIC_LEN, &key);
    if (!bkey_is_ok(err))
        return err;
    wrapped_row(place, row);
    uint8_t *bytes = bkey_secret_borrow(key);
    err = read_wrapped(place, row, &stored);
    /* Opened from the store, not taken from the cache: what is wrapped anew must be what lies
     * there. */
    if (bkey_is_ok(err))
        err = open_wrapped(place, &stored, bytes);
    if (bkey_is_ok(err))
        err = wrap_key(place, generation, stored.revision + 1, bytes, made.value);
    bkey_secret_return(key);
    bkey_secret_free(&key);
    if (bkey_is_ok(err)) {
        memcpy(made.key, row, sizeof made.key);
        made.expect_revision = stored.revision;
        *out_row = made;
    }
    return err;
}

static bkey_err load_known(const bkey_place *place)
{
    bkey_secret *key = NULL;
    bkey_err err = bkey_vault_cache_has(place->vault->cache, place)
                       ? bkey_ok()
                       : bkey_vault_data_key(place, &key);
    bkey_secret_free(&key);
    return err;
}

bkey_err bkey_vault_ensure(const bkey_place *place)
{
    const bkey_place root = {.vault = place->vault, .call = place->call, .organization_id = ""};
    bkey_err err = load_known(place);
    if (!bkey_is(err, BKEY_E_NO_STATE))
        return err;
    /* The names of places lie under the root place's key. */
    if (!bkey_places_is_root(place)) {
        err = load_known(&root);
        if (bkey_is(err, BKEY_E_NO_STATE))
            err = make_key(&root);
        if (!bkey_is_ok(err))
            return err;
    }
    return make_key(place);
}

void bkey_vault_row_key(const bkey_place *place, uint8_t kind, bkey_bytes id,
                        uint8_t out[BKEY_STATE_KEY_LEN])
{
    bkey_vault_prefix(place, kind, out);
    bkey_keys_row_end(bkey_secret_borrow(place->vault->index), &place->tenant, id,
                      out + BKEY_PREFIX_LEN);
    bkey_secret_return(place->vault->index);
}

void bkey_vault_prefix(const bkey_place *place, uint8_t kind, uint8_t out[BKEY_PREFIX_LEN])
{
    bkey_place_names names;
    get_names(place, &names);
    out[0] = kind;
    memcpy(out + 1, names.organization, sizeof names.organization);
}

void bkey_vault_tag(const bkey_place *place, uint8_t out[BKEY_KEY_TAG_LEN])
{
    bkey_place_names names;
    get_names(place, &names);
    memcpy(out, names.tag, sizeof names.tag);
}

const bkey_ports *bkey_vault_ports(const bkey_vault *vault)
{
    return vault->ports;
}

bkey_slab *bkey_vault_slab(const bkey_vault *vault)
{
    return vault->slab;
}
