/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest honest plugin: reserves one category name and lets nobody but itself change the
 * records that it owns. Must not know anything but the ABI. */
#include "dph/dph.h"
#include "example_plugin_manifest.h"

#include <stdlib.h>
#include <string.h>

#define RESERVED_NAME "Example Records"
#define EVENT_STARTED 1u
#define CODE_OWNED 1u
#define CODE_NAME 2u
#define CODE_UNKNOWN 3u

/* One instance: what the host sees first, then our own. */
typedef struct example {
    dph_plugin base;
    const dph_host *host;
} example;

static int is_text(const dph_str *text, const char *expected)
{
    size_t len = strlen(expected);
    return text->len == len && memcmp(text->ptr, expected, len) == 0;
}

static dph_status allow(dph_verdict *verdict)
{
    verdict->decision = DPH_ALLOW;
    return DPH_OK;
}

static dph_status deny(dph_verdict *verdict, uint32_t code, const char *key, const char *message)
{
    verdict->decision = DPH_DENY;
    verdict->code = code;
    memcpy(verdict->reason_key, key, strlen(key) + 1);
    memcpy(verdict->message, message, strlen(message) + 1);
    return DPH_OK;
}

/* The host asks about objects that we guard. Reading is never asked about; all else is refused,
 * kinds that we have never heard of included. */
static dph_status check(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                        dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    if (op->kind == 0 || op->kind > DPH_OP_PURGE)
        return deny(verdict, CODE_UNKNOWN, "example.unknown",
                    "The example plugin does not know this operation, so it is refused.");
    if (op->object_kind == DPH_OBJECT_ORGANIZATION && op->kind == DPH_OP_EDIT)
        return allow(verdict); /* renaming the customer around our records harms none of them */
    return deny(verdict, CODE_OWNED, "example.owned",
                "This is kept by the example plugin and cannot be changed by hand.");
}

static dph_status validate_name(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                const dph_str *name, dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    if (kind == DPH_NAME_FOLDER)
        return allow(verdict);
    if (kind != DPH_NAME_CATEGORY)
        return deny(verdict, CODE_UNKNOWN, "example.unknown",
                    "The example plugin does not know this kind of name, so it is refused.");
    if (is_text(name, RESERVED_NAME))
        return deny(verdict, CODE_NAME, "example.name",
                    "The name \"" RESERVED_NAME "\" is reserved for the example plugin.");
    return allow(verdict);
}

static const dph_hook_guard_v1 guard = {sizeof guard, 0, check, validate_name};

static dph_status start(dph_plugin *plugin, const dph_call *call, dph_error *err)
{
    const example *self = plugin->self;
    const dph_log_v1 *log = self->host->get_interface(self->host, DPH_LOG_ID);
    static const char text[] = "The example plugin has started.";
    const dph_str line = {text, sizeof text - 1};
    (void)err;
    log->write(self->host, call, DPH_LOG_INFO, EVENT_STARTED, &line, NULL, 0);
    return DPH_OK;
}

static void stop(dph_plugin *plugin, const dph_call *call)
{
    (void)plugin;
    (void)call;
}

static void destroy(dph_plugin *plugin)
{
    if (plugin != NULL)
        free(plugin->self);
}

static const void *get_interface(dph_plugin *plugin, const char *id)
{
    (void)plugin;
    return strcmp(id, DPH_HOOK_GUARD_ID) == 0 ? &guard : NULL;
}

static dph_status create(const dph_host *host, dph_plugin **out, dph_error *err)
{
    (void)err;
    example *self = calloc(1, sizeof *self);
    if (self == NULL)
        return DPH_E_NOMEM;
    self->base.struct_size = sizeof self->base;
    self->base.self = self;
    self->base.start = start;
    self->base.stop = stop;
    self->base.destroy = destroy;
    self->base.get_interface = get_interface;
    self->host = host;
    *out = &self->base;
    return DPH_OK;
}

static const dph_entry entry = {
    sizeof entry, DPH_ENTRY_MAGIC, DPH_ABI_MAJOR, DPH_ABI_MINOR, 0, &example_plugin_manifest,
    create};

DPH_EXPORT const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor);

const dph_entry *DPH_CALL dph_plugin_entry_v1(uint32_t host_abi_minor)
{
    (void)host_abi_minor;
    return &entry;
}
