/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of services, and the store's one. */
#include "sample-host/src/services.h"

#include "dph/dph.h"

host_plugin *host_services_plugin(const dph_host *services)
{
    return services->self;
}

dph_status host_services_result(bool ok, const host_error *err, dph_error *out)
{
    return ok ? DPH_OK : host_error_to_dph(err, out);
}

dph_status host_services_enter(const dph_call *call, dph_error *out)
{
    host_error err = {0};
    dph_status status = call == NULL ? DPH_E_INVALID : host_call_state(call);
    if (status != DPH_OK) {
        (void)host_error_set(&err, status, 0,
                             call == NULL ? "This service needs a call." : "The call is over.");
        return host_error_to_dph(&err, out);
    }
    return DPH_OK;
}

const void *DPH_CALL host_services_get(const dph_host *services, const char *id)
{
    (void)services;
    const void *found = host_services_read(id);
    if (found == NULL) {
        found = host_services_small(id);
    }
    if (found == NULL) {
        found = host_services_config(id);
    }
    if (found == NULL) {
        found = host_services_network(id);
    }
    return found != NULL ? found : host_services_audit(id);
}
