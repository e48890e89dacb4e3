/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of where a key is shown: every match is justified by what is told of the machine
 * at that moment or by a person, and every record by its device's match. Must not know how the
 * product decides. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/life.h"

#define NOBODY "00000000-0000-0000-0000-000000000000"

static bool is_good_serial(const char *text)
{
    return strncasecmp(text, "ser-", 4) == 0;
}

/* A configuration that the tenant's connection may see. */
static const fake_configuration *find(life *l, const life_tenant *t, const char *id)
{
    const fake_configuration *row = id[0] == '\0' ? NULL : life_configuration(l, id);
    return row != NULL && life_is_open(l, t, row->organization_id) ? row : NULL;
}

/* How many in use have that serial number; of another organization than `not_in` unless NULL. */
static uint32_t count_serial(const life *l, const life_tenant *t, const char *serial,
                             const char *not_in)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->store->configuration_count; i++) {
        const fake_configuration *row = &l->store->configurations[i];
        count += !row->archived && strcasecmp(row->serial, serial) == 0 &&
                 life_is_open(l, t, row->organization_id) &&
                 (not_in == NULL || strcmp(row->organization_id, not_in) != 0);
    }
    return count;
}

/* Intune tells serial numbers. */
static bool is_told(const life_tenant *t, const fake_device *device)
{
    return !device->gone && !t->world.graph->no_intune;
}

static uint32_t count_devices(const life_tenant *t, const char *serial)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->world.graph->device_count; i++) {
        const fake_device *row = &t->world.graph->devices[i];
        char other[80];
        (void)snprintf(other, sizeof other, "%s-2", row->serial);
        count += is_told(t, row) && (strcasecmp(row->serial, serial) == 0 ||
                                     (row->twice && strcasecmp(other, serial) == 0));
    }
    return count;
}

/* Digits alone, so that all ways of writing an address are one. */
static void plain_address(const char *text, char out[16])
{
    size_t len = 0;
    for (; *text != '\0' && len < 12; text++)
        if (isxdigit((unsigned char)*text))
            out[len++] = (char)tolower((unsigned char)*text);
    out[len] = '\0';
}

static bool is_same_address(const fake_configuration *row, const fake_device *device)
{
    char one[16];
    char other[16];
    plain_address(row->mac, one);
    plain_address(device->wired, other);
    /* A dock's goes from machine to machine. */
    return one[0] != '\0' && strcmp(one, other) == 0 && strncmp(one, "0050b6", 6) != 0;
}

static uint32_t organization_count(const life *l, const life_tenant *t)
{
    uint32_t count = 0;
    for (uint32_t i = 0; t->organizations[i] != NULL; i++) {
        bool is_new = true;
        for (uint32_t k = 0; k < i; k++)
            is_new = is_new && strcmp(life_organization_now(l, t->organizations[k]),
                                      life_organization_now(l, t->organizations[i])) != 0;
        count += is_new;
    }
    return count;
}

/* The configuration is another listed device's already. */
static bool is_taken(const life_tenant *t, const life_device *device)
{
    for (uint32_t i = 0; i < t->world.graph->device_count; i++) {
        const life_device *other = &t->devices[i];
        if (other != device && other->before != 0 && other->before <= BKEY_MATCH_CREATED &&
            is_told(t, &t->world.graph->devices[i]) && other->reason == other->before &&
            strcmp(other->configuration_before, device->configuration) == 0)
            return true;
    }
    return false;
}

