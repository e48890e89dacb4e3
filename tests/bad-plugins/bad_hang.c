/* SPDX-License-Identifier: Apache-2.0
 *
 * Never comes back from being loaded. */
#define _GNU_SOURCE
#define BAD_ID "bad_hang"
#include "bad_plugin.h"

#include <unistd.h>

__attribute__((constructor)) static void run_at_load(void)
{
    for (;;)
        (void)pause();
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
