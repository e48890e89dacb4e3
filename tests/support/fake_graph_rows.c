/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test plants in the fake tenant. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/support/fake_graph.h"

fake_graph *fake_graph_new(const char *tenant)
{
    fake_graph *graph =
        mmap(NULL, sizeof *graph, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (graph == MAP_FAILED)
        abort();
    (void)snprintf(graph->tenant, sizeof graph->tenant, "%s", tenant);
    graph->page_size = 100;
    return graph;
}

void fake_graph_free(fake_graph *graph)
{
    if (graph != NULL)
        (void)munmap(graph, sizeof *graph);
}

fake_device *fake_graph_add_device(fake_graph *graph, const char *name, const char *serial)
{
    if (graph->device_count == FAKE_GRAPH_DEVICES)
        abort();
    fake_device *device = &graph->devices[graph->device_count++];
    (void)snprintf(device->id, sizeof device->id, "de000000-0000-4000-8000-%012x",
                   graph->device_count);
    (void)snprintf(device->name, sizeof device->name, "%s", name);
    (void)snprintf(device->serial, sizeof device->serial, "%s", serial);
    return device;
}

fake_key *fake_graph_add_key(fake_graph *graph, const fake_device *device, const char *volume,
                             uint32_t created_day)
{
    if (graph->key_count == FAKE_GRAPH_KEYS)
        abort();
    fake_key *key = &graph->keys[graph->key_count++];
    uint32_t n = graph->key_count;
    (void)snprintf(key->id, sizeof key->id, "ce000000-0000-4000-8000-%012x", n);
    (void)snprintf(key->device_id, sizeof key->device_id, "%s", device != NULL ? device->id : "");
    (void)snprintf(key->volume, sizeof key->volume, "%s", volume);
    (void)snprintf(key->created, sizeof key->created, "2026-%02u-%02uT08:00:00Z",
                   1 + created_day / 28, 1 + created_day % 28);
    for (uint32_t i = 0; i < 8; i++)
        (void)snprintf(key->password + 7 * i, sizeof key->password - 7 * i, "%06u%s",
                       ((n * 7919 + i * 104729) % 65536) * 11, i < 7 ? "-" : "");
    return key;
}

fake_user *fake_graph_add_user(fake_graph *graph, const char *name, const char *address)
{
    if (graph->user_count == FAKE_GRAPH_USERS)
        abort();
    fake_user *user = &graph->users[graph->user_count++];
    (void)snprintf(user->id, sizeof user->id, "5e000000-0000-4000-8000-%012x", graph->user_count);
    (void)snprintf(user->name, sizeof user->name, "%s", name);
    (void)snprintf(user->sign_in, sizeof user->sign_in, "%s", address);
    (void)snprintf(user->mail, sizeof user->mail, "%s", address);
    (void)snprintf(user->licences, sizeof user->licences,
                   "{\"skuId\":\"" FAKE_SKU "\",\"disabledPlans\":[]}");
    return user;
}

void fake_graph_add_fault(fake_graph *graph, const fake_graph_fault *fault)
{
    if (graph->fault_count == FAKE_GRAPH_FAULTS)
        abort();
    graph->faults[graph->fault_count++] = *fault;
}
