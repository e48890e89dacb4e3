/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of beginnings. Must not know where the text goes. */
#include "sample-host/src/base/formula.h"

#include <string.h>

static size_t match(const char *const *list, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(list[i]);
        if (len >= n && memcmp(text, list[i], n) == 0) {
            return n;
        }
    }
    return 0;
}

bool host_formula_begins(const char *text, size_t len)
{
    static const char *const starts[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                         "\n", "＝", "＋", "－", "＠"};
    static const char *const blanks[] = {"'", " ", "\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf"};
    size_t skip = 0;
    do {
        text += skip;
        len -= skip;
        skip = match(blanks, sizeof blanks / sizeof blanks[0], text, len);
    } while (skip > 0);
    return match(starts, sizeof starts / sizeof starts[0], text, len) > 0;
}
