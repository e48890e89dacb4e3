/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of the calls that we make, and of the clouds. Bases are origins without a slash at
 * their end. Every function appends to `out` and returns false when it does not fit. Pure. */
#ifndef BKEY_ENDPOINTS_H
#define BKEY_ENDPOINTS_H

#include "support/buffer.h"
#include "support/guid.h"

#define BKEY_ENDPOINTS_PAGE 999u /* $top of devices: more is refused by some services */

/* Addresses of a cloud by its name: global, usgov, dod, china. NULL when it is unknown. */
typedef struct bkey_cloud {
    const char *name;
    const char *login_url;
    const char *graph_url;
} bkey_cloud;
const bkey_cloud *bkey_endpoints_cloud(const char *name);

bool bkey_endpoints_token(const char *login_url, const sup_guid *tenant, sup_buffer *out);
bool bkey_endpoints_device_code(const char *login_url, const sup_guid *tenant, sup_buffer *out);
/* The page at which a person signs in; text is encoded here. */
typedef struct bkey_endpoints_page {
    const char *login_url;
    const char *graph_url;
    const char *client_id;
    const char *redirect;
    const char *state;
    const char *challenge; /* S256 of the verifier */
    const sup_guid *tenant;
} bkey_endpoints_page;
bool bkey_endpoints_authorize(const bkey_endpoints_page *page, sup_buffer *out);
/* Percent-encodes everything but unreserved characters. */
bool bkey_endpoints_encode(const char *text, sup_buffer *out);
bool bkey_endpoints_devices(const char *graph_url, sup_buffer *out);
/* One device's network addresses: a list leaves the wired one out. */
bool bkey_endpoints_addresses(const char *graph_url, const sup_guid *managed_id, sup_buffer *out);
bool bkey_endpoints_directory(const char *graph_url, sup_buffer *out);
/* No device, only the address that tells what changes from now on. */
bool bkey_endpoints_directory_now(const char *graph_url, sup_buffer *out);
/* Intune's encryption report, which exists in the beta only. */
bool bkey_endpoints_encryption(const char *graph_url, sup_buffer *out);
/* Takes neither $top nor $select: this service refuses the one and gains nothing by the other. */
bool bkey_endpoints_keys(const char *graph_url, sup_buffer *out);
/* The one read that gives a secret and leaves an audit record at Microsoft. */
bool bkey_endpoints_key(const char *graph_url, const sup_guid *id, sup_buffer *out);
/* The smallest question about devices, subscriptions and the authorization policy. */
bool bkey_endpoints_device_probe(const char *graph_url, sup_buffer *out);
bool bkey_endpoints_licences(const char *graph_url, sup_buffer *out);
/* People: what they are called by, and which licences they have. */
bool bkey_endpoints_users(const char *graph_url, sup_buffer *out);
bool bkey_endpoints_policy(const char *graph_url, sup_buffer *out);
/* A partner's customers: of its delegated admin relationships, and, where there are none, of its
 * contracts. */
bool bkey_endpoints_customers(const char *graph_url, sup_buffer *out);
bool bkey_endpoints_contracts(const char *graph_url, sup_buffer *out);
/* The same read as an item of a batch. */
bool bkey_endpoints_key_in_batch(const sup_guid *id, sup_buffer *out);
bool bkey_endpoints_batch(const char *graph_url, sup_buffer *out);
/* The scope of a token: "<graph>/.default", with offline_access for delegated ones. */
bool bkey_endpoints_scope(const char *graph_url, bool delegated, sup_buffer *out);

#endif
