/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a device's recovery key is kept: one of four words and why, the first that fits
 * (S2.24-S2.29, S3.47). Pure; knows neither listings nor state. */
#ifndef BKEY_ESCROW_STATUS_H
#define BKEY_ESCROW_STATUS_H

#include "domain/model.h"

/* The encryption report may be a day old, and the key comes after the encryption. */
#define BKEY_ESCROW_GRACE_MS (INT64_C(48) * 3600 * 1000)
#define BKEY_ESCROW_KEYS_WARN 150u /* of the 200 keys that the directory keeps of a device */
#define BKEY_ESCROW_KEYS_MOST 200u

/* Values are stored: never renumber. */
typedef enum bkey_escrow {
    BKEY_ESCROW_FAILED = 1,
    BKEY_ESCROW_PENDING = 2,
    BKEY_ESCROW_NOT_AVAILABLE = 3,
    BKEY_ESCROW_ESCROWED = 4,
    BKEY_ESCROW_COUNT
} bkey_escrow;

/* Values are stored: never renumber. */
typedef enum bkey_escrow_why {
    BKEY_ESCROW_WHY_BACKUP_FAILED = 1, /* Failed: the device could not store its key */
    BKEY_ESCROW_WHY_NO_NETWORK = 2,    /* Failed: it had no network to store it */
    BKEY_ESCROW_WHY_NO_KEY = 3,        /* Pending or Failed: encrypted, and no key is known */
    BKEY_ESCROW_WHY_NOT_COPIED = 4,    /* Pending or Failed: a key is listed, but not held here */
    BKEY_ESCROW_WHY_NOT_ENCRYPTED = 5, /* Not Available */
    BKEY_ESCROW_WHY_NOT_TOLD = 6,      /* Not Available: nothing says whether it is encrypted */
    BKEY_ESCROW_WHY_HELD = 7,          /* Escrowed */
    BKEY_ESCROW_WHY_OWNER_CHANGED = 8, /* Escrowed, but with a key from before the owner changed:
                                        * owner and scoped administrators cannot read it (S3.37) */
    BKEY_ESCROW_WHY_COUNT
} bkey_escrow_why;

typedef struct bkey_escrow_facts {
    bkey_encryption encryption;
    uint8_t backup;     /* BKEY_BACKUP_* */
    bool os_key_held;   /* a usable key of the operating system volume is committed here */
    bool os_key_listed; /* the source lists one, or did when it was last seen */
    bool owner_changed; /* since the newest held key was made */
    int64_t waited_ms;  /* how long it is encrypted without a held key; 0 when not known */
} bkey_escrow_facts;

typedef struct bkey_escrow_verdict {
    bkey_escrow status;
    bkey_escrow_why why;
} bkey_escrow_verdict;

bkey_escrow_verdict bkey_escrow_status_of(const bkey_escrow_facts *facts);
/* "Escrowed", "Pending", "Failed", "Not Available"; "" for anything else. Static. */
const char *bkey_escrow_status_name(uint8_t status);
/* A word for machines and a sentence for people; "" for anything else. Static. */
const char *bkey_escrow_status_reason(uint8_t why);
const char *bkey_escrow_status_sentence(uint8_t why);

#endif
