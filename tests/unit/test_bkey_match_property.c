/* SPDX-License-Identifier: Apache-2.0
 *
 * Zero wrong placements: a fixture in which evidence misleads in every way that is known, and
 * seeded histories in which no key may ever come to an organization that neither a person nor
 * unique hard evidence named. */
/* LINK: tests/support/plan_world.c plugin/src/domain/plan.c plugin/src/domain/plan_join.c
   plugin/src/domain/plan_import.c plugin/src/domain/plan_record.c plugin/src/domain/plan_hash.c
   plugin/src/domain/idsort.c plugin/src/domain/lineage.c plugin/src/domain/match.c
   plugin/src/domain/match_?*.c plugin/src/domain/naming.c plugin/src/domain/alike.c
   plugin/src/domain/alike_order.c plugin/src/base/unicode.c plugin/src/domain/view.c
   plugin/src/domain/volume.c plugin/src/base/pattern.c plugin/src/base/error.c
   host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -lpcre2-8 -lutf8proc */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/support/plan_world.h"

#define T INT64_C(1760000000000)
#define MAC_1 UINT64_C(0x3C5282112201)
#define MAC_2 UINT64_C(0x3C5282112202)
#define MAC_DOCK UINT64_C(0x3C52821122DD)
#define ERASED "\xC3\xBF\xC3\xBF\xC3\xBF\xC3\xBF"
#define A 0u
#define B 1u
#define NOBODY BKEY_NONE

/* ---- the fixture ---- */

static const struct {
    const char *what;
    const char *name;
    const char *serial;
    uint64_t mac;
    uint32_t truth;    /* whose machine it is */
    uint32_t expected; /* where its key comes to be */
} machines[] = {
    {"plain", "A-PC", "PLAIN-A", 0, A, A},
    {"plain, of the other one", "B-PC", "PLAIN-B", 0, B, B},
    {"cloned serial number", "CLONE-1", "CLONED", 0, A, NOBODY},
    {"its clone, somebody else's", "CLONE-2", "cloned ", 0, B, NOBODY},
    {"equal names, no serial number", "SAME", "", 0, A, NOBODY},
    {"equal names, junk", "SAME", "Default string", 0, B, NOBODY},
    {"equal names, own serial numbers", "SAME", "SAME-A", 0, A, A},
    {"equal names, own serial numbers too", "SAME", "SAME-B", 0, B, B},
    {"a name of the wrong organization", "B-ONLY-NAME", "UNDOCUMENTED", 0, A, NOBODY},
    {"blank name", "", "BLANK-A", 0, A, A},
    {"blank name and serial number", "   ", "   ", 0, B, NOBODY},
    {"documented twice", "TWICE", "TWICE", 0, A, NOBODY},
    {"changed customers, both document it", "SOLD", "SOLD", 0, B, NOBODY},
    {"by address", "MAC-1", "None", MAC_1, B, B},
    {"address that two have", "MAC-2", "None", MAC_2, A, NOBODY},
    {"the other of the two", "MAC-3", "N/A", MAC_2, B, NOBODY},
    {"dock that stood before the first one", "MAC-4", "None", MAC_DOCK, B, NOBODY},
    {"erased serial number", "ERASED", ERASED, 0, B, NOBODY},
    {"only an archived configuration", "OLD", "ARCHIVED", 0, B, NOBODY},
};
#define MACHINES (sizeof machines / sizeof machines[0])

static world *new_world(void)
{
    world *w = calloc(1, sizeof *w);
    cr_assert_not_null(w);
    return w;
}

static void document(world *w)
{
    static const struct {
        const char *id;
        const char *serial;
        const char *hostname;
        const char *mac;
        uint32_t organization;
    } rows[] = {
        {"a1", "PLAIN-A", "A-PC", "3C-52-82-11-22-DD", A},
        {"b1", "PLAIN-B", "B-PC", "", B},
        {"a2", "CLONED", "CLONE-1", "", A},
        {"a3", "SAME-A", "SAME", "", A},
        {"b3", "SAME-B", "SAME", "", B},
        {"b4", "", "B-ONLY-NAME", "", B},
        {"a5", "BLANK-A", "", "", A},
        {"b5", "", "", "", B},
        {"a6", "TWICE", "TWICE", "", A},
        {"a7", "TWICE", "TWICE", "", A},
        {"a8", "SOLD", "SOLD", "", A},
        {"b8", "SOLD", "SOLD", "", B},
        {"b9", "None", "", "3C5282112201", B},
        {"a10", "None", "", "3c:52:82:11:22:02", A},
        {"a11", "Default string", "X", "", A},
        {"b12", "UNRELATED", "OLD-2", "", B},
        {"a13", ERASED, "", "", A},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_configuration *row =
            world_configuration(w, rows[i].id, rows[i].serial, rows[i].organization);
        row->hostname = rows[i].hostname;
        row->mac = rows[i].mac;
    }
    world_configuration(w, "a-old", "ARCHIVED", A)->archived = true;
}

