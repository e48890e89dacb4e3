/* SPDX-License-Identifier: Apache-2.0
 *
 * A test that fails: the runner has to turn red. */
#include <criterion/criterion.h>

Test(fails, one_is_two)
{
    cr_assert_eq(1, 2);
}
