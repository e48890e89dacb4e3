/* SPDX-License-Identifier: Apache-2.0
 *
 * The slab: bounded, wiped, terminated, and safe against a free while borrowed. */
/* LINK: plugin/src/base/secret.c plugin/src/base/error.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "plugin/src/base/secret.h"

static bkey_slab *slab;

static void open_slab(void)
{
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
}

static void close_slab(void)
{
    bkey_slab_free(&slab);
    cr_expect_null(slab);
}

TestSuite(secret, .init = open_slab, .fini = close_slab);

static bkey_secret *dup_text(const char *text)
{
    bkey_secret *secret = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, text, strlen(text), &secret)));
    return secret;
}

static size_t count_nonzero(const uint8_t *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] != 0;
    return count;
}

Test(secret, a_new_slot_is_zero_and_terminated)
{
    bkey_secret *secret = NULL;
    cr_assert(bkey_is_ok(bkey_secret_new(slab, BKEY_SECRET_MAX, &secret)));
    cr_expect_eq(bkey_secret_len(secret), BKEY_SECRET_MAX);
    uint8_t *bytes = bkey_secret_borrow(secret);
    cr_expect_eq(count_nonzero(bytes, BKEY_SECRET_MAX + 1), 0);
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    cr_expect_null(secret);
}

Test(secret, a_copy_is_followed_by_a_zero_byte)
{
    bkey_secret *secret = dup_text("token");
    cr_expect_str_eq((const char *)bkey_secret_borrow(secret), "token");
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
}

Test(secret, free_wipes_the_slot)
{
    bkey_secret *secret = dup_text("must vanish");
    uint8_t *bytes = bkey_secret_borrow(secret);
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    /* The page is the slab's until it is freed, so that looking is allowed here. */
    cr_expect_eq(count_nonzero(bytes, 12), 0);
}

Test(secret, shrink_wipes_what_is_cut_off)
{
    bkey_secret *secret = dup_text("0123456789");
    bkey_secret_shrink(secret, 4);
    cr_expect_eq(bkey_secret_len(secret), 4);
    const uint8_t *bytes = bkey_secret_borrow(secret);
    cr_expect_eq(count_nonzero(bytes + 4, 6), 0);
    bkey_secret_return(secret);
    bkey_secret_shrink(secret, 9);
    cr_expect_eq(bkey_secret_len(secret), 4, "never grows");
    bkey_secret_free(&secret);
}

Test(secret, the_slab_is_bounded_and_slots_come_back)
{
    bkey_secret *secrets[BKEY_SLAB_SLOTS];
    bkey_secret *more = NULL;
    for (size_t i = 0; i < BKEY_SLAB_SLOTS; i++)
        cr_assert(bkey_is_ok(bkey_secret_new(slab, 8, &secrets[i])));
    cr_expect_eq(bkey_slab_used(slab), BKEY_SLAB_SLOTS);
    cr_expect(bkey_is(bkey_secret_new(slab, 8, &more), BKEY_E_SLAB_FULL));
    cr_expect_null(more);
    bkey_secret_free(&secrets[17]);
    cr_expect(bkey_is_ok(bkey_secret_new(slab, 8, &secrets[17])));
    for (size_t i = 0; i < BKEY_SLAB_SLOTS; i++)
        bkey_secret_free(&secrets[i]);
    cr_expect_eq(bkey_slab_used(slab), 0);
}

Test(secret, too_long_is_refused)
{
    bkey_secret *secret = NULL;
    cr_expect(bkey_is(bkey_secret_new(slab, BKEY_SECRET_MAX + 1, &secret), BKEY_E_LIMIT));
    cr_expect_null(secret);
}

Test(secret, slots_do_not_overlap)
{
    bkey_secret *a = NULL;
    bkey_secret *b = NULL;
    cr_assert(bkey_is_ok(bkey_secret_new(slab, BKEY_SECRET_MAX, &a)));
    cr_assert(bkey_is_ok(bkey_secret_new(slab, BKEY_SECRET_MAX, &b)));
    memset(bkey_secret_borrow(a), 0xAA, BKEY_SECRET_MAX);
    cr_expect_eq(count_nonzero(bkey_secret_borrow(b), BKEY_SECRET_MAX + 1), 0);
    cr_expect_eq(bkey_secret_borrow(a)[BKEY_SECRET_MAX], 0);
    bkey_secret_return(a);
    bkey_secret_return(a);
    bkey_secret_return(b);
    bkey_secret_free(&a);
    bkey_secret_free(&b);
}