static void add_machine(world *w, uint32_t number, const char *name, const char *serial)
{
    world_device(w, number, name, serial);
    world_list(w, number, number, T, BKEY_VOLUME_OS);
}

static uint32_t place_of(world *w, uint32_t key)
{
    const bkey_record *row = world_record(w, key);
    return row == NULL ? NOBODY : row->organization;
}

/* D8 S1.104 S1.105: zero wrong placements, and all that is kept back is explained. */
Test(match_property, nothing_is_placed_wrongly_however_evidence_misleads)
{
    world *w = new_world();
    document(w);
    for (uint32_t i = 0; i < MACHINES; i++) {
        add_machine(w, i + 1, machines[i].name, machines[i].serial);
        if (machines[i].mac != 0)
            w->evidence[w->evidence_count++] = (bkey_evidence){
                .device_id = world_guid(0xD0, i + 1), .macs = {0, machines[i].mac}, .asked = true};
    }
    world_tick(w);
    for (uint32_t i = 0; i < MACHINES; i++) {
        uint32_t place = place_of(w, i + 1);
        cr_expect_eq(place, machines[i].expected, "%s: %u", machines[i].what, place);
        cr_expect(place == NOBODY || place == machines[i].truth, "%s", machines[i].what);
    }
    bkey_plan plan = world_plan(w);
    size_t kept_back = 0;
    for (size_t i = 0; i < MACHINES; i++)
        kept_back += machines[i].expected == NOBODY;
    cr_expect_eq(plan.waiting_count, kept_back);
    for (size_t i = 0; i < plan.waiting_count; i++)
        cr_expect_str_not_empty(bkey_match_state_why(plan.waiting[i].match.outcome));
    bkey_plan_free(&plan);
    free(w);
}

/* D8: two boards change places, across customers. Known keys stay, new ones wait. */
Test(match_property, swapped_boards_place_no_new_key)
{
    world *w = new_world();
    world_configuration(w, "a1", "BOARD-A", A);
    world_configuration(w, "b1", "BOARD-B", B);
    add_machine(w, 1, "PC-A", "BOARD-A");
    add_machine(w, 2, "PC-B", "BOARD-B");
    world_tick(w);
    cr_assert(place_of(w, 1) == A && place_of(w, 2) == B);
    w->devices[0].serial = "BOARD-B";
    w->devices[1].serial = "BOARD-A";
    world_list(w, 11, 1, T + 86400000, BKEY_VOLUME_FIXED);
    world_list(w, 12, 2, T + 86400000, BKEY_VOLUME_FIXED);
    world_tick(w);
    cr_expect(place_of(w, 1) == A && place_of(w, 2) == B);
    cr_expect(place_of(w, 11) == NOBODY && place_of(w, 12) == NOBODY);
    free(w);
}

/* D8: bought by the other customer and set up anew, while the seller's device is still listed. */
Test(match_property, a_machine_that_changed_customers_waits_while_both_devices_are_there)
{
    world *w = new_world();
    world_configuration(w, "a1", "SOLD", A);
    add_machine(w, 1, "PC-A", "SOLD");
    world_tick(w);
    cr_assert_eq(place_of(w, 1), A);
    add_machine(w, 2, "PC-B", "SOLD");
    world_tick(w);
    cr_expect(place_of(w, 1) == A && place_of(w, 2) == NOBODY);
    world_configuration(w, "b1", "SOLD", B);
    world_tick(w);
    cr_expect(place_of(w, 1) == A && place_of(w, 2) == NOBODY);
    free(w);
}

/* ---- histories ---- */

#define SEEDS 400
#define TICKS 12

static uint32_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

static const char *const serials[] = {"SN-0001",  "SN-0002", "sn-0003", "SN-0004",
                                      "SN-0003 ", "None",    "",        "Default string"};
static const char *const names[] = {"PC-1", "PC-2", "SAME", ""};
static const char *const macs[] = {"", "3C5282112201", "3C5282112202", "3C5282112201 3C5282112203"};
static const char *const ids[] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};

static void change_configurations(world *w)
{
    bkey_configuration *row = w->configuration_count < 8
                                  ? world_configuration(w, ids[w->configuration_count], "", draw(2))
                                  : &w->configurations[draw(8)];
    row->serial = serials[draw(8)];
    row->hostname = names[draw(4)];
    row->mac = macs[draw(4)];
    row->archived = draw(6) == 0;
    if (draw(8) == 0)
        row->organization = draw(2);
}

