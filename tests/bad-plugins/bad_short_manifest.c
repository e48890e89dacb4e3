/* SPDX-License-Identifier: Apache-2.0
 *
 * Its manifest ends too early. */
#define BAD_ID "bad_short_manifest"
#include "bad_plugin.h"

static const dph_manifest wrong_manifest = {offsetof(dph_manifest, provides_hooks),
                                            0,
                                            BAD_ID,
                                            "1.2.3",
                                            "Bad plugin",
                                            no_names,
                                            no_names,
                                            no_names,
                                            1,
                                            0};

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &wrong_manifest, create_well};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
