/* SPDX-License-Identifier: Apache-2.0
 *
 * Which configuration a device is, and why: a person's word first, then evidence in order: a
 * remembered match, the serial number, the network addresses when the serial number is junk. A name
 * alone only suggests. Two candidates, or evidence that contradicts itself, place nothing. Pure;
 * text is borrowed. */
#ifndef BKEY_MATCH_H
#define BKEY_MATCH_H

#include "base/error.h"
#include "domain/idsort.h"
#include "domain/model.h"

#define BKEY_MATCH_SERIAL_MAX 128u /* a longer serial number is no evidence */
#define BKEY_MATCH_CANDIDATES 4u   /* so many are named */

/* Why; values are stored: never renumber. */
typedef enum bkey_match_outcome {
    BKEY_MATCHED_REMEMBERED = 1,   /* the decision's configuration is there, archived or not */
    BKEY_MATCHED_LOST = 2,         /* the decision's configuration is gone, no successor */
    BKEY_MATCHED_SERIAL = 3,       /* the only configuration with the serial number */
    BKEY_MATCHED_MAC = 4,          /* the only configuration with one of the addresses */
    BKEY_UNMATCHED_NO_DEVICE = 5,  /* not in the inventory, nothing remembered */
    BKEY_UNMATCHED_JUNK = 6,       /* the serial number is no evidence, and no address helps */
    BKEY_UNMATCHED_NOWHERE = 7,    /* no configuration has that serial number */
    BKEY_UNMATCHED_ARCHIVED = 8,   /* only archived configurations have it */
    BKEY_UNMATCHED_UNDONE = 9,     /* a person took the match back */
    BKEY_UNMATCHED_IGNORED = 10,   /* a person wants it nowhere */
    BKEY_UNMATCHED_AMBIGUOUS = 11, /* several configurations fit */
    BKEY_UNMATCHED_CLONED = 12,    /* another device says the same of itself */
    BKEY_UNMATCHED_CLAIMED = 13,   /* the configuration is another device's already */
    BKEY_UNMATCHED_CONTESTED = 14, /* remembered, but its serial number points to another
                                    * organization: what is shown stays, nothing new is placed */
    BKEY_UNMATCHED_TORN = 15,      /* listed twice with two serial numbers */
    BKEY_UNMATCHED_ELSEWHERE = 16, /* remembered in an organization that left the connection */
    BKEY_UNMATCHED_RIVAL = 17,     /* a device of another tenant has what the evidence leads to */
    BKEY_MATCH_OUTCOME_COUNT
} bkey_match_outcome;

typedef struct bkey_match {
    bkey_match_outcome outcome;
    uint32_t configuration;                     /* index, BKEY_NONE */
    uint32_t organization;                      /* index, BKEY_NONE */
    bool remember;                              /* new, or differs from the decision */
    bool by_name;                               /* the candidates merely have the device's name */
    bkey_match_reason reason;                   /* with remember */
    uint32_t candidate_count;                   /* of those named */
    uint32_t candidates[BKEY_MATCH_CANDIDATES]; /* configurations that a person may choose from */
} bkey_match;

/* What people are shown. */
typedef enum bkey_match_state {
    BKEY_MATCH_STATE_MATCHED,
    BKEY_MATCH_STATE_SUGGESTED,
    BKEY_MATCH_STATE_UNMATCHED,
    BKEY_MATCH_STATE_QUARANTINED,
    BKEY_MATCH_STATE_IGNORED,
    BKEY_MATCH_STATE_COUNT
} bkey_match_state;

/* Everything a match is made from. Outlives the index. */
typedef struct bkey_match_world {
    const bkey_configuration *configurations;
    size_t configuration_count;
    const bkey_device *devices;
    size_t device_count;
    const bkey_decision *decisions;
    size_t decision_count;
    const bkey_evidence *evidence;
    size_t evidence_count;
    const bkey_rival *rivals; /* those that are still there */
    size_t rival_count;
    size_t organization_count; /* with one, evidence cannot point to a wrong organization */
    bool addresses_pending;    /* devices whose addresses would count were not asked yet */
} bkey_match_world;

/* The world, ready for lookup. Not for two threads at once. */
typedef struct bkey_match_index bkey_match_index;

/* NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_index_new(const bkey_match_world *world,
                                              bkey_match_index **out_index);
/* NULL-safe, sets NULL. */
void bkey_match_index_free(bkey_match_index **index);
/* device: NULL = not in the inventory; decision: NULL = none. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_device(bkey_match_index *index, const bkey_device *device,
                                           const bkey_decision *decision, bkey_match *out_match);
/* The one listed device with that serial number; BKEY_NONE when there is none, when there are
 * several, or when the number is no evidence. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_owner(bkey_match_index *index, const char *serial,
                                          uint32_t *out_device);
/* True when an address could match that device: its serial number is junk, and some configuration
 * has an address that counts. */
bool bkey_match_wants_mac(const bkey_match_index *index, const bkey_match *match);

/* Writes the serial number as it is compared: trimmed, upper case, inner blanks as one. Returns its
 * length; 0 when it is too long, too short or made of one character only. */
size_t bkey_match_serial(const char *serial, char out[BKEY_MATCH_SERIAL_MAX + 1]);

/* Reads up to `max` addresses that name one machine out of a text with one or several: 12 hex
 * digits, with or without ':', '-' or '.'. Left out: addresses of groups, of virtual machines,
 * VPNs and docks, and those that software made up. Returns how many. */
size_t bkey_match_mac(const char *text, uint64_t *out, size_t max);

/* ---- match_state.c ---- */
bkey_match_state bkey_match_state_of(bkey_match_outcome outcome, bool by_name,
                                     uint32_t candidate_count);
/* "matched", "suggested", ... Static. */
const char *bkey_match_state_name(bkey_match_state state);
/* The state of that name; false when it is none. */
bool bkey_match_state_parse(const char *name, bkey_match_state *out);
/* A sentence: why the device is where it is. Static. */
const char *bkey_match_state_why(bkey_match_outcome outcome);
/* The same for what is remembered. Static. */
const char *bkey_match_state_reason(bkey_match_reason reason);

#endif
