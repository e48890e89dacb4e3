/* SPDX-License-Identifier: Apache-2.0
 *
 * Fails in create. */
#define BAD_ID "bad_create"
#include "bad_plugin.h"

static dph_status create_badly(const dph_host *host, dph_plugin **out, dph_error *err)
{
    (void)host;
    (void)out;
    return fail_with(err, DPH_E_UNSUPPORTED, "No room\nat all.");
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_badly};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
