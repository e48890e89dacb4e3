/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct sim_options {
    uint16_t port;     /* 0: any free one */
    const char *data;  /* NULL: generate */
    const char *tls;   /* folder of CA and certificate; NULL: plain HTTP */
    const char *cloud; /* NULL: global */
    uint32_t devices;  /* per generated tenant */
    uint32_t keys;     /* per generated tenant */
    uint32_t tenants;
    uint64_t seed;
    uint32_t latency_ms;
    uint32_t page_size; /* 0: the defaults of the switches */
    bool http1;         /* no HTTP/2 by ALPN */
    bool help;
} sim_options;

/* False, with one sentence in `err`, for wrong usage. Texts point into argv. */
bool sim_options_parse(int argc, char **argv, sim_options *out, char err[256]);
void sim_options_usage(FILE *stream);

#endif
