/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the command line. Must not act on it. */
#include "options.h"

#include "number.h"

#include <string.h>

enum { TEXT, U16, U32, U64 };

static const struct {
    const char *name;
    int kind;
    uint64_t most;
} table[] = {
    {"--port", U16, 65535},     {"--data", TEXT, 0},        {"--devices", U32, 10000000},
    {"--keys", U32, 20000000},  {"--tenants", U32, 10000},  {"--seed", U64, UINT64_MAX},
    {"--latency", U32, 600000}, {"--page-size", U32, 1000}, {"--tls", TEXT, 0},
    {"--cloud", TEXT, 0},
};

static void *field_of(sim_options *options, size_t which)
{
    void *fields[] = {&options->port,    &options->data, &options->devices,    &options->keys,
                      &options->tenants, &options->seed, &options->latency_ms, &options->page_size,
                      &options->tls,     &options->cloud};
    return fields[which];
}

static bool store(sim_options *options, size_t which, const char *text)
{
    if (table[which].kind == TEXT) {
        *(const char **)field_of(options, which) = text;
        return true;
    }
    uint64_t value = 0;
    if (!sim_number_read(text, strlen(text), table[which].most, &value))
        return false;
    void *field = field_of(options, which);
    if (table[which].kind == U16)
        *(uint16_t *)field = (uint16_t)value;
    else if (table[which].kind == U32)
        *(uint32_t *)field = (uint32_t)value;
    else
        *(uint64_t *)field = value;
    return true;
}

static bool check(const sim_options *options, bool keys_given, char err[256])
{
    if (options->data != NULL && (options->devices > 0 || keys_given))
        (void)snprintf(err, 256, "--data and --devices exclude each other");
    else if (options->data == NULL && options->devices == 0)
        (void)snprintf(err, 256, "one of --data FILE and --devices N is needed");
    else if (options->tenants == 0)
        (void)snprintf(err, 256, "--tenants must be at least 1");
    else
        return true;
    return false;
}

bool sim_options_parse(int argc, char **argv, sim_options *out, char err[256])
{
    sim_options options = {.tenants = 1, .seed = 1};
    bool keys_given = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            *out = (sim_options){.help = true};
            return true;
        }
        if (strcmp(argv[i], "--http1") == 0) {
            options.http1 = true;
            continue;
        }
        size_t which = 0;
        while (which < sizeof table / sizeof table[0] && strcmp(argv[i], table[which].name) != 0)
            which++;
        if (which == sizeof table / sizeof table[0]) {
            (void)snprintf(err, 256, "unknown option %s", argv[i]);
            return false;
        }
        if (i + 1 == argc || !store(&options, which, argv[i + 1])) {
            (void)snprintf(err, 256, "%s needs a value that fits", argv[i]);
            return false;
        }
        keys_given = keys_given || strcmp(argv[i], "--keys") == 0;
        i++;
    }
    if (!keys_given)
        options.keys = options.devices;
    if (!check(&options, keys_given, err))
        return false;
    *out = options;
    return true;
}

void sim_options_usage(FILE *stream)
{
    (void)fputs(
        "usage: graphsim --port N|0 --data FILE [--latency MS] [--page-size N]\n"
        "       graphsim --port N|0 --devices N [--keys N] [--tenants T] [--seed S] "
        "[--latency MS] [--page-size N]\n"
        "Both take [--tls DIR [--http1]] [--cloud global|usgov|dod|china]; --tls serves HTTPS "
        "with\n"
        "a certificate of DIR/ca.pem, which is made when it is not there, by HTTP/2 too unless\n"
        "--http1 is given.\n"
        "A simulated Microsoft cloud on 127.0.0.1 (port 0: any free one). Devices and keys\n"
        "are per tenant; without --keys each device has one.\n",
        stream);
}
