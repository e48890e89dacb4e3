/* SPDX-License-Identifier: Apache-2.0
 *
 * A host's store in memory, with revisions, conflicts and op_key replay as dph.store/1 promises.
 * Plain data without pointers in shared memory: a forked child writes it, dies, and the parent
 * goes on from there. For tests only. */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "base/ports.h"

#define FAKE_TEXT 288
#define FAKE_STATE_ROWS 8192u
#define FAKE_RECORDS 4096u
#define FAKE_ACTIVITIES 16384u
#define FAKE_CONFIGURATIONS 1024u
#define FAKE_CONTACTS 1024u
#define FAKE_ORGANIZATIONS 64u
#define FAKE_SLOTS 128u
#define FAKE_OP_KEYS 2048u
#define FAKE_HEAP (24u * 1024u * 1024u)

typedef struct fake_state_row {
    uint8_t key[64];
    uint32_t key_len;
    uint32_t value_at; /* into heap */
    uint32_t value_len;
    uint32_t value_cap;
    uint64_t revision;
    bool tombstone;
} fake_state_row;

typedef struct fake_record {
    char external_id[128], organization_id[72], folder_id[72], category[FAKE_TEXT],
        title[FAKE_TEXT * 4], username[FAKE_TEXT], configuration_id[72], tag[72], data[FAKE_TEXT];
    uint64_t revision;
    bool archived;
} fake_record;

typedef struct fake_folder {
    char organization_id[72], folder_id[72], name[FAKE_TEXT];
    uint64_t revision;
    bool hidden;
} fake_folder;

typedef struct fake_activity {
    bkey_action action;
    char organization_id[72], external_id[128], subject[FAKE_TEXT * 4], detail[520];
} fake_activity;

typedef struct fake_configuration {
    char configuration_id[72], organization_id[72], name[FAKE_TEXT], hostname[FAKE_TEXT],
        serial[FAKE_TEXT], mac[64];
    bool archived;
} fake_configuration;

typedef struct fake_contact {
    char contact_id[72], organization_id[72], external_id[128], name[FAKE_TEXT * 4],
        first_name[FAKE_TEXT], last_name[FAKE_TEXT], emails[2100];
    uint64_t revision;
    bool taken;
} fake_contact;

typedef struct fake_organization {
    char id[72], name[FAKE_TEXT];
    char into[72]; /* it was merged into that one; "" = it was not */
    bool gone;     /* it was deleted */
} fake_organization;

typedef struct fake_slot {
    char name[130];
    uint8_t key[32];
} fake_slot;

typedef struct fake_op {
    char op_key[66];
    uint8_t hash[32];
    uint64_t rows;
} fake_op;

typedef struct fake_store {
    void (*on_apply)(void *context); /* before a batch is looked at; NULL: nothing */
    void *context;
    uint64_t row_changes; /* rows written since the beginning */
    uint64_t applies;     /* batches that landed */
    uint32_t state_count, record_count, folder_count, activity_count, configuration_count,
        contact_count, organization_count, slot_count, op_count, heap_used;
    fake_state_row state[FAKE_STATE_ROWS]; /* in the order of the keys' bytes */
    fake_record records[FAKE_RECORDS];
    fake_folder folders[FAKE_ORGANIZATIONS];
    fake_activity activities[FAKE_ACTIVITIES];
    fake_configuration configurations[FAKE_CONFIGURATIONS];
    fake_contact contacts[FAKE_CONTACTS];
    fake_organization organizations[FAKE_ORGANIZATIONS];
    fake_slot slots[FAKE_SLOTS];
    fake_op ops[FAKE_OP_KEYS];
    uint8_t heap[FAKE_HEAP];
} fake_store;

/* Shared memory, zeroed; aborts when there is none. */
fake_store *fake_store_new(void);
void fake_store_free(fake_store *store);
/* Makes `to` equal to `from`; a snapshot is a second store. */
void fake_store_copy(fake_store *to, const fake_store *from);
/* True when the two hold the same rows, whatever their revisions' history and op keys. */
bool fake_store_same_rows(const fake_store *a, const fake_store *b);

void fake_store_add_organization(fake_store *store, const char *id, const char *name);
/* Text may be NULL for "". */
fake_configuration *fake_store_add_configuration(fake_store *store, const char *organization_id,
                                                 const char *id, const char *name,
                                                 const char *serial);

/* A contact that somebody wrote: without a link. */
fake_contact *fake_store_add_contact(fake_store *store, const char *organization_id,
                                     const char *name, const char *emails);
/* The contact of that name; NULL when there is none. */
fake_contact *fake_store_contact(fake_store *store, const char *name);

/* The promises of dph.store/1. Errors: CONFLICT (with *out_conflict), STORE. */
bkey_err fake_store_apply(fake_store *store, const bkey_item *items, size_t count,
                          const char *op_key, uint64_t *out_rows, size_t *out_conflict);

fake_state_row *fake_store_state(fake_store *store, bkey_bytes key);
fake_record *fake_store_record(fake_store *store, const char *external_id);
fake_folder *fake_store_folder(fake_store *store, const char *organization_id);
fake_slot *fake_store_slot(fake_store *store, const char *name);
/* How many activities of that action there are. */
size_t fake_store_count(const fake_store *store, bkey_action action);
/* True when the bytes occur anywhere in the store's memory: the planted-secret search. */
bool fake_store_contains(const fake_store *store, const void *bytes, size_t len);

#endif
