/* SPDX-License-Identifier: Apache-2.0
 *
 * Guarded memory for the few secrets that pass through the host. */
#include "sample-host/src/command.h"

#include <sodium.h>

bool host_secret_init(host_secret *secret, size_t cap)
{
    secret->ptr = sodium_malloc(cap > 0 ? cap : 1);
    secret->len = 0;
    secret->cap = secret->ptr != NULL ? cap : 0;
    return secret->ptr != NULL;
}

void host_secret_done(host_secret *secret)
{
    if (secret == NULL) {
        return;
    }
    sodium_free(secret->ptr);
    secret->ptr = NULL;
    secret->len = 0;
    secret->cap = 0;
}
