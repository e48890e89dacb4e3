/* SPDX-License-Identifier: Apache-2.0
 *
 * Its entry ends before create. */
#define BAD_ID "bad_short_entry"
#include "bad_plugin.h"

static const dph_entry entry = {offsetof(dph_entry, create),
                                DPH_ENTRY_MAGIC,
                                DPH_ABI_MAJOR,
                                DPH_ABI_MINOR,
                                0,
                                &right_manifest,
                                create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
