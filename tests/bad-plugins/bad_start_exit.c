/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes the host with it in start. */
#define BAD_ID "bad_start_exit"
#include "bad_plugin.h"

static dph_status start_badly(dph_plugin *plugin, const dph_call *call, dph_error *err)
{
    (void)plugin;
    (void)call;
    (void)err;
    _Exit(3);
}

static dph_status create_badly(const dph_host *host, dph_plugin **out, dph_error *err)
{
    dph_status status = create_well(host, out, err);
    if (status == DPH_OK)
        (*out)->start = start_badly;
    return status;
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_badly};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
