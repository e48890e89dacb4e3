/* SPDX-License-Identifier: Apache-2.0
 *
 * The key file's bytes: the examples of docs/keyring-format.md are read from the page itself, and
 * nothing that is cut short or altered passes. */
/* LINK: tests/support/scratch.c tests/support/host_box.c sample-host/src/base/[a-z]*.c
 * sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/call.c sample-host/src/shares.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#define _GNU_SOURCE
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/keyring_file.h"
#include "sample-host/src/shares.h"
#include "support/hex.h"
#include "tests/support/host_box.h"
#include "tests/support/scratch.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_MAX 65536
#define BYTES_MAX 1024

TestSuite(keyring_format, .init = scratch_make, .fini = scratch_drop);

/* The bytes of the block ```hex NAME of the page. */
static size_t read_example(const char *name, uint8_t out[BYTES_MAX])
{
    static char page[PAGE_MAX];
    char mark[64];
    FILE *in = fopen("docs/keyring-format.md", "rb");
    cr_assert_not_null(in);
    size_t len = fread(page, 1, sizeof page - 1, in);
    (void)fclose(in);
    page[len] = '\0';
    (void)snprintf(mark, sizeof mark, "```hex %s\n", name);
    const char *at = strstr(page, mark);
    cr_assert_not_null(at, "%s", name);
    size_t digits = 0;
    for (at += strlen(mark); *at != '`'; at++) {
        if (*at != '\n') {
            int digit = sup_hex_digit(*at);
            cr_assert(digit >= 0 && digits / 2 < BYTES_MAX);
            out[digits / 2] = (uint8_t)(digits % 2 == 0 ? digit << 4 : out[digits / 2] | digit);
            digits++;
        }
    }
    return digits / 2;
}

static host_keyring *open_example(const char *name, const char *passphrase)
{
    uint8_t bytes[BYTES_MAX];
    host_error err = {0};
    host_keyring *ring = NULL;
    host_secret given = {0};
    size_t len = read_example(name, bytes);
    cr_assert(host_file_write(scratch_path, bytes, len, &err), "%s", err.message);
    if (passphrase != NULL) {
        cr_assert(host_secret_init(&given, strlen(passphrase)));
        memcpy(given.ptr, passphrase, strlen(passphrase));
        given.len = strlen(passphrase);
    }
    (void)host_keyring_open_sealed(scratch_path, &given, &ring, &err);
    host_secret_done(&given);
    cr_assert_not_null(ring, "%s: %s", name, err.message);
    return ring;
}

static void expect_example_keys(host_keyring *ring)
{
    uint8_t expected[BYTES_MAX];
    uint8_t found[32];
    host_error err = {0};
    host_keyring_facts facts;
    host_keyring_name name = {host_str("plug"), host_str("label")};
    host_keyring_name slot = {host_str("plug"), host_str("org/1")};
    cr_assert_eq(read_example("derived", expected), 32);
    cr_assert(host_keyring_derive(ring, &name, 2, found, 32, &err), "%s", err.message);
    cr_assert_arr_eq(found, expected, 32);
    cr_assert_eq(read_example("check", expected), 32);
    host_keyring_check_value(ring, found);
    cr_assert_arr_eq(found, expected, 32);
    cr_assert(host_keyring_slot_get(ring, &slot, found, &err), "%s", err.message);
    cr_assert_eq(found[0], 0x60);
    host_keyring_describe(ring, &facts);
    cr_assert_eq(facts.counter, 7);
    cr_assert_eq(facts.generation_count, 2);
    cr_assert_eq(facts.generations[1], 2);
    host_keyring_close(ring);
}

Test(keyring_format, plain_example_of_the_page_opens)
{
    expect_example_keys(open_example("plain", NULL));
}

Test(keyring_format, passphrase_example_of_the_page_opens)
{
    expect_example_keys(open_example("passphrase", "correct horse battery staple"));
}

Test(keyring_format, credential_example_of_the_page_opens)
{
    char file[300];
    host_error err = {0};
    (void)snprintf(file, sizeof file, "%s/root", scratch_dir);
    cr_assert(host_file_write(file, "credential bytes", 16, &err));
    cr_assert_eq(setenv("CREDENTIALS_DIRECTORY", scratch_dir, 1), 0);
    expect_example_keys(open_example("credential", NULL));
    (void)unlink(file);
}

