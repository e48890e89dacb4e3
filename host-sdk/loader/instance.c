/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a plugin's instance. Must not know files, markers or the dynamic linker. */
#include "loader/instance.h"

#include "loader/fail.h"

/* What the plugin said about its failure, under our code; a number that is no error stays none. */
static dph_status relay_failure(const dphl_instance_source *source, const char *step, uint32_t code,
                                dph_status status, dph_error *theirs, dph_error *err)
{
    theirs->message[sizeof theirs->message - 1] = '\0';
    return dphl_fail(err, status < 0 ? status : DPH_E_INTERNAL, code, "Plugin %s failed to %s: %s",
                     source->id, step,
                     theirs->message[0] == '\0' ? "it gave no reason." : theirs->message);
}

static int is_complete(const dph_plugin *plugin)
{
    return plugin != NULL && DPH_HAS(plugin, get_interface) && plugin->start != NULL &&
           plugin->stop != NULL && plugin->destroy != NULL && plugin->get_interface != NULL;
}

static void destroy(dph_plugin *plugin)
{
    if (plugin != NULL && DPH_HAS(plugin, destroy) && plugin->destroy != NULL)
        plugin->destroy(plugin);
}

static dph_status check_hooks(const dphl_instance_source *source, dph_plugin *plugin,
                              dph_error *err)
{
    const char *const *hooks = source->entry->manifest->provides_hooks;
    for (size_t i = 0; hooks[i] != NULL; i++) {
        if (plugin->get_interface(plugin, hooks[i]) == NULL)
            return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST,
                             "Plugin %s claims the hook %s in its manifest but does not have it.",
                             source->id, hooks[i]);
    }
    return DPH_OK;
}

static dph_status start(const dphl_instance_source *source, dph_plugin *plugin,
                        const dph_call *call, dph_error *err)
{
    dph_error theirs;
    dphl_fail_init(&theirs);
    dph_status status = plugin->start(plugin, call, &theirs);
    if (status == DPH_OK)
        return DPH_OK;
    return relay_failure(source, "start", DPHL_CODE_START, status, &theirs, err);
}

dph_status dphl_instance_make(const dphl_instance_source *source, const dph_call *call,
                              dph_plugin **out, dph_error *err)
{
    dph_error theirs;
    dph_plugin *plugin = NULL;
    dphl_fail_init(&theirs);
    dph_status status = source->entry->create(source->host, &plugin, &theirs);
    if (status != DPH_OK)
        return relay_failure(source, "create an instance", DPHL_CODE_CREATE, status, &theirs, err);
    if (!is_complete(plugin)) {
        destroy(plugin);
        return dphl_fail(err, DPH_E_INTERNAL, DPHL_CODE_CREATE,
                         "Plugin %s made an instance that lacks functions.", source->id);
    }
    status = check_hooks(source, plugin, err);
    if (status == DPH_OK)
        status = start(source, plugin, call, err);
    if (status == DPH_OK)
        *out = plugin;
    else
        destroy(plugin);
    return status;
}