static const char *why_not_evidence(life *l, const life_tenant *t, uint32_t index)
{
    const life_device *device = &t->devices[index];
    const fake_device *row = &t->world.graph->devices[index];
    const fake_configuration *to = find(l, t, device->configuration);
    const bool many = organization_count(l, t) > 1;
    if (to == NULL || strcmp(to->organization_id, device->organization) != 0)
        return "its configuration is not there";
    if (!is_told(t, row))
        return "nothing is told of the machine";
    if (row->twice)
        return "it has two serial numbers";
    if (to->archived)
        return "its configuration is not in use";
    if (device->reason == BKEY_MATCH_MAC)
        return is_good_serial(row->serial)   ? "its serial number says otherwise"
               : !is_same_address(to, row)   ? "another address"
               : many && is_taken(t, device) ? "the configuration is another device's"
                                             : NULL;
    if (!is_good_serial(row->serial) || strcasecmp(row->serial, to->serial) != 0)
        return "another serial number";
    if (count_serial(l, t, row->serial, NULL) > 1)
        return "several configurations have its serial number";
    if (many && count_devices(t, row->serial) > 1)
        return "several devices have its serial number";
    return many && is_taken(t, device) ? "the configuration is another device's" : NULL;
}

static const char *why_not_person(const life_device *device)
{
    static const bkey_match_change_kind words[BKEY_MATCH_COUNT] = {
        [BKEY_MATCH_PERSON] = BKEY_MATCH_CHANGE_SET,
        [BKEY_MATCH_CREATED] = BKEY_MATCH_CHANGE_CREATE,
        [BKEY_MATCH_IGNORED] = BKEY_MATCH_CHANGE_IGNORE,
        [BKEY_MATCH_UNDONE] = BKEY_MATCH_CHANGE_UNDO,
        [BKEY_MATCH_OPEN] = BKEY_MATCH_CHANGE_UNDO};
    if (device->word != words[device->reason])
        return "no person said so";
    return device->reason == BKEY_MATCH_PERSON &&
                   strcmp(device->word_configuration, device->configuration) != 0
               ? "a person said another one"
               : NULL;
}

/* What was decided stays until its configuration is gone, follows it, or gets a successor there. */
static const char *why_not(life *l, const life_tenant *t, uint32_t index)
{
    const life_device *device = &t->devices[index];
    const bool same = strcmp(device->configuration, device->configuration_before) == 0;
    const fake_configuration *to = find(l, t, device->configuration);
    if (device->before == device->reason && same) {
        if (strcmp(device->organization, device->organization_before) == 0)
            return NULL;
        return to != NULL && strcmp(to->organization_id, device->organization) == 0
                   ? NULL
                   : "it went where its configuration is not";
    }
    if (device->reason == 0)
        return "it was forgotten";
    if (device->reason > BKEY_MATCH_MAC)
        return why_not_person(device);
    if (device->before == BKEY_MATCH_IGNORED || device->before == BKEY_MATCH_UNDONE)
        return "a person said otherwise";
    if (device->before != 0 && device->before <= BKEY_MATCH_CREATED &&
        (find(l, t, device->configuration_before) != NULL ||
         strcmp(device->organization, device->organization_before) != 0))
        return "it was matched already";
    return why_not_evidence(l, t, index);
}

static bool check_decisions(life *l, const life_tenant *t)
{
    for (uint32_t i = 0; i < t->world.graph->device_count; i++) {
        const life_device *device = &t->devices[i];
        const char *why = device->before == 0 && device->reason == 0 ? NULL : why_not(l, t, i);
        if (why != NULL)
            return life_fail(l, "device %s (%s) of %s was matched to %s of %s by %d, but %s",
                             t->world.graph->devices[i].id, t->world.graph->devices[i].serial,
                             t->world.tenant, device->configuration, device->organization,
                             (int)device->reason, why);
    }
    return true;
}

/* Its serial number leads to another organization than evidence once did. */
static bool is_contested(const life *l, const life_tenant *t, const life_device *device)
{
    const fake_device *row = &t->world.graph->devices[device - t->devices];
    char other[80];
    (void)snprintf(other, sizeof other, "%s-2", row->serial);
    return device->reason <= BKEY_MATCH_MAC && is_told(t, row) &&
           ((is_good_serial(row->serial) &&
             count_serial(l, t, row->serial, device->organization) > 0) ||
            (row->twice && is_good_serial(other) &&
             count_serial(l, t, other, device->organization) > 0));
}

