/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's instance: what lives from create to destroy. Hooks reach everything through it; use
 * cases never see it. */
#ifndef BKEY_PLUGIN_H
#define BKEY_PLUGIN_H

#include <stdatomic.h>

#include "base/secret.h"
#include "hooks/host_ports.h"
#include "state/vault.h"
#include "usecase/busy.h"
#include "usecase/publisher.h"
#include "usecase/recall.h"

/* A reserved name in force. Superseded ones stay until destroy: a guard may still read one, and
 * takes no lock. */
typedef struct bkey_plugin_name {
    struct bkey_plugin_name *older;
    char text[1024];
} bkey_plugin_name;

typedef struct bkey_plugin {
    dph_plugin face; /* what the host holds */
    const dph_host *host;
    bkey_host_ports services;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_busy *busy;
    bkey_recall *recall;
    bkey_publisher *publisher;
    _Atomic(bkey_plugin_name *) name;
} bkey_plugin;

/* [control] The ABI's create. */
dph_status DPH_CALL bkey_plugin_create(const dph_host *host, dph_plugin **out, dph_error *err);

/* [any] The instance behind the host's pointer. */
bkey_plugin *bkey_plugin_of(const dph_plugin *plugin);
/* [any] The reserved name, never NULL; valid until destroy. */
const char *bkey_plugin_reserved_name(const bkey_plugin *plugin);
/* [control][hook] Reads the reserved name from the settings again. */
BKEY_MUST_CHECK bkey_err bkey_plugin_reload_name(bkey_plugin *plugin);

#endif
