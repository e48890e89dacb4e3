/* SPDX-License-Identifier: Apache-2.0
 *
 * The things the product speaks of, as plain values. Pure: no I/O, no clock, no host, no JSON. */
#ifndef BKEY_MODEL_H
#define BKEY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/guid.h"

#define BKEY_NONE UINT32_MAX                              /* "no index" */
#define BKEY_DATE_UNKNOWN INT64_MIN                       /* a date that the source does not give */
#define BKEY_EXTERNAL_ID_SIZE (SUP_GUID_TEXT_LEN * 2 + 2) /* "TENANT:KEYID" and a zero byte */

typedef enum bkey_volume {
    BKEY_VOLUME_UNKNOWN = 0, /* absent, null, or a word we do not know */
    BKEY_VOLUME_OS = 1,
    BKEY_VOLUME_FIXED = 2,
    BKEY_VOLUME_REMOVABLE = 3,
    BKEY_VOLUME_COUNT
} bkey_volume;

/* What the state of a key is, as shown in plugin_tag. */
typedef enum bkey_lineage {
    BKEY_LINEAGE_CURRENT = 1,
    BKEY_LINEAGE_SUPERSEDED = 2,
    BKEY_LINEAGE_GONE = 3 /* current as far as known, but gone from a complete listing */
} bkey_lineage;

/* One row of the complete listing of recovery keys. */
typedef struct bkey_listed_key {
    sup_guid id;
    sup_guid device_id; /* zero when the source gives none */
    int64_t created_ms;
    uint8_t volume; /* bkey_volume */
} bkey_listed_key;

#define BKEY_HELD_SECRET 1u    /* its secret is committed */
#define BKEY_HELD_MALFORMED 2u /* kept verbatim: does not parse as a recovery password */
#define BKEY_HELD_GONE 4u      /* was missing from the last complete listing */

/* Where a key is known from. Stored. */
#define BKEY_ORIGIN_ENTRA 1u  /* the tenant lists it, or did */
#define BKEY_ORIGIN_AD 2u     /* an export of Active Directory */
#define BKEY_ORIGIN_PERSON 4u /* typed by hand */
#define BKEY_ORIGIN_FILE 8u   /* another file */

/* One key as our state holds it. */
typedef struct bkey_held_key {
    sup_guid id;
    sup_guid device_id;
    int64_t created_ms;
    uint64_t meta_revision;   /* of its metadata row */
    uint64_t secret_revision; /* of its secret row */
    uint32_t organization;    /* index into the connection's organizations, BKEY_NONE = none */
    uint8_t volume;
    uint8_t flags;   /* BKEY_HELD_* */
    uint8_t origins; /* BKEY_ORIGIN_*; 0 = the tenant alone */
} bkey_held_key;

/* What an import told of a key that the tenant may not know. */
typedef struct bkey_import {
    sup_guid key_id;
    const char *name;      /* of the computer; "" = not told */
    const char *serial;    /* "" = not told */
    uint32_t organization; /* that a person named for the import; BKEY_NONE: no longer connected */
} bkey_import;

/* Only what the tenant once listed can be gone there, and only that supersedes others. */
static inline bool bkey_origin_is_listed(uint8_t origins)
{
    return origins == 0 || (origins & BKEY_ORIGIN_ENTRA) != 0;
}

/* How a device belongs to the directory. Values are stored: never renumber. */
typedef enum bkey_join {
    BKEY_JOIN_UNKNOWN = 0,   /* the directory was not asked, or says a word we do not know */
    BKEY_JOIN_ENTRA = 1,     /* joined: AzureAd */
    BKEY_JOIN_HYBRID = 2,    /* joined on-premises and registered: ServerAd */
    BKEY_JOIN_WORKPLACE = 3, /* registered only */
    BKEY_JOIN_PENDING = 4,   /* known, but its registration is not complete */
    BKEY_JOIN_COUNT
} bkey_join;

/* Which listings have the device. Stored. */
#define BKEY_SOURCE_INTUNE 1u
#define BKEY_SOURCE_ENTRA 2u

