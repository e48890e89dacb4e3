/* SPDX-License-Identifier: Apache-2.0
 *
 * See recall.h. */
#include "usecase/recall.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "usecase/vec.h"

typedef struct failure {
    sup_guid id;
    uint64_t not_before_ns;
    uint64_t wait_ns;
    uint32_t round; /* in which it was last asked about */
} failure;

typedef struct failures {
    bkey_vec list; /* failure, sorted by id */
    uint32_t round;
} failures;

typedef struct unit {
    sup_guid tenant;
    uint64_t batch_ns; /* no batch before that time */
    uint32_t granted;
    failures failed[BKEY_RECALL_WHATS];
} unit;

struct bkey_recall {
    pthread_mutex_t lock;
    bkey_vec units;
};

bkey_err bkey_recall_new(bkey_recall **out_recall)
{
    bkey_recall *recall = calloc(1, sizeof *recall);
    if (recall == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    if (pthread_mutex_init(&recall->lock, NULL) != 0) {
        free(recall);
        return bkey_fail(BKEY_E_NOMEM);
    }
    bkey_vec_init(&recall->units, sizeof(unit));
    *out_recall = recall;
    return bkey_ok();
}

void bkey_recall_free(bkey_recall **recall)
{
    if (recall == NULL || *recall == NULL)
        return;
    unit *units = (*recall)->units.items;
    for (size_t i = 0; i < (*recall)->units.count; i++)
        for (size_t k = 0; k < BKEY_RECALL_WHATS; k++)
            bkey_vec_done(&units[i].failed[k].list);
    bkey_vec_done(&(*recall)->units);
    pthread_mutex_destroy(&(*recall)->lock);
    free(*recall);
    *recall = NULL;
}

/* NULL when nothing is known of the tenant and it is not to be `made`. */
static unit *find_unit(bkey_recall *recall, const sup_guid *tenant, bool made)
{
    unit *units = recall->units.items;
    for (size_t i = 0; i < recall->units.count; i++)
        if (sup_guid_equal(&units[i].tenant, tenant))
            return &units[i];
    unit *added = made ? bkey_vec_add(&recall->units) : NULL;
    if (added == NULL)
        return NULL;
    added->tenant = *tenant;
    for (size_t k = 0; k < BKEY_RECALL_WHATS; k++)
        bkey_vec_init(&added->failed[k].list, sizeof(failure));
    return added;
}

static failures *find_failures(bkey_recall *recall, const bkey_recall_key *key, bool made)
{
    unit *in = find_unit(recall, key->tenant, made);
    return in != NULL ? &in->failed[key->what] : NULL;
}

/* Where the id is, or would be; NULL is an empty list. */
static size_t find_place(const failures *in, const sup_guid *id, bool *out_found)
{
    const failure *list = in != NULL ? in->list.items : NULL;
    const size_t count = in != NULL ? in->list.count : 0;
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(list[middle].id.bytes, id->bytes, sizeof id->bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *out_found = low < count && sup_guid_equal(&list[low].id, id);
    return low;
}

bool bkey_recall_may_read(bkey_recall *recall, const bkey_recall_key *key)
{
    bool found = false;
    bool may = true;
    if (recall == NULL)
        return true;
    pthread_mutex_lock(&recall->lock);
    failures *in = find_failures(recall, key, false);
    const size_t at = find_place(in, key->id, &found);
    if (found) {
        failure *row = (failure *)in->list.items + at;
        row->round = in->round;
        may = key->now_ns >= row->not_before_ns;
    }
    pthread_mutex_unlock(&recall->lock);
    return may;
}

static failure *add_failure(failures *in, size_t at, const sup_guid *id)
{
    if (in->list.count == BKEY_RECALL_KEYS || bkey_vec_add(&in->list) == NULL)
        return NULL;
    failure *list = in->list.items;
    memmove(&list[at + 1], &list[at], (in->list.count - 1 - at) * sizeof *list);
    list[at] = (failure){.id = *id, .round = in->round};
    return &list[at];
}

static uint64_t next_wait(const bkey_recall_key *key, uint64_t wait_ns)
{
    if (key->what == BKEY_RECALL_ADDRESSES || wait_ns > BKEY_RECALL_MAX_NS / 2)
        return BKEY_RECALL_MAX_NS;
    return wait_ns == 0 ? BKEY_RECALL_FIRST_NS : wait_ns * 2;
}

void bkey_recall_failed(bkey_recall *recall, const bkey_recall_key *key)
{
    bool found = false;
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    failures *in = find_failures(recall, key, true);
    const size_t at = find_place(in, key->id, &found);
    failure *row = NULL;
    if (in != NULL)
        row = found ? (failure *)in->list.items + at : add_failure(in, at, key->id);
    if (row != NULL) {
        row->wait_ns = next_wait(key, row->wait_ns);
        row->not_before_ns = key->now_ns + row->wait_ns;
    }
    pthread_mutex_unlock(&recall->lock);
}

void bkey_recall_forget(bkey_recall *recall, const bkey_recall_key *key)
{
    bool found = false;
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    failures *in = find_failures(recall, key, false);
    const size_t at = find_place(in, key->id, &found);
    if (found) {
        failure *list = in->list.items;
        memmove(&list[at], &list[at + 1], (in->list.count - 1 - at) * sizeof *list);
        in->list.count--;
    }
    pthread_mutex_unlock(&recall->lock);
}

void bkey_recall_granted(bkey_recall *recall, const bkey_recall_key *key, uint32_t granted)
{
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    unit *in = find_unit(recall, key->tenant, true);
    if (in != NULL && in->granted != granted)
        bkey_vec_clear(&in->failed[BKEY_RECALL_ADDRESSES].list);
    if (in != NULL)
        in->granted = granted;
    pthread_mutex_unlock(&recall->lock);
}

void bkey_recall_begin(bkey_recall *recall, const bkey_recall_key *key)
{
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    failures *in = find_failures(recall, key, false);
    if (in != NULL)
        in->round++;
    pthread_mutex_unlock(&recall->lock);
}

void bkey_recall_end(bkey_recall *recall, const bkey_recall_key *key)
{
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    failures *in = find_failures(recall, key, false);
    failure *list = in != NULL ? in->list.items : NULL;
    size_t kept = 0;
    for (size_t i = 0; in != NULL && i < in->list.count; i++) {
        if (list[i].round == in->round)
            list[kept++] = list[i];
    }
    if (in != NULL)
        in->list.count = kept;
    pthread_mutex_unlock(&recall->lock);
}

bool bkey_recall_may_batch(bkey_recall *recall, const bkey_recall_key *key)
{
    if (recall == NULL)
        return true;
    pthread_mutex_lock(&recall->lock);
    const unit *in = find_unit(recall, key->tenant, false);
    const bool may = in == NULL || key->now_ns >= in->batch_ns;
    pthread_mutex_unlock(&recall->lock);
    return may;
}

void bkey_recall_no_batch(bkey_recall *recall, const bkey_recall_key *key)
{
    if (recall == NULL)
        return;
    pthread_mutex_lock(&recall->lock);
    unit *in = find_unit(recall, key->tenant, true);
    if (in != NULL)
        in->batch_ns = key->now_ns + BKEY_RECALL_MAX_NS;
    pthread_mutex_unlock(&recall->lock);
}