Test(keyring_format, writing_the_plain_example_gives_its_bytes_back)
{
    uint8_t expected[BYTES_MAX];
    host_error err = {0};
    host_secret found = {0};
    uint64_t counter = 0;
    host_keyring *ring = open_example("plain", NULL);
    cr_assert(host_keyring_export(ring, &found, &counter, &err), "%s", err.message);
    cr_assert_eq(found.len, read_example("plain", expected));
    cr_assert_arr_eq(found.ptr, expected, found.len);
    host_secret_done(&found);
    host_keyring_close(ring);
}

static dph_status status_of(const uint8_t *bytes, size_t len)
{
    host_error err = {0};
    host_secret copy = {0};
    host_secret plain = {0};
    host_keyring_seal *seal = NULL;
    host_keyring_keys *keys = NULL;
    sup_keyring_seal found;
    const host_secret passphrase = {(unsigned char *)(uintptr_t) "correct horse battery staple", 28,
                                    28};
    cr_assert(host_secret_init(&copy, len + 1));
    memcpy(copy.ptr, bytes, len);
    copy.len = len;
    dph_status status = DPH_OK;
    if (sup_keyring_format_read_seal(copy.ptr, copy.len, &found) == SUP_KEYRING_OK) {
        bool ok = found.passes == 1 && found.memory == 8192
                      ? host_keyring_seal_of(&found, &passphrase, &seal, &err)
                      : host_error_set(&err, DPH_E_CORRUPT, 0, "other numbers");
        ok = ok && host_keyring_seal_open(seal, &copy, &plain, &err);
        status = ok ? DPH_OK : err.status;
    } else {
        status = host_keyring_file_decode("it", &copy, &keys, &err) ? DPH_OK : err.status;
    }
    sodium_free(keys);
    sodium_free(seal);
    host_secret_done(&plain);
    host_secret_done(&copy);
    return status;
}

static void expect_every_change_found(const char *name)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = read_example(name, bytes);
    cr_assert_eq(status_of(bytes, len), DPH_OK);
    for (size_t cut = 0; cut < len; cut++) {
        cr_assert_neq(status_of(bytes, cut), DPH_OK, "%s cut at %zu", name, cut);
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_neq(status_of(bytes, len), DPH_OK, "%s bit %zu", name, bit);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert_neq(status_of(bytes, len + 1), DPH_OK);
}

Test(keyring_format, every_bit_and_cut_of_a_plain_file_is_found)
{
    expect_every_change_found("plain");
}

Test(keyring_format, every_bit_and_cut_of_a_sealed_file_is_found)
{
    expect_every_change_found("passphrase");
}

Test(keyring_format, newer_formats_and_kinds_are_told_from_damage)
{
    uint8_t bytes[BYTES_MAX];
    uint32_t format = 0;
    size_t len = read_example("plain", bytes);
    bytes[8] = 3;
    cr_assert_eq(sup_keyring_format_of(bytes, len, &format), SUP_KEYRING_NEWER);
    bytes[8] = 1;
    bytes[12] = 1;
    cr_assert_eq(sup_keyring_format_of(bytes, len, &format), SUP_KEYRING_NEWER);
    len = read_example("passphrase", bytes);
    bytes[12] = 4;
    cr_assert_eq(sup_keyring_format_of(bytes, len, &format), SUP_KEYRING_NEWER);
    bytes[0] = 'X';
    cr_assert_eq(sup_keyring_format_of(bytes, len, &format), SUP_KEYRING_FOREIGN);
}

Test(keyring_format, shares_of_the_page_give_its_secret)
{
    static const struct {
        const char *name;
        uint8_t index;
    } given[] = {{"share2", 2}, {"share4", 4}, {"share5", 5}};
    uint8_t bytes[BYTES_MAX];
    uint8_t found[HOST_SHARES_SECRET_LEN];
    host_share shares[3];
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(read_example(given[i].name, bytes), 32);
        shares[i].index = given[i].index;
        memcpy(shares[i].data, bytes, 32);
    }
    cr_assert(host_shares_join(shares, 3, found));
    cr_assert_eq(read_example("secret", bytes), 32);
    cr_assert_arr_eq(found, bytes, 32);
}

