/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims to be the plugin that guards the keys; its guard writes "allow" and returns an error. */
#define BAD_ID "bitlocker_keys"
#include "bad_plugin.h"

static const char *const hooks[] = {DPH_HOOK_GUARD_ID, NULL};
static const dph_manifest guard_manifest = {
    sizeof guard_manifest, 0, BAD_ID, "1.2.3", "Bad plugin", no_names, no_names, hooks, 1, 0};

static dph_status DPH_CALL check(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                                 dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    (void)op;
    verdict->decision = DPH_ALLOW;
    return DPH_E_UNAVAILABLE;
}

static dph_status DPH_CALL validate_name(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                         const dph_str *name, dph_verdict *verdict)
{
    (void)kind;
    (void)name;
    return check(plugin, call, NULL, verdict);
}

static const dph_hook_guard_v1 guard = {sizeof guard, 0, check, validate_name};

static const void *have_guard(dph_plugin *plugin, const char *id)
{
    (void)plugin;
    return strcmp(id, DPH_HOOK_GUARD_ID) == 0 ? &guard : NULL;
}

static dph_status create_guard(const dph_host *host, dph_plugin **out, dph_error *err)
{
    dph_status status = create_well(host, out, err);
    if (status == DPH_OK)
        (*out)->get_interface = have_guard;
    return status;
}

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &guard_manifest, create_guard};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
