/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of a broken chain: the right entry and the right word, and nothing of a whole one.
 */
/* LINK: plugin/src/state/[a-z]*.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/state/chain.h"

#define COUNT 8u

static bkey_chain_link links[COUNT];
static bkey_chain_point points[4];
static size_t link_count;
static size_t point_count;
static char told[512];
static size_t forged; /* index of a point that is not genuine; COUNT = none */
static size_t asked;

static void start(void)
{
    memset(links, 0, sizeof links);
    for (size_t i = 0; i < COUNT; i++) {
        links[i].seq = i + 1;
        memset(links[i].hash, (int)(i + 1), BKEY_AUDIT_HASH_LEN);
        if (i > 0)
            memcpy(links[i].previous, links[i - 1].hash, BKEY_AUDIT_HASH_LEN);
    }
    link_count = COUNT;
    point_count = 0;
    forged = COUNT;
    asked = 0;
}

TestSuite(chain, .init = start);

static void take(void *context, const bkey_chain_problem *problem)
{
    size_t len = strlen(told);
    (void)context;
    (void)snprintf(told + len, sizeof told - len, "%s %u-%u;", bkey_chain_kind_name(problem->kind),
                   (unsigned)problem->first, (unsigned)problem->last);
}

static bool is_genuine(void *context, size_t point)
{
    (void)context;
    asked++;
    return point != forged;
}

static const char *check(void)
{
    const bkey_chain_rows rows = {links, link_count, points, point_count, is_genuine};
    told[0] = '\0';
    bkey_chain_check(&rows, take, NULL);
    return told;
}

static void drop(size_t index)
{
    memmove(&links[index], &links[index + 1], (link_count - index - 1) * sizeof links[0]);
    link_count--;
}

static void add_point(uint64_t seq, uint8_t fill)
{
    points[point_count].seq = seq;
    memset(points[point_count].hash, fill, BKEY_AUDIT_HASH_LEN);
    point_count++;
}

Test(chain, whole_chain_in_any_order_has_no_problem)
{
    bkey_chain_link last = links[COUNT - 1];
    links[COUNT - 1] = links[0];
    links[0] = last;
    add_point(3, 3);
    add_point(8, 8);
    cr_expect_str_eq(check(), "");
    link_count = 0;
    point_count = 0;
    cr_expect_str_eq(check(), "");
}

Test(chain, changed_entry_is_named_wherever_it_stands)
{
    for (size_t i = 0; i + 1 < COUNT; i++) {
        char expected[32];
        start();
        memset(links[i].hash, 0xee, BKEY_AUDIT_HASH_LEN);
        (void)snprintf(expected, sizeof expected, "changed %u-%u;", (unsigned)i + 1,
                       (unsigned)i + 1);
        add_point(8, 8);
        cr_expect_str_eq(check(), expected);
    }
}

Test(chain, entry_that_names_another_past_is_named)
{
    memset(links[4].previous, 0xee, BKEY_AUDIT_HASH_LEN);
    memset(links[4].hash, 0xdd, BKEY_AUDIT_HASH_LEN);
    cr_expect_str_eq(check(), "changed 5-5;");
    start();
    memset(links[0].previous, 1, BKEY_AUDIT_HASH_LEN);
    cr_expect_str_eq(check(), "changed 1-1;");
}

Test(chain, last_entry_is_vouched_for_by_a_head)
{
    add_point(8, 0xee);
    cr_expect_str_eq(check(), "changed 8-8;");
}

Test(chain, missing_entries_are_counted_out)
{
    drop(3);
    drop(3);
    cr_expect_str_eq(check(), "removed 4-5;");
    start();
    drop(0);
    cr_expect_str_eq(check(), "removed 1-1;");
}

Test(chain, cut_off_end_needs_a_head_to_be_seen)
{
    link_count = 5;
    cr_expect_str_eq(check(), "");
    add_point(8, 8);
    cr_expect_str_eq(check(), "cut-off 6-8;");
    link_count = 0;
    cr_expect_str_eq(check(), "cut-off 1-8;");
}

Test(chain, moved_and_doubled_entries_are_told)
{
    links[2].misplaced = true;
    cr_expect_str_eq(check(), "reordered 3-3;");
    start();
    links[7] = links[6];
    cr_expect_str_eq(check(), "doubled 7-7;");
}

Test(chain, only_heads_that_decide_are_asked_for_their_signature)
{
    add_point(3, 3);
    add_point(5, 5);
    cr_expect_str_eq(check(), "");
    cr_expect_eq(asked, 0);
    add_point(8, 0xee);
    cr_expect_str_eq(check(), "changed 8-8;");
    cr_expect_eq(asked, 1);
}

Test(chain, forged_heads_decide_nothing)
{
    add_point(7, 0xee);
    forged = 0;
    cr_expect_str_eq(check(), "");
    start();
    link_count = 5;
    add_point(8, 8);
    add_point(12, 8);
    forged = 1;
    cr_expect_str_eq(check(), "cut-off 6-8;");
    /* A forged word for a changed entry does not shift the blame. */
    start();
    links[7].hash[0] ^= 1;
    memset(links[7].previous, 0xdd, BKEY_AUDIT_HASH_LEN);
    points[0].seq = 8;
    memcpy(points[0].hash, links[7].hash, BKEY_AUDIT_HASH_LEN);
    point_count = 1;
    forged = 0;
    cr_expect_str_eq(check(), "changed 8-8;");
    links[7].told = false;
    forged = COUNT;
    cr_expect_str_eq(check(), "changed 7-7;");
}