Test(secret, a_slot_freed_while_borrowed_is_not_given_out_before_it_is_returned)
{
    bkey_secret *secret = dup_text("in use");
    bkey_secret *held = secret;
    uint8_t *stale = bkey_secret_borrow(secret);
    bkey_secret_free(&secret);
    cr_expect_eq(count_nonzero(stale, 6), 0, "wiped all the same");
    cr_expect_eq(bkey_slab_used(slab), 1, "shows in leak checks");
    for (size_t i = 0; i < BKEY_SLAB_SLOTS - 1; i++) {
        bkey_secret *other = NULL;
        cr_assert(bkey_is_ok(bkey_secret_new(slab, 1, &other)));
        cr_expect_neq(bkey_secret_borrow(other), stale);
        bkey_secret_return(other);
    }
    bkey_secret *none = NULL;
    cr_expect(bkey_is(bkey_secret_new(slab, 1, &none), BKEY_E_SLAB_FULL));
    stale[0] = 'x';
    bkey_secret_return(held);
    cr_assert(bkey_is_ok(bkey_secret_new(slab, 1, &none)), "nobody holds it any more");
    cr_expect_eq(bkey_secret_borrow(none), stale);
    cr_expect_eq(count_nonzero(stale, 6), 0, "what came late is wiped");
    bkey_secret_return(none);
    bkey_secret_free(&none);
}

Test(secret, freeing_nothing_is_allowed)
{
    bkey_secret *none = NULL;
    bkey_secret_free(&none);
    bkey_secret_free(NULL);
    bkey_slab *no_slab = NULL;
    bkey_slab_free(&no_slab);
    bkey_slab_free(NULL);
}

static void *take_and_free(void *context)
{
    for (int i = 0; i < 2000; i++) {
        bkey_secret *secret = NULL;
        if (!bkey_is_ok(bkey_secret_new(slab, 32, &secret)))
            continue;
        uint8_t *bytes = bkey_secret_borrow(secret);
        if (count_nonzero(bytes, 33) != 0)
            *(int *)context += 1;
        memset(bytes, 0x5A, 32);
        bkey_secret_return(secret);
        bkey_secret_free(&secret);
    }
    return NULL;
}

Test(secret, threads_never_see_each_others_bytes)
{
    pthread_t threads[4];
    int dirty[4] = {0};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, take_and_free, &dirty[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(dirty[i], 0);
    }
    cr_expect_eq(bkey_slab_used(slab), 0);
}

static void *visit(void *context)
{
    for (int i = 0; i < 200; i++) {
        bkey_secret *held[BKEY_SLAB_GUEST_SLOTS] = {NULL};
        bkey_slab_enter(slab);
        for (size_t k = 0; k < BKEY_SLAB_GUEST_SLOTS; k++) {
            if (!bkey_is_ok(bkey_secret_new(slab, 32, &held[k])))
                *(int *)context += 1;
            (void)sched_yield();
        }
        for (size_t k = 0; k < BKEY_SLAB_GUEST_SLOTS; k++)
            bkey_secret_free(&held[k]);
        bkey_slab_leave(slab);
    }
    return NULL;
}

/* S1.1: however many people look at keys at once, each finds room, and so do four ticks. */
Test(secret, a_crowd_of_guests_waits_instead_of_failing)
{
    enum { CROWD = 32, TICKS = 24 };
    pthread_t threads[CROWD];
    int refused[CROWD] = {0};
    bkey_secret *ticks[TICKS] = {NULL};
    for (int i = 0; i < TICKS; i++)
        cr_assert(bkey_is_ok(bkey_secret_new(slab, 32, &ticks[i])));
    for (int i = 0; i < CROWD; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, visit, &refused[i]), 0);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(refused[i], 0, "%d", i);
    }
    for (int i = 0; i < TICKS; i++)
        bkey_secret_free(&ticks[i]);
    cr_expect_eq(bkey_slab_used(slab), 0);
}
