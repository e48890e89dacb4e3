/* SPDX-License-Identifier: Apache-2.0
 *
 * Who does what right now, in this process. Must not know the store nor wait for anybody. */
#include "usecase/busy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "domain/plan.h"
#include "state/connection.h"
#include "usecase/vec.h"

typedef struct unit {
    sup_guid tenant;
    uint32_t ticks;
    uint32_t changes;
} unit;

typedef struct first {
    sup_guid tenant;
    char organization_id[BKEY_ID_SIZE];
    uint64_t since_ns;
    bool done;
} first;

typedef struct claim {
    sup_guid tenant;
    uint64_t configuration; /* hash of its id */
} claim;

struct bkey_busy {
    pthread_mutex_t lock;
    bkey_vec units;  /* unit; only those that do something */
    bkey_vec firsts; /* first; only of folders that are hidden */
    bkey_vec used;   /* sup_guid; whose credential somebody has */
    bkey_vec claims; /* claim; of ticks that run */
};

bkey_err bkey_busy_new(bkey_busy **out_busy)
{
    bkey_busy *busy = calloc(1, sizeof *busy);
    if (busy == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    if (pthread_mutex_init(&busy->lock, NULL) != 0) {
        free(busy);
        return bkey_fail(BKEY_E_NOMEM);
    }
    bkey_vec_init(&busy->units, sizeof(unit));
    bkey_vec_init(&busy->firsts, sizeof(first));
    bkey_vec_init(&busy->used, sizeof(sup_guid));
    bkey_vec_init(&busy->claims, sizeof(claim));
    *out_busy = busy;
    return bkey_ok();
}

void bkey_busy_free(bkey_busy **busy)
{
    if (busy == NULL || *busy == NULL)
        return;
    bkey_vec_done(&(*busy)->claims);
    bkey_vec_done(&(*busy)->used);
    bkey_vec_done(&(*busy)->firsts);
    bkey_vec_done(&(*busy)->units);
    (void)pthread_mutex_destroy(&(*busy)->lock);
    free(*busy);
    *busy = NULL;
}

static unit *find_unit(const bkey_busy *busy, const sup_guid *tenant)
{
    unit *units = busy->units.items;
    for (size_t i = 0; i < busy->units.count; i++) {
        if (sup_guid_equal(&units[i].tenant, tenant))
            return &units[i];
    }
    return NULL;
}

static unit *need_unit(bkey_busy *busy, const sup_guid *tenant)
{
    unit *found = find_unit(busy, tenant);
    if (found == NULL) {
        found = bkey_vec_add(&busy->units);
        if (found != NULL)
            found->tenant = *tenant;
    }
    return found;
}

static void drop_idle(bkey_busy *busy, unit *idle)
{
    const unit *units = busy->units.items;
    if (idle->ticks == 0 && idle->changes == 0)
        *idle = units[--busy->units.count];
}

bkey_err bkey_busy_tick_begin(bkey_busy *busy, const sup_guid *tenant)
{
    bkey_err err = bkey_ok();
    (void)pthread_mutex_lock(&busy->lock);
    unit *found = need_unit(busy, tenant);
    if (found == NULL)
        err = bkey_fail(BKEY_E_NOMEM);
    else if (found->changes > 0)
        err = bkey_fail(BKEY_E_UNIT_BUSY);
    else
        found->ticks++;
    (void)pthread_mutex_unlock(&busy->lock);
    return err;
}

static void drop_claims(bkey_busy *busy, const sup_guid *tenant)
{
    claim *claims = busy->claims.items;
    for (size_t i = 0; i < busy->claims.count;) {
        if (sup_guid_equal(&claims[i].tenant, tenant))
            claims[i] = claims[--busy->claims.count];
        else
            i++;
    }
}

void bkey_busy_tick_end(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    unit *found = find_unit(busy, tenant);
    if (found != NULL && found->ticks > 0) {
        found->ticks--;
        if (found->ticks == 0)
            drop_claims(busy, tenant);
        drop_idle(busy, found);
    }
    (void)pthread_mutex_unlock(&busy->lock);
}

bkey_err bkey_busy_claim(bkey_busy *busy, const sup_guid *tenant, const char *configuration_id,
                         bool *out_mine)
{
    const uint64_t hash = bkey_plan_hash(configuration_id, NULL, NULL, NULL);
    bkey_err err = bkey_ok();
    (void)pthread_mutex_lock(&busy->lock);
    const claim *claims = busy->claims.items;
    size_t at = 0;
    while (at < busy->claims.count && claims[at].configuration != hash)
        at++;
    if (at < busy->claims.count) {
        *out_mine = sup_guid_equal(&claims[at].tenant, tenant);
    } else {
        claim *added = bkey_vec_add(&busy->claims);
        if (added == NULL)
            err = bkey_fail(BKEY_E_NOMEM);
        else
            *added = (claim){*tenant, hash};
        *out_mine = added != NULL;
    }
    (void)pthread_mutex_unlock(&busy->lock);
    return err;
}

bkey_err bkey_busy_change_begin(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    unit *found = need_unit(busy, tenant);
    if (found != NULL)
        found->changes++;
    (void)pthread_mutex_unlock(&busy->lock);
    return found != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

void bkey_busy_change_end(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    unit *found = find_unit(busy, tenant);
    if (found != NULL && found->changes > 0) {
        found->changes--;
        drop_idle(busy, found);
    }
    (void)pthread_mutex_unlock(&busy->lock);
}

bool bkey_busy_has_tick(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    const unit *found = find_unit(busy, tenant);
    const bool has = found != NULL && found->ticks > 0;
    (void)pthread_mutex_unlock(&busy->lock);
    return has;
}

static sup_guid *find_used(const bkey_busy *busy, const sup_guid *tenant)
{
    sup_guid *used = busy->used.items;
    for (size_t i = 0; i < busy->used.count; i++) {
        if (sup_guid_equal(&used[i], tenant))
            return &used[i];
    }
    return NULL;
}

bkey_err bkey_busy_credential_begin(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    const bool taken = find_used(busy, tenant) != NULL;
    sup_guid *mine = taken ? NULL : bkey_vec_add(&busy->used);
    if (mine != NULL)
        *mine = *tenant;
    (void)pthread_mutex_unlock(&busy->lock);
    if (taken)
        return bkey_fail(BKEY_E_UNIT_BUSY);
    return mine != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

void bkey_busy_credential_end(bkey_busy *busy, const sup_guid *tenant)
{
    (void)pthread_mutex_lock(&busy->lock);
    sup_guid *found = find_used(busy, tenant);
    const sup_guid *used = busy->used.items;
    if (found != NULL)
        *found = used[--busy->used.count];
    (void)pthread_mutex_unlock(&busy->lock);
}

static first *find_first(const bkey_busy *busy, const bkey_busy_first *wanted)
{
    first *firsts = busy->firsts.items;
    for (size_t i = 0; i < busy->firsts.count; i++) {
        if (sup_guid_equal(&firsts[i].tenant, wanted->tenant) &&
            strcmp(firsts[i].organization_id, wanted->organization_id) == 0)
            return &firsts[i];
    }
    return NULL;
}

static bkey_err need_first(bkey_busy *busy, const bkey_busy_first *wanted)
{
    first *found = find_first(busy, wanted);
    if (strlen(wanted->organization_id) >= BKEY_ID_SIZE)
        return bkey_fail(BKEY_E_LIMIT);
    if (found == NULL) {
        found = bkey_vec_add(&busy->firsts);
        if (found == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        found->tenant = *wanted->tenant;
        memcpy(found->organization_id, wanted->organization_id,
               strlen(wanted->organization_id) + 1);
        found->since_ns = wanted->now_ns;
    }
    found->done = false;
    return bkey_ok();
}

bkey_err bkey_busy_first_begin(bkey_busy *busy, const bkey_busy_first *wanted)
{
    (void)pthread_mutex_lock(&busy->lock);
    bkey_err err = need_first(busy, wanted);
    (void)pthread_mutex_unlock(&busy->lock);
    return err;
}

bkey_err bkey_busy_first_recall(bkey_busy *busy, const bkey_busy_first *wanted)
{
    (void)pthread_mutex_lock(&busy->lock);
    bkey_err err = find_first(busy, wanted) != NULL ? bkey_ok() : need_first(busy, wanted);
    (void)pthread_mutex_unlock(&busy->lock);
    return err;
}

void bkey_busy_first_done(bkey_busy *busy, const bkey_busy_first *wanted)
{
    (void)pthread_mutex_lock(&busy->lock);
    first *found = find_first(busy, wanted);
    if (found != NULL)
        found->done = true;
    (void)pthread_mutex_unlock(&busy->lock);
}

bool bkey_busy_first_may_show(bkey_busy *busy, const bkey_busy_first *wanted)
{
    bool may = true;
    (void)pthread_mutex_lock(&busy->lock);
    const first *firsts = busy->firsts.items;
    for (size_t i = 0; i < busy->firsts.count && may; i++) {
        const bool waits =
            !firsts[i].done && wanted->now_ns < firsts[i].since_ns + BKEY_BUSY_PATIENCE_NS;
        may = !waits || sup_guid_equal(&firsts[i].tenant, wanted->tenant) ||
              strcmp(firsts[i].organization_id, wanted->organization_id) != 0;
    }
    (void)pthread_mutex_unlock(&busy->lock);
    return may;
}

void bkey_busy_first_forget(bkey_busy *busy, const char *organization_id)
{
    (void)pthread_mutex_lock(&busy->lock);
    first *firsts = busy->firsts.items;
    for (size_t i = 0; i < busy->firsts.count;) {
        if (strcmp(firsts[i].organization_id, organization_id) == 0)
            firsts[i] = firsts[--busy->firsts.count];
        else
            i++;
    }
    (void)pthread_mutex_unlock(&busy->lock);
}
