/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host offers to a plugin: one file per group of interfaces, one list here. */
#ifndef HOST_SERVICES_H
#define HOST_SERVICES_H

#include "sample-host/src/call.h"

/* For dph_host.get_interface: the service of that id, or NULL. */
const void *DPH_CALL host_services_get(const dph_host *services, const char *id);
/* The plugin behind a dph_host. */
host_plugin *host_services_plugin(const dph_host *services);
/* Ends a service call: DPH_OK, or the error's status with its sentence in `out`. */
dph_status host_services_result(bool ok, const host_error *err, dph_error *out);
/* OK, or why the call may not go on (no call, over). */
dph_status host_services_enter(const dph_call *call, dph_error *out);

/* The interfaces. Static. */
const void *host_services_read(const char *id);    /* records, assets, state */
const void *host_services_small(const char *id);   /* log, clock, keyring, store */
const void *host_services_config(const char *id);  /* settings, entitlement */
const void *host_services_audit(const char *id);   /* audit */
const void *host_services_network(const char *id); /* http-policy */

#endif
