/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.store/1: the only way to write. One call, all or nothing; no transaction object crosses the
 * boundary. Source: DESIGN.md section 4. */
#ifndef DPH_SERVICE_STORE_H
#define DPH_SERVICE_STORE_H

#include "dph/plugin.h"

#define DPH_STORE_ID "dph.store/1"

#define DPH_BATCH_MAX_ITEMS 500u
#define DPH_OP_KEY_MAX 64u         /* bytes */
#define DPH_STATE_KEY_MAX 64u      /* bytes */
#define DPH_STATE_VALUE_MAX 65536u /* bytes */
#define DPH_NAME_MAX 255u          /* code points of a title and of every name */
#define DPH_EMAILS_MAX 2048u       /* bytes of a contact's addresses */

/* Item kinds. An unknown kind makes the batch INVALID: half of a batch must never be written. */
#define DPH_ITEM_RECORD_PUT 1u
#define DPH_ITEM_FOLDER_PUT 2u
#define DPH_ITEM_STATE_PUT 3u
#define DPH_ITEM_STATE_REMOVE 4u
#define DPH_ITEM_ACTIVITY 5u
#define DPH_ITEM_CONFIGURATION_CREATE 6u
#define DPH_ITEM_RECORD_WITHDRAW 7u
#define DPH_ITEM_CONTACT_PUT 8u

/* Head of every item; `kind` tells which struct follows. */
typedef struct dph_item {
    uint32_t struct_size; /* bytes of the whole item */
    uint32_t kind;        /* DPH_ITEM_* */
} dph_item;

/* Record flags. */
#define DPH_RECORD_ARCHIVED 1u

/* Creates or replaces one record of the plugin: a general password without a secret in the host
 * (S1.4). The host stamps guard_owner with the plugin's id. Identity is (plugin, external_id)
 * (S1.51); organization and folder may change by a put. */
typedef struct dph_item_record_put {
    dph_item head;
    uint64_t expect_revision; /* 0 = must not exist; else its present revision */
    uint32_t flags;           /* DPH_RECORD_* */
    uint32_t reserved0;       /* 0 */
    dph_str external_id;      /* 1..128 bytes, the plugin's own */
    dph_str organization_id;
    dph_str folder_id;        /* a folder of that organization that belongs to the plugin */
    dph_str category;         /* the reserved category's name (S1.47) */
    dph_str title;            /* 1..255 code points (S1.44) */
    dph_str username;         /* at most 255 bytes (S1.45) */
    dph_str configuration_id; /* the matched configuration; empty = none */
    dph_str plugin_tag;       /* at most 64 bytes: state word that guards decide from */
    dph_str plugin_data;      /* at most 256 bytes: opaque to the host, readable, never a secret */
} dph_item_record_put;

/* Folder flags. A hidden folder and everything in it is shown to nobody. */
#define DPH_FOLDER_HIDDEN 1u

/* Creates or changes the plugin's folder of one organization. There is one per (plugin,
 * organization); moving it inside the organization is the user's, and a put does not move it back
 * (S1.36). The host stamps guard_owner. */
typedef struct dph_item_folder_put {
    dph_item head;
    uint64_t expect_revision; /* 0 = must not exist */
    uint32_t flags;           /* DPH_FOLDER_* */
    uint32_t reserved0;       /* 0 */
    dph_str organization_id;
    dph_str folder_id; /* 1..64 bytes, chosen by the plugin on creation: [A-Za-z0-9_-] */
    dph_str name;      /* 1..255 code points */
} dph_item_folder_put;

/* Puts one value into the plugin's private state (service_state.h). The new revision is
 * expect_revision + 1, known before the value is sealed. For a key that was removed,
 * expect_revision is the tombstone's revision. */
typedef struct dph_item_state_put {
    dph_item head;
    uint64_t expect_revision; /* 0 = never existed */
    dph_bytes key;            /* 1..DPH_STATE_KEY_MAX bytes */
    dph_bytes value;          /* 0..DPH_STATE_VALUE_MAX bytes, sealed by the plugin */
} dph_item_state_put;

/* Removes one value; a tombstone with revision expect_revision + 1 stays. */
typedef struct dph_item_state_remove {
    dph_item head;
    uint64_t expect_revision;
    dph_bytes key;
} dph_item_state_remove;

/* Actions of the activity log (S1.89-S1.93). An unknown one makes the batch INVALID. */
#define DPH_ACTIVITY_CREATED 1u
#define DPH_ACTIVITY_ARCHIVED 2u
#define DPH_ACTIVITY_UNARCHIVED 3u
#define DPH_ACTIVITY_ACCESSED 4u
#define DPH_ACTIVITY_VIEWED 5u
#define DPH_ACTIVITY_RENAMED 6u
#define DPH_ACTIVITY_MATCHED 7u
#define DPH_ACTIVITY_MOVED 8u
#define DPH_ACTIVITY_EXPORTED 9u
#define DPH_ACTIVITY_REFUSED 10u
#define DPH_ACTIVITY_COPIED 11u
#define DPH_ACTIVITY_UPDATED 12u
#define DPH_ACTIVITY_DELETED 13u
#define DPH_ACTIVITY_RELEASED 14u
#define DPH_ACTIVITY_PRINTED 15u
#define DPH_ACTIVITY_IMPORTED 16u /* this one and the next are of the host alone */
#define DPH_ACTIVITY_RESTORED 17u
#define DPH_ACTIVITY_PURGED 18u
#define DPH_ACTIVITY_MERGED 19u

