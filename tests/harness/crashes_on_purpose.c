/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that ends before it could tell a result: the runner has to turn red. */
#include <signal.h>

int main(void)
{
    return raise(SIGKILL);
}
