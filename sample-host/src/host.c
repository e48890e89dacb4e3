/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a plugin by its id; needs no loader, so that rules about guards can be tested alone. */
#include "sample-host/src/host.h"

#include <string.h>

host_plugin *host_plugin_find(const host *h, const char *id, size_t len)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (strlen(h->plugins[i]->id) == len && memcmp(h->plugins[i]->id, id, len) == 0) {
            return h->plugins[i];
        }
    }
    return NULL;
}
