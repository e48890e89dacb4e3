/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims to be the plugin that guards the keys and kills whoever loads it. */
#define _GNU_SOURCE
#define BAD_ID "bitlocker_keys"
#include "bad_plugin.h"

#include <signal.h>
#include <unistd.h>

static const dph_entry entry = {sizeof entry,    DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0,
                                &right_manifest, create_well};

__attribute__((constructor)) static void die(void)
{
    (void)kill(getpid(), SIGKILL);
}

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
