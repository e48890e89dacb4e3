/* SPDX-License-Identifier: Apache-2.0
 *
 * A test that passes and leaks: the runner has to turn red. */
#include <criterion/criterion.h>
#include <stdlib.h>

static void *volatile kept;

Test(leaks, memory_is_lost)
{
    kept = malloc(48);
    cr_assert_not_null(kept);
    kept = NULL;
}