static host_secret text_secret(const char *text)
{
    host_secret secret = {0};
    cr_assert(host_secret_init(&secret, strlen(text) + 1));
    memcpy(secret.ptr, text, strlen(text));
    secret.len = strlen(text);
    return secret;
}

Test(keyring_format, passphrase_file_survives_slots_and_generations)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    uint32_t made = 0;
    host_secret right = text_secret("a passphrase of length");
    host_secret wrong = text_secret("a passphrase of lengtH");
    host_keyring_protection protection = {
        .kind = SUP_KEYRING_BY_PASSPHRASE, .passphrase = &right, .passes = 1, .memory = 8192};
    host_keyring_name slot = {host_str("plug"), host_str("one")};
    cr_assert(host_keyring_create_protected(scratch_path, &protection, &ring, &err), "%s",
              err.message);
    cr_assert(host_keyring_slot_make(ring, &slot, &err), "%s", err.message);
    cr_assert(host_keyring_add_generation(ring, &made, &err), "%s", err.message);
    cr_assert(host_keyring_verify(ring, &err), "%s", err.message);
    host_keyring_close(ring);
    cr_assert_not(host_keyring_open_sealed(scratch_path, &wrong, &ring, &err));
    cr_assert_eq(err.code, HOST_CODE_WRONG_KEY);
    cr_assert_not(host_keyring_open(scratch_path, &ring, &err));
    cr_assert_eq(err.code, HOST_CODE_NO_PASSPHRASE);
    cr_assert(host_keyring_open_sealed(scratch_path, &right, &ring, &err), "%s", err.message);
    cr_assert_eq(host_keyring_generation(ring), 2);
    cr_assert(host_keyring_retire(ring, 2, &err));
    host_keyring_close(ring);
    host_secret_done(&right);
    host_secret_done(&wrong);
}

Test(keyring_format, short_passphrase_is_refused_and_no_file_made)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    host_secret brief = text_secret("short");
    host_keyring_protection protection = {.kind = SUP_KEYRING_BY_PASSPHRASE, .passphrase = &brief};
    cr_assert_not(host_keyring_create_protected(scratch_path, &protection, &ring, &err));
    cr_assert_eq(err.status, DPH_E_INVALID);
    cr_assert_not(host_file_exists(scratch_path));
    host_secret_done(&brief);
}

Test(keyring_format, retiring_keeps_the_newest_and_forgets_the_rest)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    uint32_t made = 0;
    uint8_t key[32];
    host_keyring_name name = {host_str("plug"), host_str("label")};
    cr_assert(host_keyring_create(scratch_path, &ring, &err), "%s", err.message);
    cr_assert(host_keyring_add_generation(ring, &made, &err));
    cr_assert(host_keyring_add_generation(ring, &made, &err));
    cr_assert_eq(made, 3);
    cr_assert(host_keyring_retire(ring, 99, &err));
    cr_assert_not(host_keyring_derive(ring, &name, 2, key, 32, &err));
    cr_assert(host_keyring_derive(ring, &name, 3, key, 32, &err));
    host_keyring_close(ring);
    cr_assert(host_keyring_open(scratch_path, &ring, &err), "%s", err.message);
    cr_assert_not(host_keyring_derive(ring, &name, 1, key, 32, &err));
    cr_assert_eq(host_keyring_generation(ring), 3);
    host_keyring_close(ring);
}

Test(keyring_format, file_that_was_replaced_behind_the_host_is_told)
{
    host_error err = {0};
    host_keyring *ring = NULL;
    host_keyring *other = NULL;
    cr_assert(host_keyring_create(scratch_path, &ring, &err), "%s", err.message);
    cr_assert(host_keyring_verify(ring, &err), "%s", err.message);
    cr_assert_eq(unlink(scratch_path), 0);
    cr_assert(host_keyring_create(scratch_path, &other, &err), "%s", err.message);
    cr_assert_not(host_keyring_verify(ring, &err));
    cr_assert_eq(err.status, DPH_E_CORRUPT);
    host_keyring_close(ring);
    host_keyring_close(other);
}
