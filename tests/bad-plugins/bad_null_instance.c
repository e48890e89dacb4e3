/* SPDX-License-Identifier: Apache-2.0
 *
 * Says that it made an instance, and did not. */
#define BAD_ID "bad_null_instance"
#include "bad_plugin.h"

static dph_status create_badly(const dph_host *host, dph_plugin **out, dph_error *err)
{
    (void)host;
    (void)out;
    (void)err;
    return DPH_OK;
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_badly};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
