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
    SIM_SWITCH_PAGE_SIZE,          /* managedDevices rows per page without $top */
    SIM_SWITCH_KEYS_PAGE_SIZE,     /* recoveryKeys rows per page */
    SIM_SWITCH_LATENCY_MS,         /* added to every answer of the cloud, not of /_sim */
    SIM_SWITCH_WRAPPED_KEY,        /* a single key comes inside "value" */
    SIM_SWITCH_VOLUME_TYPE_STYLE,  /* one of sim_volume_style */
    SIM_SWITCH_UPPER_GUIDS,        /* ids in upper case */
    SIM_SWITCH_OMIT_REFRESH_TOKEN, /* token answers without a new refresh token */
    SIM_SWITCH_EXPIRES_IN_TEXT,    /* expires_in as a string */
    SIM_SWITCH_TOKEN_LIFETIME_S,   /* 0: as Microsoft does */
    SIM_SWITCH_USER_AGENT_REQUIRED,
    SIM_SWITCH_ROLE_REQUIRED, /* delegated key access needs a directory role */
    SIM_SWITCH_COUNT
} sim_switch;

typedef enum sim_volume_style {
    SIM_VOLUME_AS_GIVEN, /* as the row has it; generated rows as name */
    SIM_VOLUME_NAME,
    SIM_VOLUME_DIGIT,
    SIM_VOLUME_NUMBER,
    SIM_VOLUME_STYLE_COUNT
} sim_volume_style;

typedef struct sim_switches {
    int64_t values[SIM_SWITCH_COUNT];
} sim_switches;

/* The defaults. */
void sim_switches_init(sim_switches *switches);
/* Changes those named in `object`, all or none. False when a name or value is unknown. */
bool sim_switches_apply(sim_switches *switches, json_t *object);
/* All names and values; the caller owns the object. */
json_t *sim_switches_describe(const sim_switches *switches);

#endif
