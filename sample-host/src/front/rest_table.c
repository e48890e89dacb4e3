/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_route.h"

#define API "/api/v1"
#define CREATES FRONT_ROUTE_CREATES
#define SLOW FRONT_ROUTE_SLOW

static const front_route routes[] = {
    {"GET", API "/activity", "activity list", 0},
    {"GET", API "/categories", "category list", 0},
    {"POST", API "/categories", "category add", CREATES},
    {"PATCH", API "/categories/{category}", "category edit", 0},
    {"DELETE", API "/categories/{category}", "category delete", 0},
    {"GET", API "/configurations", "config list", 0},
    {"POST", API "/configurations", "config add", CREATES},
    {"PATCH", API "/configurations/{config}", "config edit", 0},
    {"DELETE", API "/configurations/{config}", "config delete", 0},
    {"POST", API "/connections", "connect", SLOW},
    {"GET", API "/find", "find", 0},
    {"GET", API "/folders", "folder list", 0},
    {"POST", API "/folders", "folder add", CREATES},
    {"PATCH", API "/folders/{folder}", "folder rename", 0},
    {"DELETE", API "/folders/{folder}", "folder delete", 0},
    {"POST", API "/folders/{folder}/move", "folder move", 0},
    {"GET", API "/names/check", "name check", 0},
    {"GET", API "/organizations", "org list", 0},
    {"POST", API "/organizations", "org add", CREATES},
    {"PATCH", API "/organizations/{org}", "org edit", 0},
    {"DELETE", API "/organizations/{org}", "org delete", 0},
    {"GET", API "/organizations/{org}/folders", "folder tree", 0},
    {"GET", API "/passwords", "password list", 0},
    {"POST", API "/passwords", "password add", CREATES},
    {"GET", API "/passwords/{record}", "password show", 0},
    {"PATCH", API "/passwords/{record}", "password edit", 0},
    {"DELETE", API "/passwords/{record}", "password delete", 0},
    {"POST", API "/passwords/{record}/archive", "password archive", 0},
    {"POST", API "/passwords/{record}/copy", "password copy", CREATES},
    {"POST", API "/passwords/{record}/move", "password move", 0},
    {"POST", API "/passwords/{key}/reveal", "reveal", FRONT_ROUTE_REVEALS},
    {"POST", API "/passwords/{record}/rotate", "password rotate", 0},
    {"POST", API "/passwords/{record}/unarchive", "password unarchive", 0},
    {"GET", API "/plugins", "plugin list", 0},
    {"GET", API "/plugins/{plugin}", "plugin info", 0},
    {"GET", API "/settings", "settings get", 0},
    {"GET", API "/settings/{key}", "settings get", 0},
    {"PATCH", API "/settings/{key}", "settings set", 0},
    {"POST", API "/sync", "sync", SLOW},
};

const front_route *front_rest_table(size_t *count)
{
    *count = sizeof routes / sizeof routes[0];
    return routes;
}
