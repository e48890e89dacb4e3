/* SPDX-License-Identifier: Apache-2.0
 *
 * Says that it cannot work with this host. */
#define BAD_ID "bad_null_entry"
#include "bad_plugin.h"

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return NULL;
}
