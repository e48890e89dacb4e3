/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey_ports over the host's services. The only place where the plugin's own words for clock,
 * store, records, state, keyring and settings meet the ABI; no rule of the product lives here. */
#ifndef BKEY_HOST_PORTS_H
#define BKEY_HOST_PORTS_H

#include "base/ports.h"
#include "dph/dph.h"

typedef struct bkey_host_ports {
    const dph_host *host;
    const dph_log_v1 *log;
    const dph_clock_v1 *clock;
    const dph_store_v1 *store;
    const dph_records_v1 *records;
    const dph_assets_v1 *assets;
    const dph_state_v1 *state;
    const dph_keyring_v1 *keyring;
    const dph_settings_v1 *settings;
    const dph_entitlement_v1 *entitlement;
    const dph_audit_v1 *audit;             /* NULL: the host keeps no heads */
    const dph_http_policy_v1 *http_policy; /* NULL: straight, system's authorities, TLS 1.2 */
    bkey_slab *slab;  /* where replies that carry a secret are opened; not owned */
    bkey_ports ports; /* self = this object */
} bkey_host_ports;

/* [control] Resolves the services and fills `ports`. False when the host lacks a required one or
 * its table is too short for what is used; then nothing may be called. Keeps `host`. */
bool bkey_host_ports_init(bkey_host_ports *out, const dph_host *host, bkey_slab *slab);

#define BKEY_HOST_TEXT_CAP 256u

/* The ABI's call in the plugin's words, with terminated copies of its texts. */
typedef struct bkey_host_call {
    bkey_call call;
    char organization[BKEY_HOST_TEXT_CAP];
    char actor[BKEY_HOST_TEXT_CAP];
    char address[BKEY_HOST_TEXT_CAP];
    char said[BKEY_SAID_CAP];
} bkey_host_call;

/* Fills `out` from the host's call, which must outlive it. Longer texts are cut; NULL is allowed
 * and means nobody. */
void bkey_host_call_init(bkey_host_call *out, const dph_call *call);

#endif
