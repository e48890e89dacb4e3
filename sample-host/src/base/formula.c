/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of beginnings. Must not know where the text goes. */
#include "sample-host/src/base/formula.h"

#include <string.h>

bool host_formula_begins(const char *text, size_t len)
{
    static const char *const starts[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                         "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        size_t n = strlen(starts[i]);
        if (len >= n && memcmp(text, starts[i], n) == 0) {
            return true;
        }
    }
    return false;
}
