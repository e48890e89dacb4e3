/* SPDX-License-Identifier: Apache-2.0
 *
 * A test program without a test in it: the runner has to turn red. */
#include <criterion/criterion.h>

Test(none, disabled, .disabled = true)
{
    cr_assert(1);
}
