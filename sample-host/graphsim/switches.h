/* SPDX-License-Identifier: Apache-2.0
 *
 * What the documentation leaves open, and what tests want to vary: settings that POST
 * /_sim/switches changes while the simulator runs. */
#ifndef SIM_SWITCHES_H
#define SIM_SWITCHES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum sim_switch {
    SIM_SWITCH_PAGE_SIZE,           /* managedDevices rows per page without $top */
    SIM_SWITCH_KEYS_PAGE_SIZE,      /* recoveryKeys rows per page */
    SIM_SWITCH_DIRECTORY_PAGE_SIZE, /* devices and users per page without $top */
    SIM_SWITCH_LATENCY_MS,          /* added to every answer of the cloud, not of /_sim */
    SIM_SWITCH_CLOCK_SKEW_S,        /* added to the Date header */
    SIM_SWITCH_GZIP,                /* large answers are packed for clients that take it */
    SIM_SWITCH_CHUNKED,             /* no Content-Length */
    SIM_SWITCH_WRAPPED_KEY,         /* a single key comes inside "value" */
    SIM_SWITCH_VOLUME_TYPE_STYLE,   /* one of sim_volume_style */
    SIM_SWITCH_UPPER_GUIDS,         /* ids in upper case */
    SIM_SWITCH_USER_AGENT_REQUIRED,
    SIM_SWITCH_ROLE_REQUIRED,       /* delegated calls need the directory role of their service */
    SIM_SWITCH_OMIT_REFRESH_TOKEN,  /* token answers without a new refresh token */
    SIM_SWITCH_KEEP_REFRESH_TOKEN,  /* the one that was used comes back */
    SIM_SWITCH_REFRESH_TOKEN_BYTES, /* least length of new ones */
    SIM_SWITCH_EXPIRES_IN_TEXT,     /* expires_in as a string */
    SIM_SWITCH_TOKEN_LIFETIME_S,    /* 0: as Microsoft does */
    SIM_SWITCH_X5T_SHA1,            /* assertions may name the certificate by SHA-1 */
    SIM_SWITCH_DEVICE_PENDING,      /* polls before the user is done */
    SIM_SWITCH_DEVICE_RESULT,       /* one of sim_device_result */
    SIM_SWITCH_DEVICE_SLOW_DOWN,    /* early polls are told to slow down */
    SIM_SWITCH_DEVICE_INTERVAL_S,
    SIM_SWITCH_DEVICE_EXPIRES_S,
    SIM_SWITCH_DEVICE_COMMON_REFUSED, /* no device code at /common and /consumers */
    SIM_SWITCH_AUTHORIZE_ERROR,       /* AADSTS number that sign-in redirects with; 0: none */
    SIM_SWITCH_ADMIN_CONSENT,         /* grant or deny */
    SIM_SWITCH_CHALLENGE_STYLE,       /* one of sim_challenge_style */
    SIM_SWITCH_BATCH_RECOVERY_KEYS,   /* recoveryKeys may stand in a batch */
    SIM_SWITCH_BATCH_ORDER,           /* of answers: given, reversed, shuffled */
    SIM_SWITCH_BATCH_RETRY_AFTER,     /* throttled items have the header */
    SIM_SWITCH_THROTTLE,              /* documented budgets hold */
    SIM_SWITCH_KEYS_LIMIT,            /* recoveryKeys requests per window; 0: none */
    SIM_SWITCH_KEYS_WINDOW_S,
    SIM_SWITCH_RETRY_AFTER_STYLE,       /* one of sim_retry_after_style */
    SIM_SWITCH_LONG_NEXT_LINK,          /* 9,000 characters */
    SIM_SWITCH_DUPLICATE_ACROSS_PAGES,  /* a page starts with the last row of the one before */
    SIM_SWITCH_PAGE_TOKEN_EPOCH,        /* page tokens of another epoch have expired */
    SIM_SWITCH_INTUNE_FORBIDDEN_AS_401, /* and nested twice */
    SIM_SWITCH_INTUNE_OFFSET_DATES,     /* -08:00 instead of Z */
    SIM_SWITCH_ROTATION_OUTCOME,        /* one of sim_rotation_outcome */
    SIM_SWITCH_ROTATION_DELAY_S,        /* until the device answers */
    SIM_SWITCH_ESCROW_DELAY_S,          /* from then until the new key is listed */
    SIM_SWITCH_ROTATION_PERMISSION,     /* any, configuration, managed_devices, privileged */
    SIM_SWITCH_AUDIT_DELAY_S,           /* until a record is listed */
    SIM_SWITCH_AUDIT_CATEGORY_FILTER,   /* category eq '...' is taken */
    SIM_SWITCH_COUNT
} sim_switch;

typedef enum sim_volume_style {
    SIM_VOLUME_AS_GIVEN, /* as the row has it; generated rows as name */
    SIM_VOLUME_NAME,
    SIM_VOLUME_DIGIT,
    SIM_VOLUME_NUMBER,
    SIM_VOLUME_NULL,
    SIM_VOLUME_UNKNOWN
} sim_volume_style;

typedef enum sim_device_result {
    SIM_DEVICE_APPROVE,
    SIM_DEVICE_DECLINE,
    SIM_DEVICE_EXPIRE,
    SIM_DEVICE_BLOCKED /* by conditional access */
} sim_device_result;

typedef enum sim_challenge_style {
    SIM_CHALLENGE_BEARER,
    SIM_CHALLENGE_POP_FIRST, /* PoP and Bearer in one line */
    SIM_CHALLENGE_TWO_LINES,
    SIM_CHALLENGE_UNQUOTED
} sim_challenge_style;

typedef enum sim_retry_after_style {
    SIM_RETRY_AFTER_SECONDS,
    SIM_RETRY_AFTER_DATE,
    SIM_RETRY_AFTER_ABSENT
} sim_retry_after_style;

typedef enum sim_rotation_outcome {
    SIM_ROTATION_DONE,
    SIM_ROTATION_FAILED,
    SIM_ROTATION_NOT_SUPPORTED,
    SIM_ROTATION_STUCK,
    SIM_ROTATION_NO_KEY /* done, but nothing is escrowed */
} sim_rotation_outcome;

typedef struct sim_switches {
    int64_t values[SIM_SWITCH_COUNT];
} sim_switches;

/* The defaults. */
void sim_switches_init(sim_switches *switches);
/* Changes those named in `object`, all or none. False when a name or value is unknown. */
bool sim_switches_apply(sim_switches *switches, json_t *object);
/* The number that a switch of words gives a word; -1 for an unknown one. */
int sim_switches_word(sim_switch which, const char *word);
/* All names and values; the caller owns the object. */
json_t *sim_switches_describe(const sim_switches *switches);

#endif
