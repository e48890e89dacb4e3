/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_route.h"

#include "sample-host/src/command.h"
#include "support/hex.h"
#include "support/utf8.h"

#include <string.h>

#define SEGMENT_SIZE 512

static bool is_name(const char *segment, size_t len)
{
    return len > 2 && segment[0] == '{' && segment[len - 1] == '}';
}

static bool fits(const char *pattern, const char *path)
{
    for (;;) {
        size_t want = strcspn(pattern, "/");
        size_t have = strcspn(path, "/");
        bool named = is_name(pattern, want);
        if (named ? have == 0 : want != have || memcmp(pattern, path, want) != 0)
            return false;
        pattern += want;
        path += have;
        if (*pattern == '\0' || *path == '\0')
            return *pattern == *path;
        pattern++;
        path++;
    }
}

static void allow_method(char allow[FRONT_ROUTE_ALLOW_SIZE], const char *method)
{
    size_t len = strlen(allow);
    size_t more = strlen(method);
    if (strstr(allow, method) != NULL || len + more + 3 > FRONT_ROUTE_ALLOW_SIZE)
        return;
    if (len > 0) {
        allow[len++] = ',';
        allow[len++] = ' ';
    }
    memcpy(allow + len, method, more + 1);
}

int front_rest_route_find(const char *method, const char *path, const front_route **out,
                          char allow[FRONT_ROUTE_ALLOW_SIZE])
{
    size_t count = 0;
    const front_route *routes = front_rest_table(&count);
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    allow[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!fits(routes[i].path, path))
            continue;
        if (strcmp(routes[i].method, wanted) == 0) {
            *out = &routes[i];
            return FRONT_ROUTE_FOUND;
        }
        allow_method(allow, routes[i].method);
    }
    return allow[0] == '\0' ? FRONT_ROUTE_NO_PATH : FRONT_ROUTE_NO_METHOD;
}

bool front_rest_route_unescape(const char *text, size_t len, char *out, size_t cap)
{
    size_t done = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (text[i] == '%') {
            if (i + 2 >= len || !sup_hex_parse(text + i + 1, 2, &byte, 1))
                return false;
            i += 2;
        }
        if (byte == 0 || done + 1 >= cap)
            return false;
        out[done++] = (char)byte;
    }
    out[done] = '\0';
    return sup_utf8_valid(out, done);
}

static bool put_text(json_t *args, const char *name, size_t name_len, json_t *value)
{
    char key[64];
    if (value == NULL || name_len >= sizeof key) {
        json_decref(value);
        return false;
    }
    memcpy(key, name, name_len);
    key[name_len] = '\0';
    return json_object_set_new(args, key, value) == 0;
}

bool front_rest_route_args(const front_route *route, const char *path, json_t *args,
                           host_error *err)
{
    char text[SEGMENT_SIZE];
    const char *pattern = route->path;
    bool ok = true;
    while (ok && *pattern != '\0') {
        size_t want = strcspn(pattern, "/");
        size_t have = strcspn(path, "/");
        if (is_name(pattern, want))
            ok = have > 0 && front_rest_route_unescape(path, have, text, sizeof text) &&
                 put_text(args, pattern + 1, want - 2, json_string(text));
        pattern += want + (pattern[want] == '/');
        path += have + (path[have] == '/');
    }
    return ok || host_error_set(err, DPH_E_NOT_FOUND, 0, "there is no such thing");
}
