/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocations that fail when told to: those of the linked code, of jansson and of libsodium's
 * guarded memory; and, counted apart, SQLite's own. Link with -Wl,--wrap for malloc, calloc,
 * realloc and sodium_malloc. For tests only. */
#ifndef TEST_ALLOC_FAULTS_H
#define TEST_ALLOC_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum alloc_source { ALLOC_OWN, ALLOC_SQLITE, ALLOC_SOURCES } alloc_source;

typedef struct alloc_fault {
    alloc_source source;
    uint64_t at;   /* first is 1; 0 = none fails */
    bool for_ever; /* every later one fails too */
} alloc_fault;

/* Before SQLite and jansson are used. */
void alloc_faults_install(void);
/* Counts from zero. */
void alloc_faults_arm(const alloc_fault *fault);
/* Allocations since then, and how many of them failed. */
uint64_t alloc_faults_seen(alloc_source source);
uint64_t alloc_faults_failed(void);
/* While held, this thread's allocations work and are not counted. */
void alloc_faults_hold(bool is_held);

#endif