/* A key that only a file told of: by the serial number there, in the organization told. */
static const char *why_not_told(life *l, const life_tenant *t, const life_key *key)
{
    const fake_configuration *to = find(l, t, key->record.configuration_id);
    if (key->told_serial[0] == '\0' || to == NULL || strcasecmp(to->serial, key->told_serial) != 0)
        return "another serial number than its file told";
    if (strcmp(key->told_organization, key->record.organization_id) != 0)
        return "another organization than its file was for";
    return count_serial(l, t, key->told_serial, NULL) > 1 ? "several have that serial number"
                                                          : NULL;
}

static const char *why_not_shown(life *l, life_tenant *t, const life_key *key)
{
    const life_device *device = life_device_of(t, key->held_device);
    const fake_record *record = &key->record;
    if (!life_is_open(l, t, record->organization_id))
        return "its connection does not name the organization";
    if (strcmp(key->held_device, NOBODY) == 0)
        return why_not_told(l, t, key);
    if (!key->told && key->device_id[0] != '\0' && strcmp(key->held_device, key->device_id) != 0)
        return "it is another device's";
    if (device == NULL || device->reason == 0 || device->reason > BKEY_MATCH_CREATED)
        return "its device is matched to nothing";
    const fake_configuration *to = find(l, t, device->configuration);
    /* A word that came while it was written is followed by the next sync. */
    if (t->is_pristine && to == NULL && record->configuration_id[0] != '\0')
        return "its configuration is gone";
    if (t->is_pristine && to != NULL &&
        strcmp(record->configuration_id, device->configuration) != 0)
        return "its device is matched to another configuration";
    if (strcmp(record->organization_id, to != NULL ? to->organization_id : device->organization) !=
        0)
        return "its device is in another organization";
    return key->before.external_id[0] == '\0' && is_contested(l, t, device)
               ? "its device may have changed hands"
               : NULL;
}

static bool is_where_it_was(const life_key *key)
{
    return strcmp(key->record.organization_id, key->before.organization_id) == 0 &&
           (strcmp(key->record.configuration_id, key->before.configuration_id) == 0 ||
            key->record.configuration_id[0] == '\0');
}

static const char *why_hidden(life *l, life_tenant *t, const life_key *key)
{
    const life_device *device = life_device_of(t, key->held_device);
    if (!t->is_pristine || !key->is_here || key->record.external_id[0] != '\0' || device == NULL ||
        device->reason == 0 || device->reason > BKEY_MATCH_CREATED)
        return NULL;
    return find(l, t, device->configuration) != NULL && !is_contested(l, t, device)
               ? "its device is matched, and it has no record"
               : NULL;
}

/* What a person took back or ignores is in nobody's folder. */
static const char *why_still_shown(life_tenant *t, const life_key *key)
{
    const life_device *device = life_device_of(t, key->held_device);
    return t->is_pristine && device != NULL && key->record.external_id[0] != '\0' &&
                   (device->reason == BKEY_MATCH_IGNORED || device->reason == BKEY_MATCH_UNDONE)
               ? "a person wants it in nobody's folder"
               : NULL;
}

bool life_check_places(life *l, life_tenant *t)
{
    bool fine = check_decisions(l, t);
    for (uint32_t i = 0; fine && i < t->key_count; i++) {
        const life_key *key = &t->keys[i];
        const char *why = why_hidden(l, t, key);
        if (why == NULL)
            why = why_still_shown(t, key);
        if (why == NULL && key->record.external_id[0] != '\0' && !is_where_it_was(key))
            why = why_not_shown(l, t, key);
        if (why != NULL)
            fine = life_fail(l, "key %s of %s in \"%s\" at \"%s\": %s", key->id, t->world.tenant,
                             key->record.organization_id, key->record.configuration_id, why);
    }
    return fine;
}
