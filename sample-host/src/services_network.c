/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.http-policy/1: the administrator's network settings, as plugins get them. */
#include "dph/dph.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/network.h"
#include "sample-host/src/services.h"

#include <string.h>

static dph_status give(const host_network *network, const dph_http_policy_sink *sink)
{
    const dph_http_policy policy = {.struct_size = sizeof policy,
                                    .tls_min = network->tls_min,
                                    .max_body = network->max_body,
                                    .proxy = host_str(network->proxy),
                                    .ca_file = host_str(network->ca_file),
                                    .proxy_login = {network->login.ptr, network->login.len}};
    return sink->take(sink->context, &policy);
}

static dph_status DPH_CALL get(const dph_host *services, const dph_call *call,
                               const dph_http_policy_sink *sink, dph_error *err)
{
    host_error problem = {0};
    host_network network;
    (void)call;
    if (sink == NULL || !DPH_HAS(sink, take) || sink->take == NULL) {
        (void)host_error_set(&problem, DPH_E_INVALID, 0, "A sink is needed.");
        return host_error_to_dph(&problem, err);
    }
    if (!host_network_load(host_services_plugin(services)->host, &network, &problem)) {
        host_log_line(DPH_LOG_ERROR, "network", problem.message, NULL);
        return host_error_to_dph(&problem, err);
    }
    dph_status status = give(&network, sink);
    host_network_done(&network);
    return status;
}

static const dph_http_policy_v1 network_service = {sizeof network_service, 0, get};

const void *host_services_network(const char *id)
{
    return strcmp(id, DPH_HTTP_POLICY_ID) == 0 ? &network_service : NULL;
}
