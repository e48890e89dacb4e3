/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules that make the cloud misbehave: which request, how often, and how. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_FAULTS_MAX 64

/* What is done to the JSON of a good answer, or to the way it ends. Zero bits: nothing. */
enum {
    SIM_FAULT_CUT_BODY = 1 << 0,
    SIM_FAULT_RESET = 1 << 1,
    SIM_FAULT_GARBAGE = 1 << 2,
    SIM_FAULT_WRONG_TYPE = 1 << 3,
    SIM_FAULT_DUPLICATE_ROWS = 1 << 4,
    SIM_FAULT_EMPTY_PAGE = 1 << 5,
    SIM_FAULT_NEXT_LINK_OTHER_HOST = 1 << 6,
    SIM_FAULT_HTML = 1 << 7,
    SIM_FAULT_CLOSE = 1 << 8,
    SIM_FAULT_GO_AWAY = 1 << 9
};

typedef struct sim_fault {
    char route[40];  /* "" or "*": any */
    char tenant[64]; /* "": any */
    char match[128]; /* part of path and query; "": any */
    int64_t skip;    /* let pass first */
    int64_t count;   /* then do it that often; -1 for ever */
    int64_t hits;
    int status; /* 0: leave */
    uint64_t latency_ms;
    unsigned kinds;
    char retry_after[64]; /* "": no header; seconds or a date */
    char error[40];       /* a name that sim_errors_named() knows; "": none */
} sim_fault;

typedef struct sim_faults {
    sim_fault list[SIM_FAULTS_MAX];
    size_t count;
} sim_faults;

/* Adds one rule or a list of rules, all or none. False, with one sentence in `err`, when a member
 * is unknown or there is no room. */
bool sim_faults_add(sim_faults *faults, json_t *rules, char err[256]);
void sim_faults_clear(sim_faults *faults);
/* The first rule that is due for this request, counted as used; NULL when none is. */
const sim_fault *sim_faults_take(sim_faults *faults, const char *route, const char *tenant,
                                 const char *target);
/* What is left of the rules; the caller owns the list. */
json_t *sim_faults_describe(const sim_faults *faults);
/* One word for the log. */
const char *sim_faults_word(const sim_fault *fault);

#endif
