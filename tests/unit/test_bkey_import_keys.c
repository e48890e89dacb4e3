/* SPDX-License-Identifier: Apache-2.0
 *
 * Importing keys from a file: whatever goes wrong, running it again ends in the same state. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c plugin/src/usecase/?*.c plugin/src/base/?*.c plugin/src/domain/?*.c
 * plugin/src/state/?*.c plugin/src/graph/decode?*.c plugin/src/graph/decode.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sync_world.h"

#define LINES 260u /* more than two batches take */

static sync_world world;
static sync_world again;
static char *file;

static void begin(void)
{
    const size_t cap = 64u + LINES * 160u;
    size_t len = 0;
    sync_world_init(&world);
    sync_world_init(&again);
    file = malloc(cap);
    cr_assert_not_null(file);
    len += (size_t)snprintf(file, cap, "Computer,Key ID,Password\n");
    for (uint32_t i = 1; i <= LINES; i++)
        len += (size_t)snprintf(file + len, cap - len,
                                "PC-%u,6be30336-0065-4001-8006-%012x,%06u-000022-000033-000044-"
                                "000055-000066-000077-000088\n",
                                i, i, i * 11u);
}

static void end(void)
{
    free(file);
    sync_world_done(&again);
    sync_world_done(&world);
}

TestSuite(import_keys, .init = begin, .fini = end);

static bool import(const sync_world *to, const char *text, const sync_fault *fault,
                   const char *wanted)
{
    char *answer = sync_world_import(to, "org-a", text, false, fault);
    bool is = answer != NULL && (wanted == NULL || strstr(answer, wanted) != NULL);
    if (answer != NULL && !is)
        (void)fprintf(stderr, "%s\n", answer);
    free(answer);
    return is;
}

static void expect_all(const sync_world *in)
{
    cr_expect_eq(sync_world_state(in, 'K'), LINES);
    cr_expect_eq(sync_world_state(in, 'S'), LINES);
    cr_expect_eq(sync_world_state(in, 'I'), LINES);
    cr_expect_eq(sync_world_state(in, 'A'), LINES, "each has its entry, and one");
    cr_expect_eq(sync_world_state(in, 'H'), 1);
}

/* S3.6 */
Test(import_keys, every_line_is_held_once_and_a_second_import_writes_nothing)
{
    cr_assert(import(&world, file, NULL,
                     "\"new\":260,\"same\":0,\"conflicts\":0,\"refused\":0,"
                     "\"written\":260"));
    expect_all(&world);
    cr_expect_eq(world.store->activity_count, LINES);
    const uint64_t changes = world.store->row_changes;
    cr_assert(import(&world, file, NULL,
                     "\"new\":0,\"same\":260,\"conflicts\":0,\"refused\":0,"
                     "\"written\":0"));
    cr_expect_eq(world.store->row_changes, changes);
    cr_expect_not(fake_store_contains(world.store, "000022-000033", 13));
}

Test(import_keys, a_dry_run_writes_nothing)
{
    const uint64_t changes = world.store->row_changes;
    char *answer = sync_world_import(&world, "org-a", file, true, NULL);
    cr_assert_not_null(answer);
    cr_expect_not_null(strstr(answer, "\"dry_run\":true,\"new\":260"));
    free(answer);
    cr_expect_eq(world.store->row_changes, changes);
}

/* Ended at any write, or with a write whose outcome nobody knows. */
Test(import_keys, what_was_interrupted_is_run_again)
{
    static const fake_fault kinds[] = {FAKE_FAULT_ERROR, FAKE_FAULT_LANDED, FAKE_FAULT_NOT_LANDED};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (uint64_t at = 1; at <= 4; at++) {
            const sync_fault fault = {
                .kind = kinds[k], .apply_at = at, .reason = BKEY_E_STORE_BUSY};
            sync_world_copy(&again, &world);
            (void)import(&again, file, &fault, NULL);
            cr_assert(import(&again, file, NULL, "\"conflicts\":0,\"refused\":0"));
            expect_all(&again);
            cr_expect_eq(again.store->activity_count, LINES, "fault %zu at %u", k, (unsigned)at);
        }
    }
}

/* S2.3 */
Test(import_keys, one_refused_line_stops_all)
{
    char *digit = strstr(file, "-000088\nPC-200,");
    cr_assert_not_null(digit);
    digit[6] = '9';
    const uint64_t changes = world.store->row_changes;
    cr_assert(import(&world, file, NULL,
                     "\"new\":259,\"same\":0,\"conflicts\":0,\"refused\":1,"
                     "\"written\":0"));
    cr_expect_eq(world.store->row_changes, changes);
}

Test(import_keys, a_connection_is_needed_and_only_one)
{
    cr_expect_null(sync_world_import(&world, "org-x", file, false, NULL));
    sync_world_share(&again, &world);
    cr_expect_null(sync_world_import(&world, "org-a", file, false, NULL), "two name it");
    again.store = NULL;
}

Test(import_keys, without_the_add_on_nothing_is_looked_at)
{
    world.not_entitled = true;
    cr_expect_null(sync_world_import(&world, "org-a", file, false, NULL));
}
