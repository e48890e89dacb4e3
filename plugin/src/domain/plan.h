/* SPDX-License-Identifier: Apache-2.0
 *
 * From what is known to what is to be done. Pure: known state + complete listing + configurations
 * -> one row per key that says where it belongs, what it is, and which writes would make it so. The
 * same input gives the same plan; when everything is so already, no row has anything to do. */
#ifndef BKEY_PLAN_H
#define BKEY_PLAN_H

#include "base/error.h"
#include "domain/match.h"
#include "domain/model.h"
#include "domain/naming.h"
#include "domain/view.h"

typedef struct bkey_plan_rules {
    int64_t burst_window_ms; /* keys this close to the newest are current too; default 600,000 */
    const char *category;    /* name of the reserved category */
} bkey_plan_rules;

typedef struct bkey_plan_input {
    const bkey_listed_key *listed; /* duplicates by id are allowed, the last word counts */
    size_t listed_count;
    bool listing_incomplete; /* it had rows that could not be read: nothing is gone for it */
    const bkey_held_key *held;
    size_t held_count;
    const bkey_device *devices;
    size_t device_count;
    const bkey_configuration *configurations;
    size_t configuration_count;
    const bkey_decision *decisions;
    size_t decision_count;
    const bkey_evidence *evidence;
    size_t evidence_count;
    const bkey_rival *rivals; /* as in bkey_match_world */
    size_t rival_count;
    const bkey_import *imports;
    size_t import_count;
    bool addresses_pending; /* as in bkey_match_world */
    const bkey_record *records;
    size_t record_count;
    const char *const *folder_ids; /* per organization index: the folder's id */
    size_t organization_count;
    bkey_plan_rules rules;
} bkey_plan_input;

/* What is to be done for a key. */
/* The source lists it, and its secret was never read there: it is not held, or only imported. */
#define BKEY_DO_FETCH 1u
#define BKEY_DO_META 2u        /* its metadata row changes (gone, or the source's metadata) */
#define BKEY_DO_REHOME 4u      /* its state rows move to another organization */
#define BKEY_DO_CREATE 8u      /* the record does not exist */
#define BKEY_DO_UPDATE 16u     /* the record's content differs */
#define BKEY_DO_RENAME 32u     /* the record's title differs */
#define BKEY_DO_ARCHIVE 64u    /* becomes archived now */
#define BKEY_DO_UNARCHIVE 128u /* becomes visible now */
#define BKEY_DO_MOVE 256u      /* the record moves from another organization */
#define BKEY_DO_WITHDRAW 512u  /* a person took the match back: the record goes, the key stays */

typedef struct bkey_plan_key {
    sup_guid id;
    sup_guid device_id;
    int64_t created_ms;
    uint32_t todo;          /* BKEY_DO_* */
    uint32_t held;          /* index into input.held, BKEY_NONE */
    uint32_t record;        /* index into input.records, BKEY_NONE */
    uint32_t device;        /* index into input.devices, BKEY_NONE: not in the inventory */
    uint32_t configuration; /* index into input.configurations, BKEY_NONE: unmatched */
    uint32_t organization;  /* where it belongs; BKEY_NONE = nobody's folder */
    uint32_t import;        /* index into input.imports, BKEY_NONE */
    uint8_t volume;
    uint8_t lineage;  /* bkey_lineage */
    uint8_t flags;    /* BKEY_HELD_* as they are to be */
    uint8_t origins;  /* BKEY_ORIGIN_* as they are to be */
    uint8_t archived; /* the archive flag the record is to have */
    uint8_t unnamed;  /* the title is a stand-in: flagged in the record's data */
    uint8_t expelled; /* by a person's word it is in nobody's folder, wherever it was */
    uint8_t ignored;  /* and nobody waits for it */
    uint8_t detached; /* its device's configuration is deleted or archived: flagged too */
} bkey_plan_key;

/* A device whose match is new or changed and is to be remembered. */
typedef struct bkey_plan_match {
    sup_guid device_id;
    uint32_t configuration;
    uint32_t organization;
    bkey_match_reason reason;
    uint64_t expect_revision; /* of the decision row; 0 = none yet */
} bkey_plan_match;

/* A device that has keys and no match. */
typedef struct bkey_plan_waiting {
    sup_guid device_id;
    uint32_t device; /* index into input.devices, BKEY_NONE: not in the inventory */
    bool wants_mac;  /* its addresses could match it */
    bkey_match match;
} bkey_plan_waiting;

typedef struct bkey_plan {
    bkey_plan_key *keys; /* sorted by organization, device, volume, created, id */
    size_t key_count;
    bkey_plan_match *matches;
    size_t match_count;
    bkey_plan_waiting *waiting; /* sorted by device */
    size_t waiting_count;
    uint64_t unmatched; /* keys that are in nobody's folder, ignored ones left out */
    uint64_t fetches;   /* keys to fetch */
} bkey_plan;

/* Plans are made twice per tick: before the secrets are fetched (FETCH tells which), and after,
 * with what is held by then; a record is planned only for a key whose secret is held. A key whose
 * device has neither match nor decision belongs where its record already is, if it has one. An
 * imported key whose device the tenant does not name is its device's when one listed device alone
 * has the serial number; else it is placed by that number when the only configuration with it is in
 * the organization that the import was for.
 * `configuration` is BKEY_NONE with an organization set when the remembered configuration is gone:
 * the record stays. Errors: NOMEM, LIMIT. out_plan is freed with bkey_plan_free. */
BKEY_MUST_CHECK bkey_err bkey_plan_build(const bkey_plan_input *input, bkey_plan *out_plan);
void bkey_plan_free(bkey_plan *plan);
/* What devices are matched by in that plan. */
bkey_match_world bkey_plan_world(const bkey_plan_input *input);

/* What the record of a planned key is to say; planning compares by the same function. */
typedef struct bkey_plan_record {
    const char *configuration_id; /* "" when there is none (any more) */
    const char *tag;
    const char *category;
    char data[BKEY_VIEW_DATA_SIZE];
    char
        title[BKEY_NAMING_TITLE_SIZE]; /* counts for CREATE and RENAME; else the record keeps its */
} bkey_plan_record;

void bkey_plan_record_write(const bkey_plan_input *input, const bkey_plan_key *key,
                            bkey_plan_record *out);

/* 64-bit hash of up to four texts, length-prefixed, NULL as ""; for comparing, not for secrets. */
uint64_t bkey_plan_hash(const char *a, const char *b, const char *c, const char *d);

#endif
