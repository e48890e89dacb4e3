/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports that tests own: a clock that moves when told, seeded random, a keyring and a store in
 * memory, and faults at the n-th outside call. Network comes from the test (net_new_with). */
#ifndef FAKE_PORTS_H
#define FAKE_PORTS_H

#include "tests/support/fake_store.h"

#define FAKE_DEATH 77 /* exit code of a process that a fault killed */

typedef enum fake_fault {
    FAKE_FAULT_NONE = 0,
    FAKE_FAULT_DIE,       /* _exit(FAKE_DEATH) instead of the call */
    FAKE_FAULT_ERROR,     /* the call fails with fault_reason and does nothing */
    FAKE_FAULT_LANDED,    /* apply: happens, then says UNKNOWN_OUTCOME; else like ERROR */
    FAKE_FAULT_NOT_LANDED /* apply: does nothing, says UNKNOWN_OUTCOME; else like ERROR */
} fake_fault;

typedef struct fake_setting {
    char key[64];
    char value[256];
} fake_setting;

typedef struct fake_ports {
    bkey_ports ports; /* give &fake->ports to the code under test */
    bkey_call call;   /* a plain call by "tester" */
    fake_store *store;

    uint64_t mono_ns;
    int64_t wall_ms;
    uint64_t waited_ms;   /* sum of wait_ms; waiting moves both clocks */
    uint64_t deadline_ns; /* 0 = none */
    bool cancelled;
    uint64_t cancel_at_call; /* becomes cancelled when `calls` reaches it; 0 = never */
    uint64_t random_state;
    bool entitled;
    uint32_t generation;
    uint8_t root[32];
    uint64_t settings_generation;
    fake_setting settings[32];
    uint32_t setting_count;

    uint64_t calls;    /* outside calls so far: store, keyring's slot_make, and fake_ports_step */
    uint64_t fault_at; /* fails call number fault_at (first is 1); 0 = none */
    uint64_t apply_fault_at; /* the same, counting apply alone */
    fake_fault fault;
    uint32_t fault_reason;
    uint64_t apply_calls; /* calls of apply, landed or not */
    uint64_t reads;       /* state_get, state_scan, records ... */
    uint64_t logs;
    char last_log[512];

    /* Set by the test: what net_new and net_free do, and their own context. */
    void *net_context;
    bkey_err (*net_new)(void *net_context, uint32_t max_parallel, bkey_net **out_net);
    void (*net_free)(void *net_context, bkey_net **net);
} fake_ports;

/* Fills `fake`; the store is the caller's and may outlive it. Same seed, same random bytes. The
 * root depends on nothing, so that another fake_ports over the same store reads its state. */
void fake_ports_init(fake_ports *fake, fake_store *store, uint64_t seed);
void fake_ports_set(fake_ports *fake, const char *key, const char *value);
/* Counts one outside call and applies the fault if it is its turn; network fakes call it too. */
bkey_err fake_ports_step(fake_ports *fake);

#endif
