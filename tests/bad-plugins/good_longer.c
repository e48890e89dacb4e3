/* SPDX-License-Identifier: Apache-2.0
 *
 * Built with headers to which something was appended: longer structs, which a loader accepts. */
#define BAD_ID "good_longer"
#include "bad_plugin.h"

typedef struct longer_manifest {
    dph_manifest known;
    const char *appended;
} longer_manifest;

typedef struct longer_entry {
    dph_entry known;
    void *appended[2];
} longer_entry;

static const longer_manifest manifest = {
    {sizeof manifest, 0, BAD_ID, "1.2.3", "Bad plugin", no_names, no_names, no_names, 1, 0}, "new"};
static const longer_entry entry = {
    {sizeof entry, DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0, &manifest.known, create_well},
    {NULL, NULL}};

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry.known;
}
