/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins of a data directory: pinned by hash, loaded at open, described even when not loadable. */
#ifndef HOST_PLUGINS_H
#define HOST_PLUGINS_H

#include "sample-host/src/call.h"

/* Pins the library at that path and the manifest in its folder (manifest.json): stores
 * hashes, claimed names and features. out_id has HOST_PLUGIN_ID_SIZE bytes. Loads nothing. */
bool host_plugins_pin(host *h, const char *library_path, char *out_id, host_error *err);
/* Loads every pinned plugin. One that cannot be loaded keeps its `problem`; only trouble with the
 * store makes this false. */
bool host_plugins_open(host *h, host_error *err);
/* Lifts the quarantine of a plugin, so that the next start loads it. Errors: NOT_FOUND, CONFLICT
 * (it is not quarantined), UNAVAILABLE. */
bool host_plugins_retry(host *h, const char *id, host_error *err);
/* Stops and forgets all. */
void host_plugins_close(host *h);
/* Writes the names that a plugin claims, as its settings have them now; inside a transaction. */
bool host_plugins_store_claims(host_conn *conn, const char *id, const json_t *manifest,
                               host_error *err);
/* The first plugin whose manifest has that action and whose code is loaded, else NULL with a
 * sentence. */
host_plugin *host_plugins_for_action(host *h, const char *action, host_error *err);
/* The sentence for "this plugin does not answer". Returns false. */
bool host_plugins_fail_missing(const host_plugin *plugin, const char *id, host_error *err);
/* Default library: bitlocker_keys.so where the build puts it, or where an installation does. Both
 * are beside the folder of this program. False when neither is there. */
bool host_plugins_default_path(char *out, size_t cap);

#endif
