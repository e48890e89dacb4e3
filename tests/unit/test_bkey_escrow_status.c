/* SPDX-License-Identifier: Apache-2.0 */
/* LINK: plugin/src/domain/escrow_status.c */
#include <criterion/criterion.h>

#include "plugin/src/domain/escrow_status.h"

#define LATE (BKEY_ESCROW_GRACE_MS + 1)

typedef struct row {
    bkey_encryption encryption;
    uint8_t backup;
    bool held, listed, owner_changed;
    int64_t waited_ms;
    bkey_escrow status;
    bkey_escrow_why why;
} row;

static const row rows[] = {
    /* S2.24 S2.25 S2.26 S2.27 S2.28 S2.29 S3.37 S3.47 */
    {BKEY_ENCRYPTION_ON, 0, true, true, false, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD},
    {BKEY_ENCRYPTION_UNKNOWN, 0, true, false, false, 0, BKEY_ESCROW_ESCROWED, BKEY_ESCROW_WHY_HELD},
    {BKEY_ENCRYPTION_ON, 0, true, true, true, 0, BKEY_ESCROW_ESCROWED,
     BKEY_ESCROW_WHY_OWNER_CHANGED},
    {BKEY_ENCRYPTION_ON, 0, false, false, false, 0, BKEY_ESCROW_PENDING, BKEY_ESCROW_WHY_NO_KEY},
    {BKEY_ENCRYPTION_ON, 0, false, false, false, BKEY_ESCROW_GRACE_MS, BKEY_ESCROW_PENDING,
     BKEY_ESCROW_WHY_NO_KEY},
    {BKEY_ENCRYPTION_ON, 0, false, false, false, LATE, BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_NO_KEY},
    {BKEY_ENCRYPTION_ON, 0, false, true, false, 0, BKEY_ESCROW_PENDING, BKEY_ESCROW_WHY_NOT_COPIED},
    {BKEY_ENCRYPTION_UNKNOWN, 0, false, true, false, LATE, BKEY_ESCROW_FAILED,
     BKEY_ESCROW_WHY_NOT_COPIED},
    {BKEY_ENCRYPTION_OFF, 0, false, false, false, 0, BKEY_ESCROW_NOT_AVAILABLE,
     BKEY_ESCROW_WHY_NOT_ENCRYPTED},
    {BKEY_ENCRYPTION_OFF, 0, true, true, false, LATE, BKEY_ESCROW_NOT_AVAILABLE,
     BKEY_ESCROW_WHY_NOT_ENCRYPTED},
    {BKEY_ENCRYPTION_UNKNOWN, 0, false, false, false, LATE, BKEY_ESCROW_NOT_AVAILABLE,
     BKEY_ESCROW_WHY_NOT_TOLD},
    {BKEY_ENCRYPTION_ON, BKEY_BACKUP_FAILED, true, true, false, 0, BKEY_ESCROW_FAILED,
     BKEY_ESCROW_WHY_BACKUP_FAILED},
    {BKEY_ENCRYPTION_OFF, BKEY_BACKUP_NO_NETWORK, false, false, false, 0, BKEY_ESCROW_FAILED,
     BKEY_ESCROW_WHY_NO_NETWORK},
    {BKEY_ENCRYPTION_ON, BKEY_BACKUP_FAILED | BKEY_BACKUP_NO_NETWORK, false, false, false, 0,
     BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_BACKUP_FAILED},
};

Test(escrow_status, first_that_fits_is_the_status)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bkey_escrow_facts facts = {rows[i].encryption,    rows[i].backup,
                                         rows[i].held,          rows[i].listed,
                                         rows[i].owner_changed, rows[i].waited_ms};
        const bkey_escrow_verdict verdict = bkey_escrow_status_of(&facts);
        cr_expect_eq(verdict.status, rows[i].status, "row %zu", i);
        cr_expect_eq(verdict.why, rows[i].why, "row %zu", i);
    }
}

/* S2.28: whatever the facts are, exactly one of the four, with a word and a sentence. */
Test(escrow_status, every_device_has_exactly_one_of_the_four)
{
    for (unsigned i = 0; i < 3 * 4 * 8 * 2; i++) {
        const bkey_escrow_facts facts = {(bkey_encryption)(i % 3), (uint8_t)(i / 3 % 4),
                                         (i / 12 & 1) != 0,        (i / 12 & 2) != 0,
                                         (i / 12 & 4) != 0,        i >= 96 ? LATE : 0};
        const bkey_escrow_verdict verdict = bkey_escrow_status_of(&facts);
        cr_expect(verdict.status >= BKEY_ESCROW_FAILED && verdict.status < BKEY_ESCROW_COUNT);
        cr_expect_str_not_empty(bkey_escrow_status_name((uint8_t)verdict.status));
        cr_expect_str_not_empty(bkey_escrow_status_reason((uint8_t)verdict.why));
        cr_expect_str_not_empty(bkey_escrow_status_sentence((uint8_t)verdict.why));
        const bool waits = facts.encryption == BKEY_ENCRYPTION_ON && !facts.os_key_held;
        if (waits && facts.waited_ms == LATE)
            cr_expect_eq(verdict.status, BKEY_ESCROW_FAILED, "facts %u", i);
    }
    cr_expect_str_empty(bkey_escrow_status_name(0));
    cr_expect_str_empty(bkey_escrow_status_name(99));
    cr_expect_str_empty(bkey_escrow_status_reason(99));
    cr_expect_str_empty(bkey_escrow_status_sentence(0));
}
