/* SPDX-License-Identifier: Apache-2.0
 *
 * Which contact a user is: by a link from before, then by any mail address, then by the sign-in
 * name, then by first and last name (S1.103). What fits more than one is left alone. Pure; text is
 * borrowed; must not know where users and contacts come from. */
#ifndef BKEY_CONTACT_MATCH_H
#define BKEY_CONTACT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "support/guid.h"

#define BKEY_CONTACT_EMAILS_SIZE 2049u /* bytes of a list of addresses, with its zero byte */

/* Texts are never NULL, "" = none. */
typedef struct bkey_user {
    sup_guid id;
    bool wanted; /* becomes a contact; of all others only the id counts */
    const char *name, *first, *last, *sign_in;
    const char *emails; /* with one space between, the main one first */
} bkey_user;

typedef struct bkey_contact {
    const char *id, *name, *first, *last, *emails;
    sup_guid user;  /* to whom it is linked; zero = to none of this tenant */
    bool is_linked; /* to whomever */
    uint64_t revision;
} bkey_contact;

typedef enum bkey_contact_outcome {
    BKEY_CONTACT_LEFT = 0, /* the user is not wanted */
    BKEY_CONTACT_LINKED,
    BKEY_CONTACT_BY_EMAIL,
    BKEY_CONTACT_BY_SIGN_IN,
    BKEY_CONTACT_BY_NAME,
    BKEY_CONTACT_NEW,
    BKEY_CONTACT_AMBIGUOUS /* more than one fits, or one fits that is linked to somebody else */
} bkey_contact_outcome;

typedef struct bkey_contact_match {
    bkey_contact_outcome outcome;
    uint32_t contact; /* index; UINT32_MAX for those without */
} bkey_contact_match;

/* Writes one match for each user. The result is stable: asked again with what it led to, every
 * match is LINKED, and what was ambiguous still is. NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_contact_match_users(const bkey_user *users, size_t user_count,
                                                  const bkey_contact *contacts,
                                                  size_t contact_count, bkey_contact_match *out);
/* Is there something that the user has and the contact lacks? */
bool bkey_contact_match_fills(const bkey_user *user, const bkey_contact *contact);

#endif
