/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads scopes. Must not know who asks. */
#define _GNU_SOURCE
#include "scope.h"

#include "permission.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* True when one word of a scope is a permission of a resource that is served here; the resource is
 * then in `audience`. Words such as offline_access belong to no resource. */
static bool read_word(const sim_call *call, const char *word, size_t len, char audience[128],
                      bool *out_default)
{
    char own[128];
    char graph[128];
    const char *origins[] = {graph, own, "https://api.partnercenter.microsoft.com"};
    (void)snprintf(own, sizeof own, "%s://%.100s", call->request->scheme, call->request->host);
    (void)snprintf(graph, sizeof graph, "https://%s", call->world->cloud.graph);
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        size_t origin = strlen(origins[i]);
        if (len <= origin + 1 || strncasecmp(word, origins[i], origin) != 0 || word[origin] != '/')
            continue;
        (void)snprintf(audience, 128, "%s", origins[i]);
        *out_default = strncmp(word + origin, "/.default", len - origin) == 0;
        return true;
    }
    return false;
}

static bool is_open_id_word(const char *word, size_t len)
{
    char copy[32];
    if (len >= sizeof copy)
        return false;
    memcpy(copy, word, len);
    copy[len] = '\0';
    return sim_permission_has("openid profile email offline_access", copy);
}

bool sim_scope_read(const sim_call *call, const char *scope, bool application, char audience[128])
{
    size_t resources = 0;
    while (*scope != '\0') {
        size_t len = strcspn(scope, " ");
        bool is_default = false;
        if (read_word(call, scope, len, audience, &is_default)) {
            resources++;
            if (application && !is_default)
                return false;
        } else if (application || !is_open_id_word(scope, len)) {
            return false;
        }
        scope += len + strspn(scope + len, " ");
    }
    return application ? resources == 1 : resources > 0;
}
