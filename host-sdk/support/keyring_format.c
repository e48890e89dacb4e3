/* SPDX-License-Identifier: Apache-2.0
 *
 * See keyring_format.h. */
#include "support/keyring_format.h"

#include <string.h>

#define FIXED_HEAD 16u
#define SEAL_FIXED 49u
#define ROOT_LEN (4u + SUP_KEYRING_KEY_LEN)

static const uint8_t magic[8] = {'D', 'P', 'H', 'K', 'E', 'Y', 'R', '1'};

typedef struct cursor {
    const uint8_t *ptr;
    size_t left;
    bool ok;
} cursor;

static const uint8_t *take(cursor *c, size_t len)
{
    const uint8_t *at = c->ptr;
    c->ok = c->ok && c->left >= len;
    if (!c->ok)
        return NULL;
    c->ptr += len;
    c->left -= len;
    return at;
}

static uint64_t read_number(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; bytes != NULL && i < count; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static uint64_t take_number(cursor *c, size_t count)
{
    return read_number(take(c, count), count);
}

int sup_keyring_format_of(const uint8_t *bytes, size_t len, uint32_t *out_format)
{
    if (len < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return SUP_KEYRING_FOREIGN;
    if (len < FIXED_HEAD)
        return SUP_KEYRING_DAMAGED;
    uint64_t format = read_number(bytes + 8, 4);
    uint64_t second = read_number(bytes + 12, 4);
    if (format > SUP_KEYRING_SEALED || (format == SUP_KEYRING_PLAIN && second != 0) ||
        (format == SUP_KEYRING_SEALED && second > SUP_KEYRING_BY_SHARES))
        return SUP_KEYRING_NEWER;
    if (format == 0 || (format == SUP_KEYRING_SEALED && second == 0))
        return SUP_KEYRING_DAMAGED;
    *out_format = (uint32_t)format;
    return SUP_KEYRING_OK;
}

static int check_format(const uint8_t *bytes, size_t len, uint32_t wanted)
{
    uint32_t format = 0;
    int result = sup_keyring_format_of(bytes, len, &format);
    if (result != SUP_KEYRING_OK)
        return result;
    return format == wanted ? SUP_KEYRING_OK : SUP_KEYRING_DAMAGED;
}

static bool take_slot(cursor *c, sup_keyring_slot *out)
{
    out->plugin_len = (size_t)take_number(c, 1);
    c->ok = c->ok && out->plugin_len <= SUP_KEYRING_NAME_MAX;
    out->plugin = take(c, out->plugin_len);
    out->name_len = (size_t)take_number(c, 1);
    c->ok = c->ok && out->name_len <= SUP_KEYRING_NAME_MAX;
    out->name = take(c, out->name_len);
    out->key = take(c, SUP_KEYRING_KEY_LEN);
    return c->ok;
}

int sup_keyring_format_read(const uint8_t *bytes, size_t len, sup_keyring_view *out)
{
    int result = check_format(bytes, len, SUP_KEYRING_PLAIN);
    if (result != SUP_KEYRING_OK)
        return result;
    cursor c = {bytes + FIXED_HEAD, len - FIXED_HEAD, true};
    sup_keyring_view view = {.counter = take_number(&c, 8)};
    sup_keyring_slot slot;
    view.base = take(&c, SUP_KEYRING_KEY_LEN);
    view.root_count = (uint32_t)take_number(&c, 4);
    c.ok = c.ok && view.root_count >= 1 && view.root_count <= SUP_KEYRING_ROOTS_MAX;
    view.roots = take(&c, (size_t)view.root_count * ROOT_LEN);
    view.slot_count = (uint32_t)take_number(&c, 4);
    c.ok = c.ok && view.slot_count <= SUP_KEYRING_SLOTS_MAX;
    view.slots = c.ptr;
    for (uint32_t i = 0; c.ok && i < view.slot_count; i++)
        (void)take_slot(&c, &slot);
    view.covered = len - c.left;
    view.mac = take(&c, SUP_KEYRING_MAC_LEN);
    if (!c.ok || c.left != 0)
        return SUP_KEYRING_DAMAGED;
    *out = view;
    return SUP_KEYRING_OK;
}

uint32_t sup_keyring_format_number(const sup_keyring_view *view, uint32_t index)
{
    return (uint32_t)read_number(view->roots + (size_t)index * ROOT_LEN, 4);
}

const uint8_t *sup_keyring_format_root(const sup_keyring_view *view, uint32_t generation)
{
    for (uint32_t i = 0; i < view->root_count; i++) {
        if (sup_keyring_format_number(view, i) == generation)
            return view->roots + (size_t)i * ROOT_LEN + 4;
    }
    return NULL;
}

bool sup_keyring_format_next(const sup_keyring_view *view, size_t *at, sup_keyring_slot *out)
{
    cursor c = {view->slots + *at, (size_t)(view->mac - view->slots) - *at, true};
    if (c.left == 0 || !take_slot(&c, out))
        return false;
    *at = (size_t)(c.ptr - view->slots);
    return true;
}

int sup_keyring_format_read_seal(const uint8_t *bytes, size_t len, sup_keyring_seal *out)
{
    int result = check_format(bytes, len, SUP_KEYRING_SEALED);
    if (result != SUP_KEYRING_OK)
        return result;
    cursor c = {bytes + 12, len - 12, true};
    sup_keyring_seal seal = {.kind = (uint32_t)take_number(&c, 4)};
    seal.passes = take_number(&c, 8);
    seal.memory = take_number(&c, 8);
    seal.salt = take(&c, SUP_KEYRING_SALT_LEN);
    seal.name_len = (size_t)take_number(&c, 1);
    c.ok = c.ok && seal.name_len <= SUP_KEYRING_NAME_MAX;
    seal.name = take(&c, seal.name_len);
    seal.nonce = take(&c, SUP_KEYRING_NONCE_LEN);
    seal.head_len = len - c.left;
    seal.sealed = c.ptr;
    seal.sealed_len = c.left;
    if (!c.ok || seal.sealed_len <= SUP_KEYRING_TAG_LEN)
        return SUP_KEYRING_DAMAGED;
    *out = seal;
    return SUP_KEYRING_OK;
}

static void write_number(uint8_t *out, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

size_t sup_keyring_format_write_seal(const sup_keyring_seal *seal,
                                     uint8_t out[SUP_KEYRING_SEAL_HEAD_MAX])
{
    memcpy(out, magic, sizeof magic);
    write_number(out + 8, SUP_KEYRING_SEALED, 4);
    write_number(out + 12, seal->kind, 4);
    write_number(out + 16, seal->passes, 8);
    write_number(out + 24, seal->memory, 8);
    memcpy(out + 32, seal->salt, SUP_KEYRING_SALT_LEN);
    out[48] = (uint8_t)seal->name_len;
    if (seal->name_len > 0)
        memcpy(out + SEAL_FIXED, seal->name, seal->name_len);
    memcpy(out + SEAL_FIXED + seal->name_len, seal->nonce, SUP_KEYRING_NONCE_LEN);
    return SEAL_FIXED + seal->name_len + SUP_KEYRING_NONCE_LEN;
}
