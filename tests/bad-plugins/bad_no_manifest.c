/* SPDX-License-Identifier: Apache-2.0
 *
 * Its entry has no manifest. */
#define BAD_ID "bad_no_manifest"
#include "bad_plugin.h"

static const dph_entry entry = {sizeof entry, DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                NULL,         create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
