/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver that never ends: the runner has to turn red. */
#define _GNU_SOURCE
#include <unistd.h>

int main(void)
{
    for (;;)
        pause();
}