static void change_devices(world *w)
{
    uint32_t number = 1 + draw(6);
    if (w->device_count < 6)
        number = (uint32_t)w->device_count + 1;
    else if (draw(6) == 0) { /* left the inventory, or came back */
        w->devices[number - 1].id = world_guid(draw(2) == 0 ? 0xD0 : 0xD9, number);
        return;
    }
    bkey_device *row =
        w->device_count < number ? world_device(w, number, "", "") : &w->devices[number - 1];
    row->serial = serials[draw(8)];
    row->name = names[draw(4)];
}

static void learn_addresses(world *w)
{
    uint32_t number = 1 + draw(6);
    sup_guid id = world_guid(0xD0, number);
    bkey_evidence *row = NULL;
    for (size_t i = 0; i < w->evidence_count; i++)
        row = sup_guid_equal(&w->evidence[i].device_id, &id) ? &w->evidence[i] : row;
    if (row == NULL)
        row = &w->evidence[w->evidence_count++];
    *row = (bkey_evidence){.device_id = id, .asked = true};
    row->macs[draw(2)] = draw(3) == 0 ? 0 : UINT64_C(0x3C5282112200) + 1 + draw(3);
}

static void decide(world *w)
{
    static const bkey_match_reason reasons[] = {BKEY_MATCH_PERSON, BKEY_MATCH_PERSON,
                                                BKEY_MATCH_IGNORED, BKEY_MATCH_UNDONE,
                                                BKEY_MATCH_OPEN};
    sup_guid id = world_guid(0xD0, 1 + draw(6));
    bkey_decision *row = NULL;
    if (w->configuration_count == 0)
        return;
    const bkey_configuration *to = &w->configurations[draw((uint32_t)w->configuration_count)];
    for (size_t i = 0; i < w->decision_count; i++)
        row = sup_guid_equal(&w->decisions[i].device_id, &id) ? &w->decisions[i] : row;
    if (row == NULL)
        row = &w->decisions[w->decision_count++];
    *row = (bkey_decision){.device_id = id,
                           .configuration_id = to->id,
                           .organization = to->organization,
                           .revision = row->revision + 1,
                           .reason = (uint8_t)reasons[draw(5)]};
}

static void change_world(world *w)
{
    switch (draw(8)) {
    case 0:
    case 1:
        change_configurations(w);
        break;
    case 2:
    case 3:
        change_devices(w);
        break;
    case 4:
        learn_addresses(w);
        break;
    case 5:
        if (draw(2) == 0)
            decide(w);
        break;
    default:
        if (w->listed_count + 4 < WORLD_MAX)
            world_list(w, draw(40), 1 + draw(6), T + draw(500) * INT64_C(3600000),
                       (bkey_volume)draw(BKEY_VOLUME_COUNT));
        break;
    }
}

/* ---- what may be said of a device, looked up the slow way ---- */

static bool is_junk(const char *serial)
{
    return serial == NULL || serial[0] == '\0' || strcmp(serial, "None") == 0 ||
           strcmp(serial, "Default string") == 0;
}

static bool same_serial(const char *a, const char *b)
{
    return !is_junk(a) && !is_junk(b) && strncasecmp(a, b, 7) == 0;
}

static const bkey_device *listed_device(const world *w, const sup_guid *id)
{
    for (size_t i = 0; i < w->device_count; i++)
        if (sup_guid_equal(&w->devices[i].id, id))
            return &w->devices[i];
    return NULL;
}

static const bkey_decision *decision_of(const world *w, const sup_guid *id)
{
    for (size_t i = 0; i < w->decision_count; i++)
        if (sup_guid_equal(&w->decisions[i].device_id, id))
            return &w->decisions[i];
    return NULL;
}

static bool shares_mac(const world *w, const sup_guid *id, const bkey_configuration *row)
{
    uint64_t own[4];
    size_t count = bkey_match_mac(row->mac, own, 4);
    for (size_t e = 0; e < w->evidence_count; e++)
        for (size_t i = 0; i < count * BKEY_MACS; i++)
            if (sup_guid_equal(&w->evidence[e].device_id, id) &&
                w->evidence[e].macs[i % BKEY_MACS] == own[i / BKEY_MACS])
                return true;
    return false;
}

