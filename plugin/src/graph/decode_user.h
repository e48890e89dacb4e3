/* SPDX-License-Identifier: Apache-2.0
 *
 * Graph's users and the licences that count for them. Must not know contacts nor who asks. */
#ifndef BKEY_DECODE_USER_H
#define BKEY_DECODE_USER_H

#include "domain/contact_match.h"
#include "graph/decode.h"

/* A subscription in force, and one of the selected service plans in it. */
typedef struct bkey_licence {
    sup_guid sku;
    sup_guid plan;
} bkey_licence;
typedef bkey_err (*bkey_licence_sink)(void *context, const bkey_licence *licence);

/* Text lives until the sink returns. */
typedef bkey_err (*bkey_user_sink)(void *context, const bkey_user *user);

typedef struct bkey_user_listing {
    const char *graph_url;
    const bkey_licence *licences; /* that make a user wanted */
    size_t licence_count;
    bkey_user_sink sink;
    void *context;
} bkey_user_listing;

/* A page of users. Wanted is who is enabled, no guest, and has one of the licences with its plan
 * switched on. Errors as for bkey_decode_keys. */
BKEY_MUST_CHECK bkey_err bkey_decode_users(bkey_bytes body, const bkey_user_listing *listing,
                                           bkey_page *out_page);
/* A page of subscribedSkus: every licence of the plans (names in upper case, one space between).
 * Decided by plan, never by the subscription's own name. */
BKEY_MUST_CHECK bkey_err bkey_decode_user_licences(bkey_bytes body, const char *graph_url,
                                                   const char *plans, bkey_licence_sink sink,
                                                   void *context, bkey_page *out_page);

#endif
