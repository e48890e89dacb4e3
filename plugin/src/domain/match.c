/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching devices to configurations: the order of evidence, and what stops it. Must not know where
 * devices and configurations come from. */
#include "domain/match.h"

#include <stdlib.h>
#include <string.h>

#include "domain/match_index.h"
#include "domain/match_name.h"

static bkey_match nowhere(bkey_match_outcome outcome)
{
    return (bkey_match){.outcome = outcome, .configuration = BKEY_NONE, .organization = BKEY_NONE};
}

static const bkey_configuration *configuration_at(const bkey_match_index *index, uint32_t row)
{
    return &index->world.configurations[row];
}

static bool is_named(const bkey_match *match, uint32_t row)
{
    for (uint32_t i = 0; i < match->candidate_count; i++) {
        if (match->candidates[i] == row)
            return true;
    }
    return false;
}

/* In the order of their ids, so that what is told does not depend on the order of a listing. */
static void name_candidate(const bkey_match_index *index, bkey_match *match, uint32_t row)
{
    uint32_t at = match->candidate_count;
    if (is_named(match, row))
        return;
    while (at > 0 && strcmp(configuration_at(index, match->candidates[at - 1])->id,
                            configuration_at(index, row)->id) > 0) {
        if (at < BKEY_MATCH_CANDIDATES)
            match->candidates[at] = match->candidates[at - 1];
        at--;
    }
    if (at < BKEY_MATCH_CANDIDATES)
        match->candidates[at] = row;
    if (match->candidate_count < BKEY_MATCH_CANDIDATES)
        match->candidate_count++;
}

typedef struct serial_hits {
    bkey_match *named;     /* gets the configurations in use, as far as it has room */
    uint32_t organization; /* BKEY_NONE: none is compared */
    bool archived;         /* some that are not in use have it too */
    bool elsewhere;        /* one in use is of another organization */
} serial_hits;

static void find_by_serial(const bkey_match_index *index, const char *serial, serial_hits *hits)
{
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    const bkey_match_table *table = &index->serials;
    uint64_t hash = bkey_match_index_text(serial);
    size_t at = bkey_match_index_find(table, hash);
    for (; at < table->count && table->entries[at].hash == hash; at++) {
        uint32_t row = table->entries[at].row;
        const bkey_configuration *configuration = configuration_at(index, row);
        (void)bkey_match_serial(configuration->serial, other);
        if (strcmp(serial, other) != 0)
            continue;
        if (configuration->archived) {
            hits->archived = true;
            continue;
        }
        name_candidate(index, hits->named, row);
        hits->elsewhere = hits->elsewhere || configuration->organization != hits->organization;
    }
}

static bool is_other_device(const bkey_match_index *index, const char *serial,
                            const bkey_device *device)
{
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    const bkey_match_table *table = &index->devices;
    uint64_t hash = bkey_match_index_text(serial);
    size_t at = bkey_match_index_find(table, hash);
    for (; at < table->count && table->entries[at].hash == hash; at++) {
        const bkey_device *row = &index->world.devices[table->entries[at].row];
        (void)bkey_match_serial(row->serial, other);
        if (strcmp(serial, other) == 0 && !sup_guid_equal(&row->id, &device->id))
            return true;
    }
    return false;
}

static bool is_claimed(const bkey_match_index *index, uint32_t row, const bkey_device *device)
{
    uint32_t claim = index->claims[row];
    return claim != BKEY_NONE &&
           !sup_guid_equal(&index->world.decisions[claim].device_id, &device->id);
}

/* One candidate is enough only when nothing says that it might be another machine. Where there is
 * one organization, nobody else's folder can be hit. */
static bkey_match judge(const bkey_match_index *index, const bkey_device *device,
                        const bkey_match *found, bool shared)
{
    bkey_match match = *found;
    bool many = index->world.organization_count > 1;
    uint32_t row = found->candidates[0];
    if (found->candidate_count > 1)
        match.outcome = BKEY_UNMATCHED_AMBIGUOUS;
    else if (many && shared)
        match.outcome = BKEY_UNMATCHED_CLONED;
    else if (many && is_claimed(index, row, device))
        match.outcome = BKEY_UNMATCHED_CLAIMED;
    else {
        match.configuration = row;
        match.organization = configuration_at(index, row)->organization;
        match.remember = true;
        match.reason = match.outcome == BKEY_MATCHED_MAC ? BKEY_MATCH_MAC : BKEY_MATCH_SERIAL;
    }
    return match;
}

static bkey_match match_serial(const bkey_match_index *index, const bkey_device *device,
                               const char *serial)
{
    bkey_match found = nowhere(BKEY_MATCHED_SERIAL);
    serial_hits hits = {.named = &found, .organization = BKEY_NONE};
    find_by_serial(index, serial, &hits);
    if (found.candidate_count == 0)
        return nowhere(hits.archived ? BKEY_UNMATCHED_ARCHIVED : BKEY_UNMATCHED_NOWHERE);
    return judge(index, device, &found, is_other_device(index, serial, device));
}

