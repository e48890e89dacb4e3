/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of plugins, typed by the schema of their manifests, and the account's subscriptions. */
#ifndef HOST_SETTINGS_H
#define HOST_SETTINGS_H

#include "dph/service_entitlement.h"
#include "sample-host/src/host.h"

#define HOST_SETTINGS_VALUE_MAX 4096

/* The schema entry of that key, or NULL. Borrowed. */
const json_t *host_settings_schema(const host_plugin *plugin, const dph_str *key);
/* Value as text: set, else the default. NOT_FOUND when the schema has no such key. `cap` of at
 * least HOST_SETTINGS_VALUE_MAX always fits. */
bool host_settings_get(const host_plugin *plugin, const dph_str *key, char *out, size_t cap,
                       host_error *err);
/* Checks the value against the schema entry and writes its canonical text. */
bool host_settings_canonical(const json_t *entry, const char *value, char *out, size_t cap,
                             host_error *err);
/* State of one feature. NOT_FOUND. */
bool host_settings_entitlement(host *h, const dph_str *feature, dph_entitlement *out,
                               host_error *err);
/* Sets it. `word` is active, grace, expired, absent or unknown. */
bool host_settings_set_entitlement(host *h, const char *feature, const char *word, host_error *err);
/* "active", ... for DPH_ENTITLEMENT_*. */
const char *host_settings_entitlement_name(uint32_t state);

/* True when the plugin names a feature whose subscription is not active: its things are hidden from
 * everybody, whether or not its code is loaded. */
bool host_settings_is_unpaid(host *h, const host_plugin *plugin);

#endif
