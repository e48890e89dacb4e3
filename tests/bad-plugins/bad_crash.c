/* SPDX-License-Identifier: Apache-2.0
 *
 * Crashes while it is loaded. */
#define BAD_ID "bad_crash"
#include "bad_plugin.h"

__attribute__((constructor)) static void run_at_load(void)
{
    abort();
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
