/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.guard/1: the veto. It fails closed: absence, error, garbage, lateness and silence all
 * mean no (DESIGN.md section 4). The plugin decides from the operation alone: pure, no lock, no
 * service call, nanoseconds. */
#ifndef DPH_HOOK_GUARD_H
#define DPH_HOOK_GUARD_H

#include "dph/plugin.h"

#define DPH_HOOK_GUARD_ID "dph.hook.guard/1"

/* What is about to happen. A plugin denies a kind that it does not know. */
#define DPH_OP_CREATE 1u
#define DPH_OP_EDIT 2u
#define DPH_OP_DELETE 3u
#define DPH_OP_MOVE 4u
#define DPH_OP_COPY 5u
#define DPH_OP_ARCHIVE 6u
#define DPH_OP_UNARCHIVE 7u
#define DPH_OP_ROTATE_PASSWORD 8u
#define DPH_OP_SHARE 9u
#define DPH_OP_MERGE 10u
#define DPH_OP_IMPORT 11u
#define DPH_OP_PURGE 12u

/* To what. */
#define DPH_OBJECT_RECORD 1u
#define DPH_OBJECT_FOLDER 2u
#define DPH_OBJECT_CATEGORY 3u
#define DPH_OBJECT_ORGANIZATION 4u
#define DPH_OBJECT_CONFIGURATION 5u

/* How that object stands to the guarded one. */
#define DPH_RELATION_SELF 1u     /* it is the guarded object */
#define DPH_RELATION_INSIDE 2u   /* it is, or would come to be, inside the guarded folder */
#define DPH_RELATION_ANCESTOR 3u /* it contains the guarded object */

typedef struct dph_op {
    uint32_t struct_size; /* bytes */
    uint32_t kind;        /* DPH_OP_* */
    uint32_t object_kind; /* DPH_OBJECT_* */
    uint32_t relation;    /* DPH_RELATION_* */
    dph_str object_id;
    dph_str organization_id;
    dph_str folder_id;              /* where the object is; empty = top level */
    dph_str target_organization_id; /* MOVE, COPY; equal to organization_id when it stays */
    dph_str target_folder_id;       /* MOVE, COPY, CREATE */
    dph_str guard_owner;            /* the plugin that is asked */
    dph_str plugin_tag;             /* of a record, else empty */
    /* EDIT: "name", "category", "username", "password", "notes" ...; "link" and "unlink" are links
     * to other items, which lie beside the object */
    const dph_str *changed_fields;
    uint64_t changed_count;
    uint64_t revision; /* of the object, 0 for CREATE */
} dph_op;

#define DPH_ALLOW 0x574C4C41u
#define DPH_DENY 0x594E4544u

/* Zeroed by the host before the call: zero is not "allow". */
typedef struct dph_verdict {
    uint32_t struct_size; /* bytes, set by the host */
    uint32_t decision;    /* DPH_ALLOW or DPH_DENY; anything else denies */
    uint32_t code;        /* stable number of the rule, for machines; 0 with ALLOW */
    uint32_t flags;       /* no flag is defined; 0 */
    char reason_key[64];  /* for translation: [a-z0-9_.-], terminated */
    char message[256];    /* for people: one sentence that names the rule, terminated, no markup */
} dph_verdict;

#define DPH_NAME_CATEGORY 1u
#define DPH_NAME_FOLDER 2u

typedef struct dph_hook_guard_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] May the actor do that? Returns OK and writes the verdict; any other status denies. */
    dph_status(DPH_CALL *check)(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                                dph_verdict *verdict);
    /* [hook] May a person give a category or folder (DPH_NAME_*) this name? Asked for every name in
     * every organization, entitled or not (S1.31-S1.34, S1.85). Unknown kinds are denied. */
    dph_status(DPH_CALL *validate_name)(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                        const dph_str *name, dph_verdict *verdict);
} dph_hook_guard_v1;

#endif
