/* SPDX-License-Identifier: Apache-2.0
 *
 * Which organizations the asker may see, as the host says it: a JSON array of their ids, or "" for
 * all. Must not know what is asked for. */
#ifndef BKEY_SCOPE_H
#define BKEY_SCOPE_H

#include "base/json.h"
#include "state/connection.h"

#define BKEY_SCOPE_TEXT_MAX (4u * 1024u * 1024u)

typedef struct bkey_scope {
    bkey_json *ids; /* NULL = every organization */
    bool all;
} bkey_scope;

/* PARAMETER when it is no array of texts. Ended by bkey_scope_done. */
BKEY_MUST_CHECK bkey_err bkey_scope_read(bkey_bytes text, bkey_scope *out);
/* NULL-safe. */
void bkey_scope_done(bkey_scope *scope);
bool bkey_scope_has(const bkey_scope *scope, const char *organization_id);
/* Every organization of the connection: what is nobody's may be any one's of them. */
bool bkey_scope_has_connection(const bkey_scope *scope, const bkey_connection *connection);

#endif
