/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point, manifest, and the two objects that meet: plugin and host. */
#ifndef DPH_PLUGIN_H
#define DPH_PLUGIN_H

#include "dph/call.h"

DPH_BEGIN_DECLS

/* The one symbol that a plugin exports. A later major gets a symbol of its own beside it. */
#define DPH_ENTRY_SYMBOL "dph_plugin_entry_v1"
#define DPH_ENTRY_MAGIC 0x31485044u /* "DPH1" */

typedef struct dph_plugin dph_plugin;
typedef struct dph_host dph_host;

/* What a plugin is, needs and offers. Static, never changes while loaded. Every field equals the
 * same field of manifest.json, from which it is generated; the loader compares them all.
 * Lists end with NULL. All text is UTF-8 and terminated. Source: DESIGN.md section 4. */
typedef struct dph_manifest {
    uint32_t struct_size;               /* bytes */
    uint32_t flags;                     /* no flag is defined; 0 */
    const char *id;                     /* [a-z0-9_]{3,48}; also the file's name without ending */
    const char *version;                /* MAJOR.MINOR.PATCH */
    const char *name;                   /* for people */
    const char *const *requires_ifaces; /* host interfaces without which start fails */
    const char *const *optional_ifaces; /* host interfaces used when present */
    const char *const *provides_hooks;  /* hook interfaces that get_interface answers */
    uint32_t max_parallel_units; /* ticks of different units the host may run at once; >= 1 */
    uint32_t reserved0;          /* 0 */
} dph_manifest;

typedef struct dph_entry {
    uint32_t struct_size; /* bytes */
    uint32_t magic;       /* DPH_ENTRY_MAGIC */
    uint16_t abi_major;   /* DPH_ABI_MAJOR it was built with; must equal the host's */
    uint16_t abi_minor;   /* DPH_ABI_MINOR it was built with; at most the host's while major is 0 */
    uint32_t reserved0;   /* 0 */
    const dph_manifest *manifest; /* static */
    /* [control] Makes an instance. May not call any service of `host`. *out is written only on
     * success and ended by its destroy. Errors: NOMEM, UNSUPPORTED, INTERNAL. */
    dph_status(DPH_CALL *create)(const dph_host *host, dph_plugin **out, dph_error *err);
} dph_entry;

/* [control] Pure: no allocation, thread or I/O; callable before anything else, any number of times,
 * also by tools. Returns a static entry, or NULL: "I cannot work with this host". */
typedef const dph_entry *(DPH_CALL *dph_entry_fn)(uint32_t host_abi_minor);

struct dph_plugin {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *self;           /* the plugin's own; the host does not touch it */
    /* [control] Called once after create; services may be used from here on. May block for I/O of
     * the host's store, never for the network. Errors: any; then only destroy follows. */
    dph_status(DPH_CALL *start)(dph_plugin *plugin, const dph_call *call, dph_error *err);
    /* [control] No call is running and none follows but destroy. Services may still be used. */
    void(DPH_CALL *stop)(dph_plugin *plugin, const dph_call *call);
    /* [control] Frees the instance. NULL is allowed. */
    void(DPH_CALL *destroy)(dph_plugin *plugin);
    /* [any] The hook interface of that id (terminated), or NULL. Static until destroy returns. */
    const void *(DPH_CALL *get_interface)(dph_plugin *plugin, const char *id);
};

struct dph_host {
    uint32_t struct_size; /* bytes */
    uint16_t abi_major;   /* DPH_ABI_MAJOR of the host */
    uint16_t abi_minor;   /* DPH_ABI_MINOR of the host */
    const char *name;     /* for logs */
    const char *version;
    void *self; /* the host's own; a plugin does not touch it */
    /* [any] The service interface of that id (terminated), or NULL when this host has none. Static
     * until the plugin's destroy returns. */
    const void *(DPH_CALL *get_interface)(const dph_host *host, const char *id);
};

DPH_END_DECLS

#endif