/* Exactly one configuration in use fits, nobody else says the same, and nobody listed has it. */
static bool is_unique_evidence(const world *w, const bkey_device *device, size_t configuration)
{
    size_t fits = 0;
    bool is_it = false;
    for (size_t i = 0; i < w->configuration_count; i++) {
        const bkey_configuration *row = &w->configurations[i];
        bool fit = is_junk(device->serial) ? shares_mac(w, &device->id, row)
                                           : same_serial(device->serial, row->serial);
        fits += fit && !row->archived;
        is_it = is_it || (fit && !row->archived && i == configuration);
    }
    for (size_t i = 0; i < w->device_count; i++)
        if (!sup_guid_equal(&w->devices[i].id, &device->id) &&
            same_serial(w->devices[i].serial, device->serial))
            return false;
    for (size_t i = 0; i < w->decision_count; i++) {
        const bkey_decision *other = &w->decisions[i];
        if (!sup_guid_equal(&other->device_id, &device->id) && other->reason < BKEY_MATCH_IGNORED &&
            listed_device(w, &other->device_id) != NULL &&
            strcmp(other->configuration_id, w->configurations[configuration].id) == 0)
            return false;
    }
    return is_it && fits == 1;
}

/* An earlier decision was justified when it was made; evidence of another organization ends that.
 */
static bool is_still_believed(const world *w, const bkey_device *device,
                              const bkey_decision *decision, uint32_t organization)
{
    if (decision->reason == BKEY_MATCH_PERSON || device == NULL)
        return true;
    for (size_t i = 0; i < w->configuration_count; i++) {
        const bkey_configuration *row = &w->configurations[i];
        if (!row->archived && row->organization != organization &&
            same_serial(device->serial, row->serial))
            return false;
    }
    return true;
}

static bool is_justified(const world *w, const bkey_plan *plan, const bkey_plan_key *key)
{
    const bkey_decision *decision = decision_of(w, &key->device_id);
    const bkey_device *device = listed_device(w, &key->device_id);
    for (size_t i = 0; i < plan->match_count; i++) {
        const bkey_plan_match *match = &plan->matches[i];
        if (!sup_guid_equal(&match->device_id, &key->device_id))
            continue;
        const char *id = w->configurations[match->configuration].id;
        bool follows = decision != NULL && decision->reason < BKEY_MATCH_IGNORED &&
                       strcmp(decision->configuration_id, id) == 0;
        return follows || (device != NULL && is_unique_evidence(w, device, match->configuration));
    }
    return decision != NULL && decision->reason < BKEY_MATCH_IGNORED &&
           is_still_believed(w, device, decision, key->organization);
}

static uint64_t check_placements(const world *w, const bkey_plan *plan, uint32_t seed)
{
    uint64_t placed = 0;
    for (size_t i = 0; i < plan->key_count; i++) {
        const bkey_plan_key *key = &plan->keys[i];
        const bkey_decision *decision = decision_of(w, &key->device_id);
        bool expelled = decision != NULL && (decision->reason == BKEY_MATCH_IGNORED ||
                                             decision->reason == BKEY_MATCH_UNDONE);
        cr_assert(!expelled || key->organization == BKEY_NONE, "seed %u: taken back", seed);
        if ((key->todo & (BKEY_DO_CREATE | BKEY_DO_MOVE)) == 0)
            continue;
        cr_assert(is_justified(w, plan, key), "seed %u: key %zu in organization %u", seed, i,
                  key->organization);
        placed++;
    }
    return placed;
}

/* D8 S1.3 S1.77 S1.104 S1.105 */
static uint64_t run_history(uint32_t seed)
{
    world *w = new_world();
    uint64_t placed = 0;
    state = seed * 2654435761U + 1;
    for (int i = 0; i < TICKS; i++) {
        for (uint32_t changes = 2 + draw(10); changes > 0; changes--)
            change_world(w);
        bkey_plan first = world_plan(w);
        world_fetch(w, &first);
        bkey_plan_free(&first);
        bkey_plan second = world_plan(w);
        placed += check_placements(w, &second, seed);
        world_publish(w, &second);
        bkey_plan_free(&second);
        bkey_plan quiet = world_plan(w);
        for (size_t k = 0; k < quiet.key_count; k++)
            cr_assert_eq(quiet.keys[k].todo & ~BKEY_DO_FETCH, 0, "seed %u", seed);
        cr_assert_eq(quiet.match_count, 0, "seed %u", seed);
        bkey_plan_free(&quiet);
    }
    free(w);
    return placed;
}

Test(match_property, histories_place_nothing_that_nobody_named, .timeout = 120)
{
    uint64_t placed = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        placed += run_history(seed);
    cr_expect_gt(placed, SEEDS, "the histories must place keys: %llu", (unsigned long long)placed);
}
