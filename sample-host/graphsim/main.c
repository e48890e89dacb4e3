/* SPDX-License-Identifier: Apache-2.0
 *
 * graphsim: a simulated Microsoft cloud for tests and demonstrations. */
#include "options.h"
#include "server.h"
#include "world.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static void announce(const sim_world *world, const sim_options *options, const sim_server *server)
{
    (void)printf("graphsim listening on %s://127.0.0.1:%u\n",
                 options->tls != NULL ? "https" : "http", sim_server_port(server));
    if (options->tls != NULL)
        (void)printf("ca %s/ca.pem\n", options->tls);
    (void)fflush(stdout);
    for (size_t i = 0; i < world->tenant_count; i++) {
        json_t *facts = sim_tenant_describe(&world->tenants[i], false);
        char *text = json_dumps(facts, JSON_COMPACT);
        (void)printf("tenant %s\n", text != NULL ? text : "");
        free(text);
        json_decref(facts);
    }
    (void)fflush(stdout);
}

static int serve(const sim_options *options)
{
    static sim_world world;
    static sim_server *server; /* static: whatever h2o still holds at the end stays reachable */
    char err[256] = "";
    int status = 1;
    if (sim_world_init(&world, options, err))
        server = sim_server_new(&world, options, err);
    if (server != NULL) {
        announce(&world, options, server);
        sim_server_run(server);
        sim_server_free(server);
        status = 0;
    } else {
        (void)fprintf(stderr, "graphsim: %s\n", err);
    }
    sim_world_done(&world);
    return status;
}

int main(int argc, char **argv)
{
    sim_options options;
    char err[256];
    if (sodium_init() < 0)
        return 1;
    if (!sim_options_parse(argc, argv, &options, err)) {
        (void)fprintf(stderr, "graphsim: %s\n", err);
        sim_options_usage(stderr);
        return 2;
    }
    if (options.help) {
        sim_options_usage(stdout);
        return 0;
    }
    return serve(&options);
}
