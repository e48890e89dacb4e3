/* SPDX-License-Identifier: Apache-2.0
 *
 * One test passes, one crashes: the runner has to turn red. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(crash, passes)
{
    cr_assert(1);
}

Test(crash, aborts)
{
    abort();
}
