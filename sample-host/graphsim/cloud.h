/* SPDX-License-Identifier: Apache-2.0
 *
 * Host names of Microsoft's clouds. A simulator is one of them. */
#ifndef SIM_CLOUD_H
#define SIM_CLOUD_H

#include <jansson.h>
#include <stdbool.h>

typedef struct sim_cloud {
    char name[32];
    char login[96];   /* host */
    char graph[96];   /* host; tokens are for https://<graph> */
    char device[128]; /* page where a user types a device code */
} sim_cloud;

/* By name: global, usgov, dod or china. False for any other. */
bool sim_cloud_find(const char *name, sim_cloud *out);
/* Replaces what {"name","login","graph","device"} names. */
void sim_cloud_change(sim_cloud *cloud, const json_t *object);

#endif
