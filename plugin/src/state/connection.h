/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'C': a tenant connection. Sealed under (no tenant, no organization), because the
 * list of connections is read before any tenant is known; the id is the tenant's. The credential
 * is a row of its own (credential.h). Must not know tokens. */
#ifndef BKEY_CONNECTION_H
#define BKEY_CONNECTION_H

#include "state/codec.h"
#include "state/seal.h"

#define BKEY_CONNECTION_ORGANIZATIONS_MAX 64u
#define BKEY_ID_SIZE 65u   /* an organization's or configuration's id and a zero byte */
#define BKEY_URL_SIZE 256u /* an origin's address and a zero byte */

/* Values are stored: never renumber. */
typedef enum bkey_grant {
    BKEY_GRANT_REFRESH = 1, /* delegated: a refresh token */
    BKEY_GRANT_SECRET = 2,  /* application: a client secret */
    BKEY_GRANT_CERT = 3,    /* application: a certificate with its private key */
    BKEY_GRANT_COUNT
} bkey_grant;

typedef struct bkey_connection {
    sup_guid tenant;
    bkey_grant grant;
    uint32_t organization_count;
    char organization_ids[BKEY_CONNECTION_ORGANIZATIONS_MAX][BKEY_ID_SIZE];
    char client_id[BKEY_ID_SIZE];
    char login_url[BKEY_URL_SIZE]; /* origin without a slash at its end */
    char graph_url[BKEY_URL_SIZE];
    int64_t created_ms;
    /* Whose credential and app it uses: a partner's tenant; zero = its own. Equal to `tenant` in a
     * partner's own connection, which may have no organization. */
    sup_guid partner;
    uint64_t revision; /* of the row; 0 = not stored yet */
} bkey_connection;

/* True when it signs in as an application, without a user. */
bool bkey_connection_is_application(const bkey_connection *connection);
/* True when another tenant's credential is used. */
bool bkey_connection_is_customer(const bkey_connection *connection);
bool bkey_connection_has(const bkey_connection *connection, const char *organization_id);
/* The content of a row without its version: for rows that hold a connection that is to be. */
void bkey_connection_put(bkey_codec_writer *writer, const bkey_connection *connection);
/* Errors: FORMAT, NEWER_FORMAT. */
BKEY_MUST_CHECK bkey_err bkey_connection_take(bkey_codec_reader *reader, bkey_connection *out);

/* The place of connections; vault and call are borrowed. */
bkey_place bkey_connection_place(bkey_vault *vault, const bkey_call *call);
/* Seals as the successor of connection->revision. bkey_vault_ensure the place before. */
BKEY_MUST_CHECK bkey_err bkey_connection_seal(const bkey_place *place,
                                              const bkey_connection *connection,
                                              bkey_sealed *out_sealed);
/* NOT_CONNECTED when there is none. The struct is large: not for the stack of deep calls. */
BKEY_MUST_CHECK bkey_err bkey_connection_get(const bkey_place *place, const sup_guid *tenant,
                                             bkey_connection *out_connection);
typedef bkey_err (*bkey_connection_sink)(void *context, const bkey_connection *connection);
BKEY_MUST_CHECK bkey_err bkey_connection_scan(const bkey_place *place, bkey_connection_sink sink,
                                              void *context);

#endif
