/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey-open: reads one key, or those of one organization, from a copy of the store with the key
 * file alone, for the day when everything else is down. Arguments and the ports; no rule. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "open_keyring.h"
#include "open_show.h"
#include "open_store.h"
#include "os_open.h"

#define REASON_SIZE 1025u
#define TICKET_MAX 128u
#define WHY_SIZE 1024u
#define PASSPHRASE_MAX 4096u
#define ACTOR_LOCAL 2u

static const char usage[] =
    "usage: bkey-open --store FILE|DIR --key-file FILE (--key KEYID | --org ID|NAME)\n"
    "                 [--reason TEXT] [--ticket T] [--passphrase-file FILE] [--journal FILE]\n"
    "Reads recovery keys from a copy of the store without the host. The reason, from --reason or\n"
    "standard input, goes with all else into a sealed journal (default: KEYFILE.journal), which\n"
    "the host takes into its audit at its next start.\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n";

typedef struct arguments {
    const char *store;
    const char *key_file;
    const char *key;
    const char *org;
    const char *reason;
    const char *ticket;
    const char *passphrase_file;
    const char *journal;
} arguments;

/* What the ports stand on. */
typedef struct world {
    bkey_open_store *store;
    bkey_open_keyring ring;
} world;

static bool read_arguments(int argc, char **argv, arguments *out)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {{"--store", &out->store},     {"--key-file", &out->key_file},
                 {"--key", &out->key},         {"--org", &out->org},
                 {"--reason", &out->reason},   {"--ticket", &out->ticket},
                 {"--journal", &out->journal}, {"--passphrase-file", &out->passphrase_file}};
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        while (k < sizeof known / sizeof known[0] && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == sizeof known / sizeof known[0] || i + 1 == argc)
            return false;
        *known[k].value = argv[i + 1];
    }
    return out->store != NULL && out->key_file != NULL && (out->key != NULL) != (out->org != NULL);
}

static int64_t read_wall(void *self)
{
    (void)self;
    return bkey_os_open_now();
}

static void fill_random(void *self, void *out, size_t len)
{
    (void)self;
    randombytes_buf(out, len);
}

static bkey_err get_state(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                          void *context)
{
    const world *w = self;
    (void)call;
    return bkey_open_store_get(w->store, key, sink, context);
}

static bkey_err scan_state(void *self, const bkey_call *call, bkey_bytes prefix,
                           bkey_state_sink sink, void *context)
{
    const world *w = self;
    (void)call;
    return bkey_open_store_scan(w->store, prefix, sink, context);
}

static uint32_t read_generation(void *self)
{
    const world *w = self;
    return bkey_open_keyring_newest(&w->ring);
}

static bkey_err derive_key(void *self, const char *label, uint32_t generation, uint8_t *out,
                           size_t len)
{
    const world *w = self;
    return bkey_open_keyring_derive(&w->ring, label, generation, out, len);
}

static bkey_err get_slot(void *self, const char *slot, uint8_t out[32])
{
    const world *w = self;
    return bkey_open_keyring_slot(&w->ring, slot, out);
}

/* Nothing is made here: a slot is there or is not. */
static bkey_err find_slot(void *self, const char *slot)
{
    uint8_t key[32];
    bkey_err err = get_slot(self, slot, key);
    sodium_memzero(key, sizeof key);
    return err;
}

static void fill_ports(world *w, bkey_ports *out)
{
    memset(out, 0, sizeof *out);
    out->self = w;
    out->wall_ms = read_wall;
    out->random = fill_random;
    out->state_get = get_state;
    out->state_scan = scan_state;
    out->generation = read_generation;
    out->derive = derive_key;
    out->slot_make = find_slot;
    out->slot_get = get_slot;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n\v\f")] == '\0';
}

static bool take_reason(const arguments *args, char out[REASON_SIZE], char *why)
{
    if (args->reason != NULL && strlen(args->reason) < REASON_SIZE)
        memcpy(out, args->reason, strlen(args->reason) + 1);
    else if (args->reason != NULL || !bkey_os_open_line("Reason: ", out, REASON_SIZE))
        out[0] = '\0';
    if (!is_blank(out) && (args->ticket == NULL || strlen(args->ticket) <= TICKET_MAX))
        return true;
    (void)snprintf(why, WHY_SIZE,
                   "A key is shown only with a reason (1024 bytes at most, a ticket "
                   "128).");
    return false;
}

