/* SPDX-License-Identifier: Apache-2.0
 *
 * The one exported symbol. Must not know more than the manifest and create. */
#include "bitlocker_keys_manifest.h"
#include "plugin.h"

DPH_EXPORT const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor);

DPH_EXPORT const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    static const dph_entry entry = {
        sizeof entry,
        DPH_ENTRY_MAGIC,
        DPH_ABI_MAJOR,
        DPH_ABI_MINOR,
        0,
        &bitlocker_keys_manifest,
        bkey_plugin_create,
    };
    /* Negotiation is the loader's; what it refuses, it explains with both numbers. */
    (void)host_abi_minor;
    return &entry;
}
