/* SPDX-License-Identifier: Apache-2.0
 *
 * Built for another ABI major. */
#define BAD_ID "bad_abi_major"
#include "bad_plugin.h"

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, 7, DPH_ABI_MINOR, 0,
                                &right_manifest, create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
