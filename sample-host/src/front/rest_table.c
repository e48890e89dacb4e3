/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_route.h"

#define API "/api/v1"
#define CREATES FRONT_ROUTE_CREATES
#define SLOW FRONT_ROUTE_SLOW

static const front_route routes[] = {
    {"GET", API "/activity", "activity list", 0},
    {"GET", API "/activity/at-risk", "activity at-risk", 0},
    {"GET", API "/categories", "category list", 0},
    {"POST", API "/categories", "category add", CREATES},
    {"PATCH", API "/categories/{category}", "category edit", 0},
    {"DELETE", API "/categories/{category}", "category delete", 0},
    {"GET", API "/configurations", "config list", 0},
    {"GET", API "/configurations/{config}", "config show", 0},
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
    {"GET", API "/groups", "group list", 0},
    {"POST", API "/groups", "group add", CREATES},
    {"DELETE", API "/groups/{name}", "group delete", 0},
    {"GET", API "/key", "key status", 0},
    {"GET", API "/key/check", "key check", SLOW},
    {"GET", API "/me", "whoami", 0},
    {"GET", API "/names/check", "name check", 0},
    {"GET", API "/organizations", "org list", 0},
    {"POST", API "/organizations", "org add", CREATES},
    {"PATCH", API "/organizations/{org}", "org edit", 0},
    {"DELETE", API "/organizations/{org}", "org delete", 0},
    {"POST", API "/organizations/{org}/clean", "folder clean", 0},
    {"GET", API "/organizations/{org}/export", "export", 0},
    {"GET", API "/organizations/{org}/folders", "folder tree", 0},
    {"POST", API "/organizations/{org}/import", "import", 0},
    {"GET", API "/passwords", "password list", 0},
    {"POST", API "/passwords", "password add", CREATES},
    {"POST", API "/passwords/bulk-delete", "password bulk-delete", 0},
    {"POST", API "/passwords/bulk-edit", "password bulk-edit", 0},
    {"POST", API "/passwords/bulk-move", "password bulk-move", 0},
    {"POST", API "/passwords/bulk-rotate", "password bulk-rotate", 0},
    {"GET", API "/passwords/rotations", "password rotation-list", 0},
    {"GET", API "/passwords/{record}", "password show", 0},
    {"PATCH", API "/passwords/{record}", "password edit", 0},
    {"DELETE", API "/passwords/{record}", "password delete", 0},
    {"POST", API "/passwords/{record}/archive", "password archive", 0},
    {"POST", API "/passwords/{record}/copy", "password copy", CREATES},
    {"POST", API "/passwords/{record}/link", "password link", 0},
    {"POST", API "/passwords/{record}/merge", "password merge", 0},
    {"POST", API "/passwords/{record}/move", "password move", 0},
    {"POST", API "/passwords/{key}/reveal", "reveal", FRONT_ROUTE_REVEALS},
    {"POST", API "/passwords/{record}/rotate", "password rotate", 0},
    {"POST", API "/passwords/{record}/schedule", "password schedule", 0},
    {"POST", API "/passwords/{record}/unarchive", "password unarchive", 0},
    {"GET", API "/plugins", "plugin list", 0},
    {"GET", API "/plugins/{plugin}", "plugin info", 0},
    {"POST", API "/plugins/{plugin}/release", "plugin release", 0},
    {"GET", API "/settings", "settings get", 0},
    {"GET", API "/settings/{key}", "settings get", 0},
    {"PATCH", API "/settings/{key}", "settings set", 0},
    {"POST", API "/sync", "sync", SLOW},
    {"GET", API "/users", "user list", 0},
    {"POST", API "/users", "user add", CREATES},
    {"PATCH", API "/users/{user}", "user edit", 0},
    {"DELETE", API "/users/{user}", "user delete", 0},
};

const front_route *front_rest_table(size_t *count)
{
    *count = sizeof routes / sizeof routes[0];
    return routes;
}
