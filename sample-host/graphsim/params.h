/* SPDX-License-Identifier: Apache-2.0
 *
 * The name=value pairs of a query string or form body, percent-decoded. Knows nothing of Graph. */
#ifndef SIM_PARAMS_H
#define SIM_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_PARAMS_MAX 32

typedef struct sim_params {
    char *text; /* owns every name and value */
    const char *names[SIM_PARAMS_MAX];
    const char *values[SIM_PARAMS_MAX];
    size_t count;
} sim_params;

/* Splits and decodes `len` bytes; pairs beyond the maximum are left out. False when memory ran
 * out. Free with sim_params_done(). */
bool sim_params_parse(const char *text, size_t len, sim_params *out);
void sim_params_done(sim_params *params);
/* The first value of that name (compared exactly), NULL when there is none. */
const char *sim_params_get(const sim_params *params, const char *name);

#endif
