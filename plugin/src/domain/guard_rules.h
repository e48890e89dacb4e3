/* SPDX-License-Identifier: Apache-2.0
 *
 * What people may do to the records and the folder of this plugin. Decided from the operation
 * alone: pure, no allocation, no lock. Everything not known is refused. */
#ifndef BKEY_GUARD_RULES_H
#define BKEY_GUARD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/naming.h"

/* The numbers of the ABI's DPH_OP_*, DPH_OBJECT_* and DPH_RELATION_*. */
typedef enum bkey_guard_kind {
    BKEY_GUARD_CREATE = 1,
    BKEY_GUARD_EDIT,
    BKEY_GUARD_DELETE,
    BKEY_GUARD_MOVE,
    BKEY_GUARD_COPY,
    BKEY_GUARD_ARCHIVE,
    BKEY_GUARD_UNARCHIVE,
    BKEY_GUARD_ROTATE,
    BKEY_GUARD_SHARE,
    BKEY_GUARD_MERGE,
    BKEY_GUARD_IMPORT,
    BKEY_GUARD_PURGE,
    BKEY_GUARD_KIND_COUNT
} bkey_guard_kind;

typedef enum bkey_guard_object {
    BKEY_GUARD_RECORD = 1,
    BKEY_GUARD_FOLDER,
    BKEY_GUARD_CATEGORY,
    BKEY_GUARD_ORGANIZATION,
    BKEY_GUARD_CONFIGURATION
} bkey_guard_object;

typedef enum bkey_guard_relation {
    BKEY_GUARD_SELF = 1,
    BKEY_GUARD_INSIDE,
    BKEY_GUARD_ANCESTOR
} bkey_guard_relation;

typedef struct bkey_guard_op {
    uint32_t kind;
    uint32_t object;
    uint32_t relation;
    bool other_organization; /* MOVE, COPY: the target organization is another one */
    bool other_folder;       /* MOVE: the target folder is another one */
    bool links_only;         /* EDIT: nothing changes but links to other items */
    const char *tag;         /* of a record: its plugin tag */
    size_t tag_len;
} bkey_guard_op;

typedef struct bkey_guard_rule {
    uint32_t code; /* stable; 0 = allowed */
    const char *reason_key;
    const char *message; /* one sentence that names the rule; "" when allowed */
} bkey_guard_rule;

/* The rule that decides; never NULL. code 0 allows, anything else refuses. */
const bkey_guard_rule *bkey_guard_rules_check(const bkey_guard_op *op);
/* The rule for a name that a person wants to give. `reserved` is the setting's value. */
const bkey_guard_rule *bkey_guard_rules_name(uint32_t kind, const char *name, size_t len,
                                             const char *reserved);
/* All refusing rules, ordered by code; for documentation and tests. */
size_t bkey_guard_rules_count(void);
const bkey_guard_rule *bkey_guard_rules_at(size_t index);

#endif
