/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and names as they are compared: letter case, width and composition make no difference.
 * Pure. */
#ifndef BKEY_CONTACT_KEY_H
#define BKEY_CONTACT_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_CONTACT_KEY_MAX 1024u

typedef struct bkey_contact_key {
    uint32_t points[BKEY_CONTACT_KEY_MAX];
    size_t count; /* 0 = nothing to compare */
    uint64_t hash;
} bkey_contact_key;

/* One address or sign-in name; empty when it is blank, malformed or too long. */
void bkey_contact_key_word(const char *text, size_t len, bkey_contact_key *out);
/* First and last name; empty when one of them is. */
void bkey_contact_key_names(const char *first, const char *last, bkey_contact_key *out);
bool bkey_contact_key_equal(const bkey_contact_key *a, const bkey_contact_key *b);

#endif
