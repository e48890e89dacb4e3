/* SPDX-License-Identifier: Apache-2.0
 *
 * Which path and method is which route, and who answers it. */
#ifndef SIM_PATHS_H
#define SIM_PATHS_H

#include "call.h"

typedef enum sim_area {
    SIM_AREA_LOGIN,  /* the tenant is the first captured segment; no token */
    SIM_AREA_GRAPH,  /* /v1.0 and /beta */
    SIM_AREA_BETA,   /* known on v1.0 too, but refused there */
    SIM_AREA_PARTNER /* Partner Center */
} sim_area;

typedef struct sim_path {
    sim_route route;
    sim_area area;
    const char *method;
    const char *pattern; /* {} stands for one segment; without the version of Graph */
    void (*handle)(sim_call *call);
} sim_path;

/* Finds the row for the call's path and method, and fills route, version and captured segments.
 * `devices('x')` counts as `devices/x` and `devices(deviceId='x')` as `devices/deviceId=x`. NULL
 * when there is none. */
const sim_path *sim_paths_find(sim_call *call);

#endif
