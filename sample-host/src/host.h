/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's own objects, for the files of this folder only; fronts see command.h. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "loader/gate.h"
#include "loader/loader.h"
#include "sample-host/src/command.h"
#include "sample-host/src/grace.h"
#include "sample-host/src/keyring.h"
#include "sample-host/src/store/db.h"
#include "sample-host/src/store/rows.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define HOST_PLUGINS_MAX 8
#define HOST_PLUGIN_ID_SIZE 49
#define HOST_NAME_POINTS_MAX 255 /* code points of a name */
#define HOST_OWN_ID "host"       /* the host's own name space in the key file */

/* A plugin that was pinned, whether or not its code could be loaded. */
typedef struct host_plugin {
    dph_host services; /* what its code sees; self points back here */
    host *host;
    char id[HOST_PLUGIN_ID_SIZE];
    json_t *manifest;                /* as pinned; usable without the code */
    dphl_library *library;           /* NULL = not loaded */
    dph_plugin *instance;            /* NULL = not started; all hooks are NULL then */
    char problem[HOST_MESSAGE_SIZE]; /* why it is not loaded, or "" */
    bool is_quarantined;             /* that is why */
    const dph_hook_guard_v1 *guard;
    const dph_hook_folder_v1 *folder;
    const dph_hook_secret_v1 *secret;
    const dph_hook_action_v1 *action;
    const dph_hook_sync_v1 *sync;
    const dph_hook_settings_v1 *settings;
    const dph_hook_access_v1 *access;
} host_plugin;

typedef struct host_ticks host_ticks;

struct host {
    char dir[PATH_MAX];
    char token_path[PATH_MAX];
    char callback[256]; /* where a sign-in leads back to; "" = nothing serves */
    uint8_t token_hash[32];
    int lock_fd;
    host_keyring *keyring;
    host_db *db;
    host_plugin *plugins[HOST_PLUGINS_MAX];
    size_t plugin_count;
    host_plugin own; /* the host's own settings, see network.h; no id and no code */
    host_ticks *ticks;
    host_grace *grace; /* commands and ticks under way; NULL in tests = none is counted */
    _Atomic uint64_t next_call_id;
};

/* The pinned plugin of that id, or NULL. */
host_plugin *host_plugin_find(const host *h, const char *id, size_t len);

#endif