/* Is its operating system volume encrypted? Stored. */
typedef enum bkey_encryption {
    BKEY_ENCRYPTION_UNKNOWN = 0,
    BKEY_ENCRYPTION_OFF = 1,
    BKEY_ENCRYPTION_ON = 2,
    BKEY_ENCRYPTION_COUNT
} bkey_encryption;

/* What Intune's encryption report says of the backup of the newest key. Stored. */
#define BKEY_BACKUP_FAILED 1u
#define BKEY_BACKUP_NO_NETWORK 2u

/* One device. Text is owned by whoever made the array, "" where the source gives none. */
typedef struct bkey_device {
    sup_guid id; /* Entra deviceId, never zero here */
    const char *name;
    const char *serial;
    const char *manufacturer;
    const char *model;
    sup_guid object_id;   /* of the directory; zero when it is not listed there */
    sup_guid managed_id;  /* Intune's; zero when it is not listed there */
    uint64_t owner;       /* hash of the primary user's id; 0 = none known */
    int64_t last_seen_ms; /* BKEY_DATE_UNKNOWN */
    uint8_t join;         /* bkey_join */
    uint8_t sources;      /* BKEY_SOURCE_* */
    uint8_t encryption;   /* bkey_encryption */
    uint8_t backup;       /* BKEY_BACKUP_* */
    bool is_other_system; /* not Windows: it has no BitLocker */
} bkey_device;

/* A configuration that a device may be matched to. */
typedef struct bkey_configuration {
    const char *id;
    const char *serial;
    uint32_t organization; /* index */
    bool archived;
    const char *hostname; /* NULL = none */
    const char *mac;      /* one address or several, as people wrote them; NULL = none */
} bkey_configuration;

/* Why a device is where it is; values are stored: never renumber. */
typedef enum bkey_match_reason {
    BKEY_MATCH_SERIAL = 1,
    BKEY_MATCH_MAC = 2,
    BKEY_MATCH_PERSON = 3,
    BKEY_MATCH_CREATED = 4, /* the configuration was made for the device */
    BKEY_MATCH_IGNORED = 5, /* a person wants it nowhere */
    BKEY_MATCH_UNDONE = 6,  /* a person took the match back: waits for the next word */
    BKEY_MATCH_OPEN = 7,    /* nothing is decided any more */
    BKEY_MATCH_COUNT
} bkey_match_reason;

/* A remembered match of a device. */
typedef struct bkey_decision {
    sup_guid device_id;
    const char *configuration_id;
    uint32_t organization; /* index; BKEY_NONE when it is no longer one of the connection's */
    uint64_t revision;
    uint8_t reason; /* bkey_match_reason; 0 = not known, by evidence */
} bkey_decision;

/* A device that another tenant has, whose connection may write to one of the same organizations. */
typedef struct bkey_rival {
    sup_guid device_id;
    const char *serial;           /* "" where there is none */
    const char *configuration_id; /* that it was matched to; "" = none */
} bkey_rival;

#define BKEY_MACS 2u /* of a device: wired and Wi-Fi */

/* What was asked of the source about one device that has no match. */
typedef struct bkey_evidence {
    sup_guid device_id;
    uint64_t macs[BKEY_MACS]; /* as 48-bit numbers; 0 = none that counts */
    uint64_t content_hash;    /* of the whole stored row */
    uint64_t revision;        /* of that row; 0 = not stored yet */
    bool asked;               /* the addresses were asked for */
    bool in_inventory;        /* when the row was written */
    uint8_t outcome;          /* bkey_match_outcome, then */
} bkey_evidence;

/* A record as the host shows it now, reduced to what a plan compares. */
typedef struct bkey_record {
    sup_guid key_id;
    uint64_t revision;
    uint64_t title_hash;   /* bkey_plan_hash of the title */
    uint64_t content_hash; /* bkey_plan_hash(configuration id, tag, data, category) */
    uint32_t organization; /* index; BKEY_NONE when it is none of the connection's */
    uint8_t lineage;       /* from its tag; 0 = unreadable */
    bool archived;
} bkey_record;

#endif
