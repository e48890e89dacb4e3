/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's instance: made, started, stopped, freed. Must not know what hooks do. */
#include "plugin.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "usecase/selftest.h"
#include "usecase/upgrade.h"

#define EVENT_STARTED 1u
#define EVENT_UNLOCKED 2u
#define EVENT_SELFTEST 3u
#define DEFAULT_NAME "BitLocker Keys (via Network Glue)"

bkey_plugin *bkey_plugin_of(const dph_plugin *plugin)
{
    return plugin->self;
}

const char *bkey_plugin_reserved_name(const bkey_plugin *plugin)
{
    const bkey_plugin_name *name = atomic_load(&plugin->name);
    return name != NULL ? name->text : DEFAULT_NAME;
}

bkey_err bkey_plugin_reload_name(bkey_plugin *plugin)
{
    const bkey_ports *ports = &plugin->services.ports;
    bkey_plugin_name *name = calloc(1, sizeof *name);
    if (name == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = ports->setting_text(ports->self, "folder_name", name->text, sizeof name->text);
    if (!bkey_is_ok(err) || name->text[0] == '\0' ||
        strcmp(name->text, bkey_plugin_reserved_name(plugin)) == 0) {
        free(name);
        return err;
    }
    name->older = atomic_load(&plugin->name);
    while (!atomic_compare_exchange_weak(&plugin->name, &name->older, name)) {
    }
    return bkey_ok();
}

typedef struct complaint {
    const bkey_ports *ports;
    const bkey_call *call;
    bool lacks; /* a check value is missing */
} complaint;

static void complain(void *context, const bkey_place *place, bkey_err reason, const char *text)
{
    complaint *to = context;
    (void)place;
    if (bkey_is(reason, BKEY_E_NO_STATE)) /* of an earlier version */
        to->lacks = true;
    else
        to->ports->log(to->ports->self, to->call, DPH_LOG_ERROR, EVENT_SELFTEST, text);
}

/* What does not open is told and left alone; everything else goes on. */
static void test_state(bkey_plugin *plugin, const bkey_call *call)
{
    complaint to = {&plugin->services.ports, call, false};
    bkey_err err = bkey_selftest_run(to.ports, call, plugin->vault, complain, &to);
    if (bkey_is_ok(err) && to.lacks)
        err = bkey_upgrade_run(to.ports, call, plugin->vault);
    if (!bkey_is_ok(err) && bkey_err_category(err) != BKEY_CAT_CORRUPT)
        to.ports->log(to.ports->self, call, DPH_LOG_ERROR, EVENT_SELFTEST, bkey_err_text(err));
}

static dph_status DPH_CALL start(dph_plugin *face, const dph_call *call, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    const bkey_ports *ports = &plugin->services.ports;
    if (!bkey_host_ports_init(&plugin->services, plugin->host, plugin->slab))
        return bkey_hook_error_text(err, DPH_E_UNSUPPORTED, 0,
                                    "The host lacks a service that the BitLocker key sync needs.");
    bkey_err result = bkey_vault_new(ports, plugin->slab, &plugin->vault);
    if (bkey_is_ok(result))
        result = bkey_publisher_new(ports, plugin->vault, &plugin->publisher);
    if (bkey_is_ok(result))
        result = bkey_plugin_reload_name(plugin);
    if (!bkey_is_ok(result))
        return bkey_hook_error_fill(err, result);
    bkey_host_call_init(&host_call, call);
    test_state(plugin, &host_call.call);
    if (bkey_slab_is_unlocked(plugin->slab))
        ports->log(ports->self, &host_call.call, DPH_LOG_WARNING, EVENT_UNLOCKED,
                   "Memory for secrets could not be locked; it may be written to swap.");
    ports->log(ports->self, &host_call.call, DPH_LOG_INFO, EVENT_STARTED,
               "BitLocker key sync " PRODUCT_VERSION " started.");
    return DPH_OK;
}

static void DPH_CALL stop(dph_plugin *face, const dph_call *call)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    bkey_host_call_init(&host_call, call);
    bkey_publisher_flush(plugin->publisher, &host_call.call);
    bkey_publisher_free(&plugin->publisher);
    bkey_vault_free(&plugin->vault);
}

static void DPH_CALL destroy(dph_plugin *face)
{
    if (face == NULL)
        return;
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_plugin_name *name = atomic_load(&plugin->name);
    while (name != NULL) {
        bkey_plugin_name *older = name->older;
        free(name);
        name = older;
    }
    bkey_publisher_free(&plugin->publisher);
    bkey_vault_free(&plugin->vault);
    bkey_recall_free(&plugin->recall);
    bkey_busy_free(&plugin->busy);
    bkey_slab_free(&plugin->slab);
    free(plugin);
}

static const void *DPH_CALL get_interface(dph_plugin *face, const char *id)
{
    (void)face;
    return bkey_hooks_find(id);
}

dph_status DPH_CALL bkey_plugin_create(const dph_host *host, dph_plugin **out, dph_error *err)
{
    if (host == NULL || out == NULL || !DPH_HAS(host, get_interface))
        return bkey_hook_error_text(err, DPH_E_INVALID, 0, "The host object is incomplete.");
    if (sodium_init() < 0)
        return bkey_hook_error_text(err, DPH_E_INTERNAL, 0, "libsodium cannot be initialised.");
    bkey_plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL)
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_NOMEM));
    bkey_err result = bkey_slab_new(&plugin->slab);
    if (bkey_is_ok(result))
        result = bkey_busy_new(&plugin->busy);
    if (bkey_is_ok(result))
        result = bkey_recall_new(&plugin->recall);
    if (!bkey_is_ok(result)) {
        bkey_busy_free(&plugin->busy);
        bkey_slab_free(&plugin->slab);
        free(plugin);
        return bkey_hook_error_fill(err, result);
    }
    plugin->host = host;
    plugin->face.struct_size = sizeof plugin->face;
    plugin->face.self = plugin;
    plugin->face.start = start;
    plugin->face.stop = stop;
    plugin->face.destroy = destroy;
    plugin->face.get_interface = get_interface;
    *out = &plugin->face;
    return DPH_OK;
}
