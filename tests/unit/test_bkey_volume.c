/* SPDX-License-Identifier: Apache-2.0
 *
 * Volume kinds as Microsoft writes them and as we do. */
/* LINK: plugin/src/domain/volume.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/volume.h"

Test(volume, names_digits_and_nonsense)
{
    static const struct {
        const char *text;
        bkey_volume volume;
    } rows[] = {
        {"operatingSystemVolume", BKEY_VOLUME_OS},
        {"OPERATINGSYSTEMVOLUME", BKEY_VOLUME_OS},
        {"fixedDataVolume", BKEY_VOLUME_FIXED},
        {"removableDataVolume", BKEY_VOLUME_REMOVABLE},
        {"unknownFutureValue", BKEY_VOLUME_UNKNOWN},
        {"operatingSystemVolumes", BKEY_VOLUME_UNKNOWN},
        {"operatingSystem", BKEY_VOLUME_UNKNOWN},
        {"1", BKEY_VOLUME_OS},
        {"2", BKEY_VOLUME_FIXED},
        {"3", BKEY_VOLUME_REMOVABLE},
        {"4", BKEY_VOLUME_UNKNOWN},
        {"0", BKEY_VOLUME_UNKNOWN},
        {"11", BKEY_VOLUME_UNKNOWN},
        {"", BKEY_VOLUME_UNKNOWN},
        {"x", BKEY_VOLUME_UNKNOWN},
        {NULL, BKEY_VOLUME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(bkey_volume_from_text(rows[i].text), rows[i].volume, "row %zu", i);
    cr_expect_eq(bkey_volume_from_number(2), BKEY_VOLUME_FIXED);
    cr_expect_eq(bkey_volume_from_number(INT64_MIN), BKEY_VOLUME_UNKNOWN);
    cr_expect_eq(bkey_volume_from_number(INT64_C(1) << 32 | 1), BKEY_VOLUME_UNKNOWN);
}

Test(volume, our_words_go_there_and_back)
{
    for (int i = 0; i < BKEY_VOLUME_COUNT; i++) {
        const char *word = bkey_volume_word((bkey_volume)i);
        bkey_volume back = BKEY_VOLUME_COUNT;
        cr_expect(bkey_volume_from_word(word, strlen(word), &back));
        cr_expect_eq((int)back, i);
    }
    bkey_volume untouched = BKEY_VOLUME_COUNT;
    cr_expect_not(bkey_volume_from_word("OS", 2, &untouched));
    cr_expect_not(bkey_volume_from_word("o", 1, &untouched));
    cr_expect_eq(untouched, BKEY_VOLUME_COUNT);
    cr_expect_str_eq(bkey_volume_word(BKEY_VOLUME_COUNT), "unknown");
}
