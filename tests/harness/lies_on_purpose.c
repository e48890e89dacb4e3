/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver that tells no failure but ends with one: the runner has to turn red. */
#include <stdio.h>

int main(void)
{
    puts("3 passed, 0 failed");
    return 1;
}
