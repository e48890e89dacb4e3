/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of clouds. Must not know where this program listens. */
#include "cloud.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static const sim_cloud table[] = {
    {"global", "login.microsoftonline.com", "graph.microsoft.com",
     "https://microsoft.com/devicelogin"},
    {"usgov", "login.microsoftonline.us", "graph.microsoft.us",
     "https://microsoft.com/deviceloginus"},
    {"dod", "login.microsoftonline.us", "dod-graph.microsoft.us",
     "https://microsoft.com/deviceloginus"},
    {"china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn",
     "https://microsoft.com/deviceloginchina"},
};

bool sim_cloud_find(const char *name, sim_cloud *out)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0) {
            *out = table[i];
            return true;
        }
    return false;
}

void sim_cloud_change(sim_cloud *cloud, const json_t *object)
{
    sim_cloud was = *cloud;
    (void)snprintf(cloud->name, sizeof cloud->name, "%s", sim_json_text(object, "name", was.name));
    (void)snprintf(cloud->login, sizeof cloud->login, "%s",
                   sim_json_text(object, "login", was.login));
    (void)snprintf(cloud->graph, sizeof cloud->graph, "%s",
                   sim_json_text(object, "graph", was.graph));
    (void)snprintf(cloud->device, sizeof cloud->device, "%s",
                   sim_json_text(object, "device", was.device));
}
