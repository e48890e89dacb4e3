/* SPDX-License-Identifier: Apache-2.0
 *
 * The one style of messages. */
/* LINK: sample-host/src/front/sentence.c host-sdk/support/utf8.c */
#include "sample-host/src/front/sentence.h"

#include <criterion/criterion.h>
#include <string.h>

Test(front_sentence, text_becomes_a_sentence)
{
    static const char *const rows[][2] = {
        {"out of memory", "Out of memory."},
        {"Done already.", "Done already."},
        {"--cert and --key go together", "--cert and --key go together."},
        {"what now?", "What now?"},
        {"/x is no file", "/x is no file."},
        {"burst_window_minutes is wrong", "burst_window_minutes is wrong."},
        {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[HOST_MESSAGE_SIZE];
        front_sentence_make(rows[i][0], out);
        cr_expect_str_eq(out, rows[i][1]);
    }
}

Test(front_sentence, longest_text_stays_inside)
{
    char text[HOST_MESSAGE_SIZE * 2];
    char out[HOST_MESSAGE_SIZE];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    front_sentence_make(text, out);
    cr_expect_lt(strlen(out), HOST_MESSAGE_SIZE);
    front_sentence_make("bad \x1b[31m", out);
    cr_expect_null(strchr(out, '\x1b'));
}
