/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample host and the plugin in one process, over a fake tenant, with a digest of the store at
 * each commit: what a test needs that kills the process and looks at what is left. Link with
 * -Wl,--wrap for dphl_open, dphl_start, dphl_close, dphl_manifest, host_db_write_commit and
 * host_clock_wait. */
#ifndef TEST_CRASH_HOST_H
#define TEST_CRASH_HOST_H

#include "sample-host/src/host.h"
#include "tests/support/fake_graph.h"

#define CRASH_DIGEST 32

/* Shared with the children: what the store may hold. Pending are the commit that is under way and
 * those since the last good one whose outcome is unknown. */
#define CRASH_PENDING 64u
typedef struct crash_ledger {
    uint8_t committed[CRASH_DIGEST];
    uint8_t pending[CRASH_PENDING][CRASH_DIGEST];
    uint32_t pending_count;
    uint8_t begun[CRASH_DIGEST]; /* when its files were put back */
    uint64_t commits;
    uint32_t opened;    /* the host, since its files were put back */
    uint32_t landed;    /* free for the test */
    uint64_t counts[4]; /* free for the test */
} crash_ledger;

typedef struct crash_host {
    char dir[256];  /* of everything */
    char data[300]; /* the data directory; its key file lies beside it */
    fake_graph *graph;
    crash_ledger *ledger;
} crash_host;

/* Set by a test that never kills: the store is not digested at each commit. */
extern bool crash_host_is_safe;
/* Set by a test whose faults must spare the test's own code: called around it. */
extern void (*crash_host_hold)(bool is_held);

/* A folder of its own and an empty tenant. */
void crash_host_prepare(crash_host *world);
/* Makes a data directory with organization "Fernhill" and the tenant connected to it. */
void crash_host_make(const crash_host *world);
void crash_host_done(crash_host *world);
/* Keeps all files under that name, or puts them back. */
void crash_host_save(const crash_host *world, const char *name);
void crash_host_load(const crash_host *world, const char *name);
/* The host opened with HOST_OPEN_* flags; NULL and a complaint on standard error. */
host *crash_host_open(const crash_host *world, uint32_t flags);
/* Runs a command with arguments as JSON text and an optional secret. True when it was done. */
bool crash_host_run(host *h, const char *command, const char *args, const char *secret,
                    host_reply *reply);
/* The same, dropping the answer. */
bool crash_host_do(host *h, const char *command, const char *args, const char *secret);
/* Connects the tenant to Fernhill, anew when it is. */
bool crash_host_connect(host *h);
/* Failures of the above that came without a sentence. */
extern unsigned crash_host_unclear;
/* Of every row of every table, and of the schema. */
void crash_host_digest(sqlite3 *db, uint8_t out[CRASH_DIGEST]);
/* Of every byte that lies there, and of what the ledger would have said of it. */
void crash_host_digest_files(const crash_host *world, uint8_t out[CRASH_DIGEST]);
/* Opens the store's file as a further program would; aborts when it does not open. */
sqlite3 *crash_host_raw(const crash_host *world);
/* First column of the first row. */
int64_t crash_host_number(sqlite3 *db, const char *sql);

#endif
