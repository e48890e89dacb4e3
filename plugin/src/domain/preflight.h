/* SPDX-License-Identifier: Apache-2.0
 *
 * What can keep a connection from syncing, as a list in a stable order: which problems there are,
 * what each is called, what it hides and who can end it (S1.17, S1.18). Pure; must not know how a
 * problem is found. */
#ifndef BKEY_PREFLIGHT_H
#define BKEY_PREFLIGHT_H

#include "base/error.h"
#include "domain/settings.h"

/* Stored: never renumber. Smaller numbers are told first; the gaps are for later ones. */
typedef enum bkey_preflight_code {
    BKEY_PREFLIGHT_ADD_ON = 10,
    BKEY_PREFLIGHT_KEYS_OFF = 20,
    BKEY_PREFLIGHT_INTUNE_OFF = 30,
    BKEY_PREFLIGHT_CONTACTS_OFF = 40,
    BKEY_PREFLIGHT_LICENCES_OFF = 50,
    BKEY_PREFLIGHT_ACCESS = 60,    /* no token: reason, number = AADSTS */
    BKEY_PREFLIGHT_PERM_TYPE = 70, /* number = BKEY_GRANT_*, what there is */
    BKEY_PREFLIGHT_PERM_DEVICES = 80,
    BKEY_PREFLIGHT_PERM_KEY_LIST = 90,
    BKEY_PREFLIGHT_PERM_KEY_READ = 100,
    BKEY_PREFLIGHT_NO_DEVICES = 110,      /* neither Intune nor a readable directory */
    BKEY_PREFLIGHT_DEVICES_REFUSED = 120, /* granted, and refused all the same */
    BKEY_PREFLIGHT_KEYS_REFUSED = 130,
    BKEY_PREFLIGHT_USER_AGENT = 140,        /* the list of keys alone is a bad request */
    BKEY_PREFLIGHT_DEVICES_FAILED = 150,    /* reason */
    BKEY_PREFLIGHT_KEYS_FAILED = 160,       /* reason */
    BKEY_PREFLIGHT_CLOCK = 200,             /* number = seconds that this host is ahead */
    BKEY_PREFLIGHT_ORGANIZATION_GONE = 205, /* number = how many */
    BKEY_PREFLIGHT_SIGN_IN_ENDING = 210,    /* number = days left */
    BKEY_PREFLIGHT_CERT_ENDING = 215,       /* number = days left; 0 = it has ended */
    BKEY_PREFLIGHT_TOKEN_SHORT = 220,       /* number = seconds that a new token lives */
    BKEY_PREFLIGHT_NO_INTUNE = 225,         /* devices come from the directory alone */
    BKEY_PREFLIGHT_NO_LICENCE = 230,
    BKEY_PREFLIGHT_NO_CONTACTS = 280,       /* the permissions for them are missing */
    BKEY_PREFLIGHT_CONTACTS_UNPLACED = 290, /* number = organizations that they may belong to */
    BKEY_PREFLIGHT_SELF_SERVICE = 300       /* number = 1 when owners may read their keys */
} bkey_preflight_code;

typedef enum bkey_preflight_severity {
    BKEY_PREFLIGHT_NOTE = 1, /* no problem, but worth knowing */
    BKEY_PREFLIGHT_WARNING,
    BKEY_PREFLIGHT_ERROR /* the sync does not run */
} bkey_preflight_severity;

typedef struct bkey_preflight_problem {
    bkey_preflight_code code;
    uint32_t reason; /* BKEY_E_*; never 0 for an error */
    int64_t number;  /* what the code says */
} bkey_preflight_problem;

#define BKEY_PREFLIGHT_MAX 24u

/* All zero = none. */
typedef struct bkey_preflight {
    bkey_preflight_problem items[BKEY_PREFLIGHT_MAX]; /* by code; each code once */
    uint32_t count;
} bkey_preflight;

/* Adds a problem at its place; a code that is there already keeps its first number. */
void bkey_preflight_add(bkey_preflight *list, bkey_preflight_code code, int64_t number);
/* The same with a reason of its own, for the codes that have one. */
void bkey_preflight_fail(bkey_preflight *list, bkey_preflight_code code, bkey_err err,
                         int64_t number);
bool bkey_preflight_has(const bkey_preflight *list, bkey_preflight_code code);
/* The first error, NULL when nothing keeps the sync from running. */
const bkey_preflight_problem *bkey_preflight_first(const bkey_preflight *list);

/* What settings alone show. `application`: the connection signs in as one. */
void bkey_preflight_settings(bkey_preflight *list, const bkey_settings *settings, bool application);
/* The kind of permission that there is, held against the settings. */
void bkey_preflight_kind(bkey_preflight *list, const bkey_settings *settings, bool application);
/* Clocks that differ by more than the identity platform bears. */
void bkey_preflight_clock(bkey_preflight *list, int64_t ours_ms, int64_t theirs_ms);
/* An unused sign-in that was given `since_ms` and ends after the platform's time. */
void bkey_preflight_age(bkey_preflight *list, int64_t now_ms, int64_t since_ms);
/* A certificate that the app proves itself with. */
void bkey_preflight_certificate(bkey_preflight *list, int64_t now_ms, int64_t ends_ms);
/* A token that was just given and lives `seconds`. */
void bkey_preflight_lifetime(bkey_preflight *list, int64_t seconds);

#define BKEY_PREFLIGHT_TEXT_SIZE 544u /* a reason's sentence and a host's name */

/* In whole sentences, but for `brief`, a clause. Static texts, or in `buffer`. */
typedef struct bkey_preflight_text {
    const char *name; /* stable, for machines */
    bkey_preflight_severity severity;
    const char *brief;
    const char *what;
    const char *hides;
    const char *who;
    char buffer[BKEY_PREFLIGHT_TEXT_SIZE];
} bkey_preflight_text;

/* Describes a problem. */
void bkey_preflight_describe(const bkey_preflight_problem *problem, bkey_preflight_text *out);
/* True when only Microsoft's side can tell: the reason why switching on is refused (S1.23). */
bool bkey_preflight_is_remote(const bkey_preflight_problem *problem);
/* "note", "warning", "error". Static. */
const char *bkey_preflight_severity_name(bkey_preflight_severity severity);

#endif
