/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/fake_store_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

fake_store *fake_store_new(void)
{
    void *memory = mmap(NULL, sizeof(fake_store), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}

void fake_store_free(fake_store *store)
{
    if (store != NULL)
        (void)munmap(store, sizeof *store);
}

void fake_store_copy(fake_store *to, const fake_store *from)
{
    /* Tables by their used part: the whole is tens of megabytes. */
    size_t head = offsetof(fake_store, state);
    memcpy(to, from, head);
    memcpy(to->state, from->state, from->state_count * sizeof from->state[0]);
    memcpy(to->records, from->records, from->record_count * sizeof from->records[0]);
    memcpy(to->folders, from->folders, sizeof from->folders);
    memcpy(to->activities, from->activities, from->activity_count * sizeof from->activities[0]);
    memcpy(to->configurations, from->configurations, sizeof from->configurations);
    memcpy(to->contacts, from->contacts, from->contact_count * sizeof from->contacts[0]);
    memcpy(to->organizations, from->organizations, sizeof from->organizations);
    memcpy(to->slots, from->slots, sizeof from->slots);
    memcpy(to->ops, from->ops, from->op_count * sizeof from->ops[0]);
    memcpy(to->heap, from->heap, from->heap_used);
}

void fake_store_set_text(char *out, size_t cap, const char *text)
{
    int len = snprintf(out, cap, "%s", text != NULL ? text : "");
    if (len < 0 || (size_t)len >= cap) {
        fprintf(stderr, "fake_store: text too long: %s\n", text);
        abort();
    }
}

void fake_store_need(bool room)
{
    if (!room) {
        fprintf(stderr, "fake_store: full\n");
        abort();
    }
}

void fake_store_add_organization(fake_store *store, const char *id, const char *name)
{
    fake_store_need(store->organization_count < FAKE_ORGANIZATIONS);
    fake_organization *row = &store->organizations[store->organization_count++];
    fake_store_set_text(row->id, sizeof row->id, id);
    fake_store_set_text(row->name, sizeof row->name, name);
}

fake_configuration *fake_store_add_configuration(fake_store *store, const char *organization_id,
                                                 const char *id, const char *name,
                                                 const char *serial)
{
    fake_store_need(store->configuration_count < FAKE_CONFIGURATIONS);
    fake_configuration *row = &store->configurations[store->configuration_count++];
    fake_store_set_text(row->organization_id, sizeof row->organization_id, organization_id);
    fake_store_set_text(row->configuration_id, sizeof row->configuration_id, id);
    fake_store_set_text(row->name, sizeof row->name, name);
    fake_store_set_text(row->hostname, sizeof row->hostname, name);
    fake_store_set_text(row->serial, sizeof row->serial, serial);
    return row;
}

fake_contact *fake_store_add_contact(fake_store *store, const char *organization_id,
                                     const char *name, const char *emails)
{
    fake_store_need(store->contact_count < FAKE_CONTACTS);
    fake_contact *row = &store->contacts[store->contact_count++];
    memset(row, 0, sizeof *row);
    (void)snprintf(row->contact_id, sizeof row->contact_id, "contact-%u", store->contact_count);
    fake_store_set_text(row->organization_id, sizeof row->organization_id, organization_id);
    fake_store_set_text(row->name, sizeof row->name, name);
    fake_store_set_text(row->emails, sizeof row->emails, emails);
    row->revision = 1;
    return row;
}

fake_contact *fake_store_contact(fake_store *store, const char *name)
{
    for (uint32_t i = 0; i < store->contact_count; i++)
        if (strcmp(store->contacts[i].name, name) == 0)
            return &store->contacts[i];
    return NULL;
}

fake_contact *fake_store_contact_of(fake_store *store, const char *id)
{
    for (uint32_t i = 0; i < store->contact_count; i++)
        if (strcmp(store->contacts[i].contact_id, id) == 0)
            return &store->contacts[i];
    return NULL;
}

static int compare_key(const fake_state_row *row, bkey_bytes key)
{
    size_t least = row->key_len < key.len ? row->key_len : key.len;
    int order = memcmp(row->key, key.ptr, least);
    if (order != 0)
        return order;
    return row->key_len < key.len ? -1 : row->key_len > key.len ? 1 : 0;
}

uint32_t fake_store_lower_bound(const fake_store *store, bkey_bytes key)
{
    uint32_t low = 0;
    uint32_t high = store->state_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_key(&store->state[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

fake_state_row *fake_store_state(fake_store *store, bkey_bytes key)
{
    uint32_t at = fake_store_lower_bound(store, key);
    if (at < store->state_count && compare_key(&store->state[at], key) == 0)
        return &store->state[at];
    return NULL;
}

fake_record *fake_store_record(fake_store *store, const char *external_id)
{
    for (uint32_t i = 0; i < store->record_count; i++)
        if (strcmp(store->records[i].external_id, external_id) == 0)
            return &store->records[i];
    return NULL;
}

fake_folder *fake_store_folder(fake_store *store, const char *organization_id)
{
    for (uint32_t i = 0; i < store->folder_count; i++)
        if (strcmp(store->folders[i].organization_id, organization_id) == 0)
            return &store->folders[i];
    return NULL;
}

fake_slot *fake_store_slot(fake_store *store, const char *name)
{
    for (uint32_t i = 0; i < store->slot_count; i++)
        if (strcmp(store->slots[i].name, name) == 0)
            return &store->slots[i];
    return NULL;
}

size_t fake_store_count(const fake_store *store, bkey_action action)
{
    size_t count = 0;
    for (uint32_t i = 0; i < store->activity_count; i++)
        count += store->activities[i].action == action ? 1 : 0;
    return count;
}

bool fake_store_contains(const fake_store *store, const void *bytes, size_t len)
{
    return memmem(store->records, store->record_count * sizeof store->records[0], bytes, len) ||
           memmem(store->activities, store->activity_count * sizeof store->activities[0], bytes,
                  len) ||
           memmem(store->state, store->state_count * sizeof store->state[0], bytes, len) ||
           memmem(store->folders, sizeof store->folders, bytes, len) ||
           memmem(store->ops, store->op_count * sizeof store->ops[0], bytes, len) ||
           memmem(store->heap, store->heap_used, bytes, len);
}

static bool same_records(const fake_store *a, const fake_store *b)
{
    if (a->record_count != b->record_count || a->folder_count != b->folder_count)
        return false;
    for (uint32_t i = 0; i < a->record_count; i++) {
        fake_record left = a->records[i];
        const fake_record *right = NULL;
        for (uint32_t k = 0; k < b->record_count && right == NULL; k++)
            if (strcmp(b->records[k].external_id, left.external_id) == 0)
                right = &b->records[k];
        if (right == NULL)
            return false;
        left.revision = right->revision;
        if (memcmp(&left, right, sizeof left) != 0)
            return false;
    }
    for (uint32_t i = 0; i < a->folder_count; i++)
        if (strcmp(a->folders[i].name, b->folders[i].name) != 0 ||
            a->folders[i].hidden != b->folders[i].hidden)
            return false;
    return true;
}

/* Ids of new contacts are drawn, and revisions count. */
static bool same_contacts(const fake_store *a, const fake_store *b)
{
    if (a->contact_count != b->contact_count)
        return false;
    for (uint32_t i = 0; i < a->contact_count; i++) {
        fake_contact left = a->contacts[i];
        const fake_contact *right = &b->contacts[i];
        memcpy(left.contact_id, right->contact_id, sizeof left.contact_id);
        left.revision = right->revision;
        if (memcmp(&left, right, sizeof left) != 0)
            return false;
    }
    return true;
}

bool fake_store_same_rows(const fake_store *a, const fake_store *b)
{
    if (!same_records(a, b) || !same_contacts(a, b))
        return false;
    /* Values are sealed with fresh nonces: only keys and liveness can be compared. */
    uint32_t k = 0;
    for (uint32_t i = 0; i < a->state_count; i++) {
        if (a->state[i].tombstone)
            continue;
        while (k < b->state_count && b->state[k].tombstone)
            k++;
        if (k == b->state_count || a->state[i].key_len != b->state[k].key_len ||
            memcmp(a->state[i].key, b->state[k].key, a->state[i].key_len) != 0)
            return false;
        k++;
    }
    while (k < b->state_count && b->state[k].tombstone)
        k++;
    return k == b->state_count;
}