static bool fill_request(const arguments *args, world *w, bkey_open_request *request,
                         sup_guid *key_id, char organization[BKEY_ORGANIZATION_MAX + 1])
{
    request->why[0] = '\0';
    if (args->key != NULL) {
        if (sup_guid_parse(args->key, strlen(args->key), key_id)) {
            request->key_id = key_id;
            return true;
        }
        (void)snprintf(request->why, request->why_size, "%.60s is not a whole Key ID.", args->key);
        return false;
    }
    if (!bkey_is_ok(bkey_open_store_organization(w->store, args->org, organization,
                                                 BKEY_ORGANIZATION_MAX + 1)))
        (void)snprintf(organization, BKEY_ORGANIZATION_MAX + 1, "%s", args->org);
    request->organization_id = organization;
    return true;
}

static bool show(const arguments *args, world *w, const char *reason, char *why)
{
    char user[128];
    char journal[BKEY_OS_OPEN_PATH + 16];
    char organization[BKEY_ORGANIZATION_MAX + 1];
    sup_guid key_id;
    bkey_ports ports;
    bkey_slab *slab = NULL;
    bkey_vault *vault = NULL;
    bkey_os_open_user(user, sizeof user);
    const bkey_call call = {.organization_id = "",
                            .actor = user,
                            .remote_address = "",
                            .actor_kind = ACTOR_LOCAL,
                            .os_uid = bkey_os_open_uid()};
    fill_ports(w, &ports);
    (void)snprintf(journal, sizeof journal, "%s%s",
                   args->journal != NULL ? args->journal : args->key_file,
                   args->journal != NULL ? "" : ".journal");
    bkey_err err = bkey_slab_new(&slab);
    if (bkey_is_ok(err))
        err = bkey_vault_new(&ports, slab, &vault);
    bool ok = bkey_is_ok(err);
    if (!ok)
        (void)snprintf(why, WHY_SIZE, "%s", bkey_err_text(err));
    bkey_open_request request = {.vault = vault,
                                 .slab = slab,
                                 .call = &call,
                                 .reason = reason,
                                 .ticket = args->ticket != NULL ? args->ticket : "",
                                 .journal = journal,
                                 .why = why,
                                 .why_size = WHY_SIZE};
    ok = ok && fill_request(args, w, &request, &key_id, organization) &&
         bkey_open_show_run(&request);
    bkey_vault_free(&vault);
    bkey_slab_free(&slab);
    return ok;
}

static bool open_world(const arguments *args, world *w, char *why)
{
    bkey_os_bytes passphrase = {NULL, 0};
    if (args->passphrase_file != NULL && !bkey_os_open_read(args->passphrase_file, PASSPHRASE_MAX,
                                                            false, &passphrase, why, WHY_SIZE))
        return false;
    while (passphrase.len > 0 && (passphrase.ptr[passphrase.len - 1] == '\n' ||
                                  passphrase.ptr[passphrase.len - 1] == '\r'))
        passphrase.len--;
    bool ok = bkey_open_keyring_load(args->key_file, &passphrase, &w->ring, why, WHY_SIZE);
    sodium_free(passphrase.ptr);
    return ok && bkey_open_store_new(args->store, &w->store, why, WHY_SIZE);
}

int main(int argc, char **argv)
{
    arguments args;
    world w;
    char reason[REASON_SIZE];
    char why[WHY_SIZE] = "";
    memset(&args, 0, sizeof args);
    memset(&w, 0, sizeof w);
    bkey_os_open_prepare();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return 0;
    }
    if (!read_arguments(argc, argv, &args)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    bool ok = sodium_init() >= 0 && take_reason(&args, reason, why) && open_world(&args, &w, why) &&
              show(&args, &w, reason, why);
    bkey_open_store_free(&w.store);
    bkey_open_keyring_done(&w.ring);
    if (!ok)
        (void)fprintf(stderr, "bkey-open: %s\n", why);
    return ok ? 0 : 1;
}
