/* SPDX-License-Identifier: Apache-2.0
 *
 * Which command a method and path of the REST API stand for. Pure; knows neither HTTP library nor
 * what the commands do. */
#ifndef FRONT_REST_ROUTE_H
#define FRONT_REST_ROUTE_H

#include "sample-host/src/base/host_error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define FRONT_ROUTE_CREATES 1u /* answers 201 */
#define FRONT_ROUTE_SLOW 2u    /* talks to the network; few at a time */
#define FRONT_ROUTE_REVEALS 4u /* the answer is a secret */
#define FRONT_ROUTE_ACCEPTS 8u /* answers 202: the work comes later */
#define FRONT_ROUTE_FILE 16u   /* the answer is a file to keep: CSV or JSON as it is */

typedef struct front_route {
    const char *method;
    const char *path; /* with {name} for a segment that becomes the argument of that name */
    const char *command;
    uint32_t flags; /* FRONT_ROUTE_* */
} front_route;

#define FRONT_ROUTE_FOUND 0
#define FRONT_ROUTE_NO_PATH 1
#define FRONT_ROUTE_NO_METHOD 2

#define FRONT_ROUTE_ALLOW_SIZE 48

/* All routes; static. Defined by rest_table.c. */
const front_route *front_rest_table(size_t *count);
/* FOUND sets *out. NO_METHOD writes the methods that the path has into `allow`, "GET, POST". HEAD
 * counts as GET. `path` is without query, its escapes not resolved. */
int front_rest_route_find(const char *method, const char *path, const front_route **out,
                          char allow[FRONT_ROUTE_ALLOW_SIZE]);
/* Puts the segments of `path` into `args`, escapes resolved. Fails with
 * DPH_E_NOT_FOUND for segments that are empty or no text. */
bool front_rest_route_args(const front_route *route, const char *path, json_t *args,
                           host_error *err);

/* Resolves the percent escapes of a segment or query value and terminates. False for broken ones, a
 * zero byte, text that is not UTF-8, or more than `cap` - 1 bytes. */
bool front_rest_route_unescape(const char *text, size_t len, char *out, size_t cap);

#endif
