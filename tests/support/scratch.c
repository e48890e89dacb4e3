/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of one test. */
#include "tests/support/scratch.h"

#include "sample-host/src/base/os_file.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>

char scratch_dir[256];
char scratch_path[300];

void scratch_make(void)
{
    host_error err = {0};
    cr_assert(sodium_init() >= 0);
    cr_assert(host_file_make_scratch(scratch_dir, sizeof scratch_dir, &err), "%s", err.message);
    (void)snprintf(scratch_path, sizeof scratch_path, "%s/file", scratch_dir);
}

void scratch_drop(void)
{
    host_file_remove_dir(scratch_dir);
}