static void find_by_mac(const bkey_match_index *index, uint64_t mac, bkey_match *out)
{
    const bkey_match_table *table = &index->macs;
    size_t at = bkey_match_index_find(table, mac);
    for (; at < table->count && table->entries[at].hash == mac; at++)
        name_candidate(index, out, table->entries[at].row);
}

static bool is_other_address(const bkey_match_index *index, uint64_t mac, const sup_guid *device_id)
{
    const bkey_match_table *table = &index->addresses;
    size_t at = bkey_match_index_find(table, mac);
    for (; at < table->count && table->entries[at].hash == mac; at++) {
        const bkey_evidence *row = &index->world.evidence[table->entries[at].row];
        if (!sup_guid_equal(&row->device_id, device_id))
            return true;
    }
    return false;
}

/* Hard evidence goes before an address, which a dock carries along: what another listed device has
 * by its serial number is that one's, whether or not it is remembered yet. */
static bkey_err yield_to_serial(const bkey_match_index *index, const bkey_device *device,
                                bkey_match *match)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    size_t len = 0;
    if (match->outcome != BKEY_MATCHED_MAC || index->world.organization_count <= 1)
        return bkey_ok();
    bkey_err err = bkey_match_index_serial(
        index, configuration_at(index, match->configuration)->serial, serial, &len);
    if (bkey_is_ok(err) && len > 0 && is_other_device(index, serial, device)) {
        match->outcome = BKEY_UNMATCHED_CLAIMED;
        match->configuration = BKEY_NONE;
        match->organization = BKEY_NONE;
        match->remember = false;
    }
    return err;
}

static bkey_match match_mac(const bkey_match_index *index, const bkey_device *device)
{
    bkey_match found = nowhere(BKEY_MATCHED_MAC);
    if (index->world.addresses_pending && index->world.organization_count > 1)
        return nowhere(BKEY_UNMATCHED_JUNK);
    bool shared = false;
    uint32_t row = bkey_idsort_find(&index->evidence, &device->id);
    for (size_t i = 0; row != BKEY_NONE && i < BKEY_MACS; i++) {
        uint64_t mac = index->world.evidence[row].macs[i];
        if (mac == 0)
            continue;
        find_by_mac(index, mac, &found);
        shared = shared || is_other_address(index, mac, &device->id);
    }
    return found.candidate_count == 0 ? nowhere(BKEY_UNMATCHED_JUNK)
                                      : judge(index, device, &found, shared);
}

bkey_err bkey_match_owner(bkey_match_index *index, const char *serial, uint32_t *out_device)
{
    char wanted[BKEY_MATCH_SERIAL_MAX + 1];
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    const bkey_match_table *table = &index->devices;
    uint32_t found = BKEY_NONE;
    size_t len = 0;
    bkey_err err = bkey_match_index_serial(index, serial, wanted, &len);
    if (!bkey_is_ok(err))
        return err;
    uint64_t hash = bkey_match_index_text(wanted);
    size_t at = len == 0 ? table->count : bkey_match_index_find(table, hash);
    for (; at < table->count && table->entries[at].hash == hash; at++) {
        uint32_t row = table->entries[at].row;
        (void)bkey_match_serial(index->world.devices[row].serial, other);
        if (strcmp(wanted, other) == 0) {
            found = row;
            break;
        }
    }
    bool several =
        found != BKEY_NONE && is_other_device(index, wanted, &index->world.devices[found]);
    *out_device = several ? BKEY_NONE : found;
    return bkey_ok();
}

static bkey_match match_remembered(const bkey_match_index *index, const bkey_decision *decision)
{
    uint32_t found = bkey_match_index_id(index, decision->configuration_id);
    bkey_match match = nowhere(BKEY_MATCHED_REMEMBERED);
    match.configuration = found;
    match.organization = decision->organization;
    match.reason = (bkey_match_reason)decision->reason;
    if (found != BKEY_NONE) {
        /* A key is where its configuration is: when that moved, the decision follows. */
        match.organization = configuration_at(index, found)->organization;
        match.remember = match.organization != decision->organization;
    } else {
        bool here = decision->organization != BKEY_NONE;
        match.outcome = here ? BKEY_MATCHED_LOST : BKEY_UNMATCHED_ELSEWHERE;
    }
    return match;
}

static bool is_by_person(const bkey_decision *decision)
{
    return decision->reason == BKEY_MATCH_PERSON || decision->reason == BKEY_MATCH_CREATED;
}

/* What evidence once decided, evidence may shake: the serial number in another organization says
 * that the machine, or its board, may have changed hands. A person's word stands. */
static bkey_match contest(const bkey_match_index *index, const bkey_match *kept, const char *serial)
{
    bkey_match match = *kept;
    serial_hits hits = {.named = &match, .organization = kept->organization};
    match.candidate_count = 0;
    find_by_serial(index, serial, &hits);
    if (!hits.elsewhere)
        return *kept;
    match.outcome = BKEY_UNMATCHED_CONTESTED;
    match.organization = BKEY_NONE;
    match.remember = false;
    return match;
}

