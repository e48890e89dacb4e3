/* SPDX-License-Identifier: Apache-2.0
 *
 * A test that passes over undefined behaviour: the runner has to turn red. */
#include <criterion/criterion.h>
#include <limits.h>

static volatile int most = INT_MAX;

Test(undefined, signed_sum_overflows)
{
    most = most + 1;
    cr_assert(1);
}
