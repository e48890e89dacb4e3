/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves support/buffer. */
/* LINK: host-sdk/support/buffer.c */
#include "support/buffer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(buffer, fresh_one_is_an_empty_text_without_memory)
{
    sup_buffer b;
    sup_buffer_init(&b, 10);
    cr_assert_str_eq(sup_buffer_text(&b), "");
    cr_assert_null(b.ptr);
    cr_assert_not(sup_buffer_failed(&b));
}

Test(buffer, done_accepts_null_and_twice)
{
    sup_buffer b;
    sup_buffer_init(&b, 10);
    cr_assert(sup_buffer_add_str(&b, "abc"));
    sup_buffer_done(NULL);
    sup_buffer_done(&b);
    sup_buffer_done(&b);
    cr_assert_eq(b.len, 0);
    cr_assert(sup_buffer_add_str(&b, "usable"), "a finished buffer starts anew");
    sup_buffer_done(&b);
}

Test(buffer, every_kind_of_append_lands_behind_the_last)
{
    sup_buffer b;
    sup_buffer_init(&b, 100);
    cr_assert(sup_buffer_add(&b, "a\0b", 3));
    cr_assert(sup_buffer_add_str(&b, "-"));
    cr_assert(sup_buffer_add_u64(&b, UINT64_MAX));
    cr_assert(sup_buffer_add_u64(&b, 0));
    cr_assert(sup_buffer_printf(&b, "<%s:%d>", "x", -7));
    cr_assert(sup_buffer_add(&b, NULL, 0));
    cr_assert_eq(b.len, 31);
    cr_assert_arr_eq(b.ptr, "a\0b-184467440737095516150<x:-7>", 32);
    sup_buffer_done(&b);
}

Test(buffer, maximum_is_reached_but_never_passed)
{
    static const struct {
        size_t max;
        size_t first;
        size_t second;
        bool ok;
    } rows[] = {
        {0, 0, 0, true},     {0, 0, 1, false},        {1, 0, 1, true},
        {8, 4, 4, true},     {8, 4, 5, false},        {8, 8, 0, true},
        {8, 8, 1, false},    {8, 0, SIZE_MAX, false}, {8, 3, SIZE_MAX - 2, false},
        {300, 127, 1, true}, {300, 128, 172, true},   {300, 128, 173, false},
    };
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sup_buffer b;
        sup_buffer_init(&b, rows[i].max);
        cr_assert(sup_buffer_add(&b, bytes, rows[i].first), "row %zu", i);
        cr_assert_eq(sup_buffer_add(&b, bytes, rows[i].second), rows[i].ok, "row %zu", i);
        cr_assert_eq(sup_buffer_failed(&b), !rows[i].ok, "row %zu", i);
        cr_assert_eq(b.len, rows[i].ok ? rows[i].first + rows[i].second : 0, "row %zu", i);
        sup_buffer_done(&b);
    }
}

Test(buffer, a_failure_lasts_until_reset)
{
    sup_buffer b;
    sup_buffer_init(&b, 4);
    cr_assert_not(sup_buffer_printf(&b, "%s", "12345"));
    cr_assert_str_eq(sup_buffer_text(&b), "");
    cr_assert_not(sup_buffer_add_str(&b, "1"), "a smaller append does not heal it");
    cr_assert_not(sup_buffer_add(&b, "", 0));
    cr_assert_not(sup_buffer_add_u64(&b, 1));
    cr_assert_null(sup_buffer_take(&b));
    sup_buffer_reset(&b);
    cr_assert(sup_buffer_add_str(&b, "1234"));
    cr_assert_str_eq(sup_buffer_text(&b), "1234");
    sup_buffer_done(&b);
}

Test(buffer, printf_of_exactly_the_maximum_fits)
{
    sup_buffer b;
    sup_buffer_init(&b, 5);
    cr_assert(sup_buffer_printf(&b, "%s%d", "abc", 42));
    cr_assert_str_eq(sup_buffer_text(&b), "abc42");
    cr_assert_not(sup_buffer_printf(&b, "%c", 'x'));
}

Test(buffer, reset_keeps_the_memory)
{
    sup_buffer b;
    sup_buffer_init(&b, 100);
    cr_assert(sup_buffer_add_str(&b, "first"));
    const char *before = b.ptr;
    sup_buffer_reset(&b);
    cr_assert_str_eq(sup_buffer_text(&b), "");
    cr_assert(sup_buffer_add_str(&b, "second"));
    cr_assert_eq(b.ptr, before);
    sup_buffer_done(&b);
}

Test(buffer, take_hands_over_the_bytes_and_leaves_it_empty)
{
    sup_buffer b;
    sup_buffer_init(&b, 3);
    cr_assert(sup_buffer_add_str(&b, "abc"));
    char *taken = sup_buffer_take(&b);
    cr_assert_str_eq(taken, "abc");
    free(taken);
    cr_assert_str_eq(sup_buffer_text(&b), "");
    cr_assert_not(sup_buffer_add_str(&b, "abcd"), "the maximum still holds");
}

Test(buffer, take_of_an_empty_one_is_an_empty_string)
{
    sup_buffer b;
    sup_buffer_init(&b, 0);
    char *taken = sup_buffer_take(&b);
    cr_assert_str_eq(taken, "");
    free(taken);
}

Test(buffer, many_small_appends_grow_it)
{
    sup_buffer b;
    sup_buffer_init(&b, 100000);
    for (int i = 0; i < 100000; i++)
        cr_assert(sup_buffer_add(&b, i % 2 == 0 ? "a" : "b", 1));
    cr_assert_eq(b.len, 100000);
    cr_assert_eq(b.ptr[99999], 'b');
    cr_assert_eq(b.ptr[100000], '\0');
    cr_assert_not(sup_buffer_add(&b, "c", 1));
}
