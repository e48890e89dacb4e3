/* SPDX-License-Identifier: Apache-2.0
 *
 * What jansson is given when memory is short. */
/* LINK: sample-host/src/base/json_memory.c */
/* LIBS: -ljansson -Wl,--wrap=malloc */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sample-host/src/base/json_memory.h"

static uint32_t allocations;
static uint32_t fail_at;    /* 0 = never */
static bool fails_for_ever; /* from there on */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    const bool fails =
        fail_at != 0 && (fails_for_ever ? allocations >= fail_at : allocations == fail_at);
    return fails ? NULL : __real_malloc(size);
}

static json_t *parse(const char *text, uint32_t at)
{
    allocations = 0;
    fail_at = at;
    json_t *json = json_loads(text, 0, NULL);
    fail_at = 0;
    return json;
}

static void begin(void)
{
    fails_for_ever = false;
    host_json_memory_use();
}

TestSuite(json_memory, .init = begin);

/* The lexer's buffer grows at 16, 32, 64 ... characters: one length of each meets the quote. */
static void expect_all_or_nothing(int len)
{
    char text[192];
    (void)snprintf(text, sizeof text, "[\"%0*d\"]", len, 7);
    json_decref(parse(text, 0));
    const uint32_t total = allocations;
    cr_assert_gt(total, 3);
    for (uint32_t at = 1; at <= total; at++) {
        json_t *json = parse(text, at);
        cr_expect(json == NULL || json_string_length(json_array_get(json, 0)) == (size_t)len,
                  "%d characters, allocation %u", len, at);
        json_decref(json);
    }
}

Test(json_memory, one_refused_allocation_is_an_error_or_nothing)
{
    for (int len = 1; len <= 140; len++)
        expect_all_or_nothing(len);
}

Test(json_memory, no_memory_from_some_time_on_is_an_error)
{
    fails_for_ever = true;
    for (int len = 1; len <= 140; len++)
        expect_all_or_nothing(len);
}
