/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry symbol, magic, sizes and versions. Must not create an instance. */
#include "loader/negotiate.h"

#include "loader/fail.h"
#include "loader/os_library.h"
#include "loader/verify.h"

#include <string.h>

/* Up to here an entry is the same in every major. */
#define ENTRY_FIXED_SIZE offsetof(dph_entry, manifest)

dph_status dphl_negotiate_numbers(const char *id, uint16_t major, uint16_t minor,
                                  const dph_host *host, dph_error *err)
{
    if (major == host->abi_major && (major != 0 || minor <= host->abi_minor))
        return DPH_OK;
    return dphl_fail(err, DPH_E_UNSUPPORTED, DPHL_CODE_ABI,
                     "Plugin %s is built for ABI %u.%u; this host speaks %u.%u.", id,
                     (unsigned)major, (unsigned)minor, (unsigned)host->abi_major,
                     (unsigned)host->abi_minor);
}

/* NULL, with the error told, when there is none. */
static dph_entry_fn find_entry(void *handle, const char *id, dph_error *err)
{
    dph_entry_fn entry = NULL;
    void *address = dphl_os_library_symbol(handle, DPH_ENTRY_SYMBOL);
    if (address == NULL)
        (void)dphl_fail(err, DPH_E_INVALID, DPHL_CODE_SYMBOL,
                        "Plugin %s does not export %s, so it is no plugin for this host.", id,
                        DPH_ENTRY_SYMBOL);
    /* ISO C has no conversion from an object pointer to a function pointer. */
    memcpy(&entry, &address, sizeof address);
    return entry;
}

static dph_status check_entry(const dph_entry *theirs, const char *id, const dph_host *host,
                              dph_entry *out, dph_error *err)
{
    dph_entry mine;
    memset(&mine, 0, sizeof mine);
    if (theirs == NULL)
        return dphl_fail(err, DPH_E_UNSUPPORTED, DPHL_CODE_ABI,
                         "Plugin %s says that it cannot work with this host, which speaks ABI "
                         "%u.%u.",
                         id, (unsigned)host->abi_major, (unsigned)host->abi_minor);
    if (theirs->magic != DPH_ENTRY_MAGIC || theirs->struct_size < ENTRY_FIXED_SIZE)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_SYMBOL,
                         "Plugin %s exports %s, but what it answers is no plugin entry.", id,
                         DPH_ENTRY_SYMBOL);
    dph_status status = dphl_negotiate_numbers(id, theirs->abi_major, theirs->abi_minor, host, err);
    if (status != DPH_OK)
        return status;
    size_t size = theirs->struct_size < sizeof mine ? theirs->struct_size : sizeof mine;
    memcpy(&mine, theirs, size);
    if (!DPH_HAS(&mine, create) || mine.create == NULL)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_SYMBOL,
                         "The entry of plugin %s is too short: it has no create function.", id);
    *out = mine;
    return DPH_OK;
}

static dph_status check_manifest(const dph_manifest *manifest, const char *id, dph_error *err)
{
    if (manifest == NULL || !DPH_HAS(manifest, max_parallel_units))
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST,
                         "The manifest inside plugin %s is missing or too short.", id);
    if (manifest->id == NULL || strcmp(manifest->id, id) != 0)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST,
                         "The library %s says that it is plugin \"%s\"; file name and id must be "
                         "equal.",
                         id, manifest->id == NULL ? "" : manifest->id);
    return DPH_OK;
}

dph_status dphl_negotiate_load(int *image, const char *id, const dph_host *host, dphl_code *out,
                               dph_error *err)
{
    dphl_code code;
    memset(&code, 0, sizeof code);
    dph_status status = dphl_os_library_load(image, id, &code.handle, err);
    if (status != DPH_OK)
        return status;
    dph_entry_fn entry = find_entry(code.handle, id, err);
    status = entry == NULL ? DPH_E_INVALID
                           : check_entry(entry(host->abi_minor), id, host, &code.entry, err);
    if (status == DPH_OK)
        status = check_manifest(code.entry.manifest, id, err);
    if (status == DPH_OK)
        *out = code;
    else
        dphl_os_library_unload(code.handle);
    return status;
}
