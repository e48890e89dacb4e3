/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocations that fail. */
#define _GNU_SOURCE
#include "tests/support/alloc_faults.h"

#include "sample-host/src/base/json_memory.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

static alloc_fault plan;
static atomic_ullong seen[ALLOC_SOURCES];
static atomic_ullong failures;
static _Thread_local int held;
static sqlite3_mem_methods real_memory;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_sodium_malloc(size_t size);
void *__wrap_sodium_malloc(size_t size);

static bool fails(alloc_source source)
{
    if (held > 0) {
        return false;
    }
    const uint64_t number = atomic_fetch_add(&seen[source], 1) + 1;
    if (plan.at == 0 || plan.source != source ||
        (plan.for_ever ? number < plan.at : number != plan.at)) {
        return false;
    }
    atomic_fetch_add(&failures, 1);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails(ALLOC_OWN) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(ALLOC_OWN) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails(ALLOC_OWN) ? NULL : __real_realloc(old, size);
}

void *__wrap_sodium_malloc(size_t size)
{
    return fails(ALLOC_OWN) ? NULL : __real_sodium_malloc(size);
}

static void *sqlite_malloc(int size)
{
    return fails(ALLOC_SQLITE) ? NULL : real_memory.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
    return fails(ALLOC_SQLITE) ? NULL : real_memory.xRealloc(old, size);
}

void alloc_faults_install(void)
{
    sqlite3_mem_methods mine;
    host_json_memory_use(); /* as the host does: its malloc is the one that fails */
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK) {
        abort();
    }
    mine = real_memory;
    mine.xMalloc = sqlite_malloc;
    mine.xRealloc = sqlite_realloc;
    /* Without the small-object cache every allocation comes through here. */
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) {
        abort();
    }
}

void alloc_faults_arm(const alloc_fault *fault)
{
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        atomic_store(&seen[i], 0);
    }
    atomic_store(&failures, 0);
    plan = *fault;
}

uint64_t alloc_faults_seen(alloc_source source)
{
    return atomic_load(&seen[source]);
}

uint64_t alloc_faults_failed(void)
{
    return atomic_load(&failures);
}

void alloc_faults_hold(bool is_held)
{
    held += is_held ? 1 : -1;
}
