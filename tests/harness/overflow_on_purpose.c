/* SPDX-License-Identifier: Apache-2.0
 *
 * A plain program that reads behind its memory after it told its success: the runner has to turn
 * red. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    volatile size_t at = 8;
    char *bytes = calloc(1, 8);
    puts("1 passed, 0 failed");
    fflush(stdout);
    int value = bytes[at];
    free(bytes);
    return value == 0 ? 0 : 1;
}
