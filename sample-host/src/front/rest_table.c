/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_route.h"

#define API "/api/v1"

static const front_route routes[] = {
    {"GET", API "/organizations", "org list", 0, NULL},
    {"POST", API "/organizations", "org add", FRONT_ROUTE_CREATES, NULL},
    {"PATCH", API "/organizations/{org}", "org edit", 0, NULL},
    {"POST", API "/connections/{org}", "connect", FRONT_ROUTE_SLOW, NULL},
    {"POST", API "/sync", "sync", FRONT_ROUTE_SLOW, NULL},
    {"POST", API "/passwords/{key}/reveal", "reveal", FRONT_ROUTE_REVEALS, NULL},
    {"DELETE", API "/organizations/{org}", "org delete", 0, NULL},
};

const front_route *front_rest_table(size_t *count)
{
    *count = sizeof routes / sizeof routes[0];
    return routes;
}
