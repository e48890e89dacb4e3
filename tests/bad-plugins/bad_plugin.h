/* SPDX-License-Identifier: Apache-2.0
 *
 * What the deliberately broken plugins share: the parts that are right. A plugin defines BAD_ID
 * before it includes this, its file name; everything here may be left unused. */
#ifndef BAD_PLUGIN_H
#define BAD_PLUGIN_H

#include "dph/dph.h"

#include <stdlib.h>
#include <string.h>

#ifndef BAD_ID
#define BAD_ID "bad_plugin"
#endif

DPH_EXPORT const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor);

static const char *const no_names[] = {NULL};
static const dph_manifest right_manifest = {
    sizeof right_manifest, 0, BAD_ID, "1.2.3", "Bad plugin", no_names, no_names, no_names, 1, 0};

static inline dph_status start_well(dph_plugin *plugin, const dph_call *call, dph_error *err)
{
    (void)plugin;
    (void)call;
    (void)err;
    return DPH_OK;
}

static inline void stop_well(dph_plugin *plugin, const dph_call *call)
{
    (void)plugin;
    (void)call;
}

static inline void destroy_well(dph_plugin *plugin)
{
    free(plugin);
}

static inline const void *have_no_interface(dph_plugin *plugin, const char *id)
{
    (void)plugin;
    (void)id;
    return NULL;
}

/* A whole instance, so that a leak shows when nobody destroys it. */
static inline dph_status create_well(const dph_host *host, dph_plugin **out, dph_error *err)
{
    dph_plugin *plugin = calloc(1, sizeof *plugin);
    (void)host;
    (void)err;
    if (plugin == NULL)
        return DPH_E_NOMEM;
    plugin->struct_size = sizeof *plugin;
    plugin->start = start_well;
    plugin->stop = stop_well;
    plugin->destroy = destroy_well;
    plugin->get_interface = have_no_interface;
    *out = plugin;
    return DPH_OK;
}

/* Fails with a reason, for create and start. */
static inline dph_status fail_with(dph_error *err, dph_status status, const char *message)
{
    if (err != NULL)
        memcpy(err->message, message, strlen(message) + 1);
    return status;
}

#endif
