/* SPDX-License-Identifier: Apache-2.0
 *
 * Users, their groups and API tokens in the store. Knows no command. */
#ifndef HOST_USERS_H
#define HOST_USERS_H

#include "sample-host/src/object.h"

/* Bytes of random data in a token; its text is twice as long. */
#define HOST_USERS_TOKEN_BYTES 32

/* What changes; NULL or 0 = as before. */
typedef struct host_user_change {
    const char *id; /* NULL = a new user */
    const char *name;
    uint32_t role;
    const json_t *organizations; /* names or ids that replace the present ones; "" counts as none */
    const json_t *groups;        /* the same for groups */
    bool is_for_all;             /* every organization; else, with organizations, only those */
} host_user_change;

/* Writes, inside a transaction. INVALID: no role, more than five organizations for Lite. */
bool host_users_write(host_conn *conn, const host_user_change *change,
                      char out_id[HOST_OBJECT_ID_SIZE], host_error *err);
/* Id of the user of that id or name. */
bool host_users_find(host_conn *conn, const char *id_or_name, char out_id[HOST_OBJECT_ID_SIZE],
                     host_error *err);
/* Removes the user with everything that is only its own. */
bool host_users_delete(host_conn *conn, const char *id, host_error *err);
/* Makes a token; only its hash is stored. */
bool host_users_add_token(host_conn *conn, const char *user_id, host_secret *out,
                          char out_id[HOST_OBJECT_ID_SIZE], host_error *err);

#endif