/* One entry of the host's activity log. The host adds time, actor, address and source from the
 * call. No reason text, no secret (DESIGN.md section 5, Sealed state). */
typedef struct dph_item_activity {
    dph_item head;
    uint32_t action;         /* DPH_ACTIVITY_* */
    uint32_t reserved0;      /* 0 */
    dph_str organization_id; /* empty = the whole account */
    dph_str external_id;     /* the record it is about; empty = none */
    dph_str subject;         /* name shown for the thing, at most 255 code points */
    dph_str detail;          /* one line, at most 512 bytes: "A -> B", a ticket number */
} dph_item_activity;

/* Creates a configuration (S1.106); its id is chosen by the plugin: [A-Za-z0-9_-]{1,64}. */
typedef struct dph_item_configuration_create {
    dph_item head;
    dph_str organization_id;
    dph_str configuration_id;
    dph_str name;     /* 1..255 code points */
    dph_str hostname; /* the rest may be empty; at most 255 bytes each */
    dph_str serial;
    dph_str mac;
    dph_str manufacturer;
    dph_str model;
} dph_item_configuration_create;

/* Creates a contact, or links one and fills what is empty in it. Contacts are the host's own and no
 * plugin guards them: a text is written only where the host has none, and nothing is ever taken
 * away. A link, once made, ends only with the contact or by a person. */
typedef struct dph_item_contact_put {
    dph_item head;
    uint64_t expect_revision; /* 0 = must not exist; else its present revision */
    dph_str organization_id;
    dph_str contact_id;  /* chosen by the plugin on creation: [A-Za-z0-9_-]{1,64} */
    dph_str external_id; /* 1..128 bytes, the plugin's own; one contact of an organization has it */
    dph_str name;        /* 1..255 code points */
    dph_str first_name;  /* the rest may be empty; at most 255 code points each */
    dph_str last_name;
    dph_str emails; /* addresses with one space between, at most DPH_EMAILS_MAX bytes */
} dph_item_contact_put;

/* Takes one record of the plugin out of the host, because it is no longer to be seen where it is
 * and belongs nowhere else yet (S1.77). The plugin goes on holding what it stood for and may put it
 * again, as a new record. The host keeps what its activity log says of it. */
typedef struct dph_item_record_withdraw {
    dph_item head;
    uint64_t expect_revision; /* its present revision */
    dph_str external_id;
} dph_item_record_withdraw;

typedef struct dph_batch {
    uint32_t struct_size;         /* bytes */
    uint32_t item_count;          /* 1..DPH_BATCH_MAX_ITEMS */
    const dph_item *const *items; /* item_count pointers; each item starts with dph_item */
} dph_batch;

typedef struct dph_apply_result {
    uint32_t struct_size;    /* bytes, set by the caller */
    uint32_t conflict_index; /* with CONFLICT and INVALID: the first item at fault */
    uint64_t rows_changed; /* with OK: rows of records, folders, configurations, activity, state */
    uint32_t replayed;     /* 1 = this op_key had landed before; nothing was written now */
    uint32_t reserved0;    /* 0 */
} dph_apply_result;

typedef struct dph_store_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [sync][hook] Runs the batch as one short transaction of the host's single writer; calls of
     * the hook lane go before those of the sync lane. May block for the writer and the disk.
     * Durable when it returns OK. op_key: 1..DPH_OP_KEY_MAX bytes, new for each batch. The host
     * keeps (plugin, op_key, hash of the batch, result) for at least 24 hours in the same
     * transaction: after UNKNOWN_OUTCOME the caller repeats with the same key and batch and gets
     * the stored result with replayed = 1. A restarted plugin plans anew and uses new keys. Errors:
     * INVALID (malformed item, unknown kind, another batch under the same op_key), CONFLICT (an
     * expected revision did not match, or another contact has that link), NOT_FOUND (an
     * organization, folder or configuration that an item names does not exist), UNAVAILABLE (disk
     * full, I/O error; nothing changed), UNKNOWN_OUTCOME, CANCELLED, DEADLINE (both: nothing
     * changed), DENIED (an item belongs to another plugin, or a contact is linked otherwise),
     * NOMEM. With any error but UNKNOWN_OUTCOME nothing was changed. */
    dph_status(DPH_CALL *apply)(const dph_host *host, const dph_call *call, const dph_batch *batch,
                                const dph_str *op_key, dph_apply_result *result, dph_error *err);
} dph_store_v1;

#endif