/* Of more candidates than are named, any may be elsewhere. */
static bool leads_elsewhere(const bkey_match_index *index, const bkey_match *found,
                            uint32_t organization)
{
    if (found->candidate_count == BKEY_MATCH_CANDIDATES && index->world.organization_count > 1)
        return true;
    for (uint32_t i = 0; i < found->candidate_count; i++) {
        if (configuration_at(index, found->candidates[i])->organization != organization)
            return true;
    }
    return false;
}

/* The remembered configuration is gone. Its successor is one of the same organization; one of
 * another, even one of several, says that the device may have changed hands, and then no new key
 * goes to the old place. */
static bkey_match replace_lost(const bkey_match_index *index, const bkey_match *lost,
                               const bkey_match *found)
{
    bkey_match match = *found;
    if (leads_elsewhere(index, found, lost->organization)) {
        match.outcome = BKEY_UNMATCHED_CONTESTED;
        match.configuration = BKEY_NONE;
        match.organization = BKEY_NONE;
        match.remember = false;
        return match;
    }
    return found->outcome == BKEY_MATCHED_SERIAL || found->outcome == BKEY_MATCHED_MAC ? match
                                                                                       : *lost;
}

static void suggest(const bkey_match_index *index, const bkey_device *device, bkey_match *match)
{
    const bkey_match_table *table = &index->names;
    uint64_t hash = bkey_match_name_hash(device->name);
    if (hash == 0 || match->outcome <= BKEY_MATCHED_MAC || match->candidate_count > 0)
        return;
    size_t at = bkey_match_index_find(table, hash);
    for (; at < table->count && table->entries[at].hash == hash; at++) {
        uint32_t row = table->entries[at].row;
        if (bkey_match_name_same(configuration_at(index, row)->hostname, device->name))
            name_candidate(index, match, row);
    }
    match->by_name = match->candidate_count > 0;
}

static bkey_err find_place(const bkey_match_index *index, const bkey_device *device,
                           const char *serial, bkey_match *out_match)
{
    if (serial[0] != '\0') {
        *out_match = match_serial(index, device, serial);
        return bkey_ok();
    }
    *out_match = match_mac(index, device);
    return yield_to_serial(index, device, out_match);
}

/* What was found only now, and another tenant's device may be just as well: the last thing that is
 * looked at, so that the answer to all else does not depend on who else is known. A computer that
 * an import names is placed in the organization that a person said. */
static void yield_to_rival(const bkey_match_index *index, const bkey_device *device,
                           bkey_match *match)
{
    if (index->world.organization_count <= 1 || match->configuration == BKEY_NONE ||
        sup_guid_is_zero(&device->id) || !index->rivalled[match->configuration])
        return;
    match->outcome = BKEY_UNMATCHED_RIVAL;
    match->configuration = BKEY_NONE;
    match->organization = BKEY_NONE;
    match->remember = false;
}

static bkey_err settle(const bkey_match_index *index, const bkey_device *device,
                       const bkey_decision *decision, const char *serial, bkey_match *out_match)
{
    bool decided = decision != NULL && decision->configuration_id != NULL;
    bkey_match kept = decided ? match_remembered(index, decision) : nowhere(0);
    bkey_match found;
    if (decided && kept.outcome == BKEY_MATCHED_REMEMBERED) {
        *out_match = device == NULL || serial[0] == '\0' || is_by_person(decision)
                         ? kept
                         : contest(index, &kept, serial);
        return bkey_ok();
    }
    if (device == NULL || (decided && kept.outcome != BKEY_MATCHED_LOST)) {
        *out_match = decided ? kept : nowhere(BKEY_UNMATCHED_NO_DEVICE);
        return bkey_ok();
    }
    bkey_err err = find_place(index, device, serial, &found);
    if (bkey_is_ok(err)) {
        yield_to_rival(index, device, &found);
        *out_match = decided ? replace_lost(index, &kept, &found) : found;
    }
    return err;
}

bkey_err bkey_match_device(bkey_match_index *index, const bkey_device *device,
                           const bkey_decision *decision, bkey_match *out_match)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 1] = "";
    size_t len = 0;
    bkey_match match = nowhere(0);
    bkey_err err =
        device != NULL ? bkey_match_index_serial(index, device->serial, serial, &len) : bkey_ok();
    if (len == 0)
        serial[0] = '\0';
    if (decision != NULL && decision->reason == BKEY_MATCH_IGNORED)
        match = nowhere(BKEY_UNMATCHED_IGNORED);
    else if (decision != NULL && decision->reason == BKEY_MATCH_UNDONE)
        match = nowhere(BKEY_UNMATCHED_UNDONE);
    else if (bkey_is_ok(err))
        err = settle(index, device,
                     decision != NULL && decision->reason == BKEY_MATCH_OPEN ? NULL : decision,
                     serial, &match);
    if (!bkey_is_ok(err))
        return err;
    if (device != NULL)
        suggest(index, device, &match);
    *out_match = match;
    return err;
}

bool bkey_match_wants_mac(const bkey_match_index *index, const bkey_match *match)
{
    return match->outcome == BKEY_UNMATCHED_JUNK && index->macs.count > 0;
}
