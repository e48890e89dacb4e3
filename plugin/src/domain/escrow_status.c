/* SPDX-License-Identifier: Apache-2.0
 *
 * The four escrow states. See escrow_status.h. */
#include "domain/escrow_status.h"

typedef struct naming {
    const char *word;
    const char *sentence;
} naming;

static const naming reasons[] = {
    [BKEY_ESCROW_WHY_BACKUP_FAILED] = {"backup-failed",
                                       "The device reports that storing its key failed."},
    [BKEY_ESCROW_WHY_NO_NETWORK] = {"no-network",
                                    "The device reports that it had no network to store its key."},
    [BKEY_ESCROW_WHY_NO_KEY] = {"no-key", "The device is encrypted, and no key of its operating "
                                          "system volume is known."},
    [BKEY_ESCROW_WHY_NOT_COPIED] = {"not-copied",
                                    "Microsoft lists a key that could not be read yet."},
    [BKEY_ESCROW_WHY_NOT_ENCRYPTED] = {"not-encrypted", "The device is not encrypted."},
    [BKEY_ESCROW_WHY_NOT_TOLD] = {"encryption-unknown",
                                  "No key is known, and nothing says whether it is encrypted."},
    [BKEY_ESCROW_WHY_HELD] = {"held", "The key is escrowed to Microsoft Entra and held here."},
    [BKEY_ESCROW_WHY_OWNER_CHANGED] = {"owner-changed",
                                       "The key is held. It was stored before the owner changed: "
                                       "the new owner must ask an administrator."},
};

bkey_escrow_verdict bkey_escrow_status_of(const bkey_escrow_facts *facts)
{
    const bkey_escrow_why missing =
        facts->os_key_listed ? BKEY_ESCROW_WHY_NOT_COPIED : BKEY_ESCROW_WHY_NO_KEY;
    /* A key that is listed exists, whatever the report of yesterday says. */
    const bool wanted = facts->encryption == BKEY_ENCRYPTION_ON ||
                        (facts->encryption == BKEY_ENCRYPTION_UNKNOWN && facts->os_key_listed);
    const bool waiting = wanted && !facts->os_key_held;
    if ((facts->backup & BKEY_BACKUP_FAILED) != 0)
        return (bkey_escrow_verdict){BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_BACKUP_FAILED};
    if ((facts->backup & BKEY_BACKUP_NO_NETWORK) != 0)
        return (bkey_escrow_verdict){BKEY_ESCROW_FAILED, BKEY_ESCROW_WHY_NO_NETWORK};
    if (waiting && facts->waited_ms > BKEY_ESCROW_GRACE_MS)
        return (bkey_escrow_verdict){BKEY_ESCROW_FAILED, missing};
    if (waiting)
        return (bkey_escrow_verdict){BKEY_ESCROW_PENDING, missing};
    if (facts->encryption == BKEY_ENCRYPTION_OFF)
        return (bkey_escrow_verdict){BKEY_ESCROW_NOT_AVAILABLE, BKEY_ESCROW_WHY_NOT_ENCRYPTED};
    if (!facts->os_key_held)
        return (bkey_escrow_verdict){BKEY_ESCROW_NOT_AVAILABLE, BKEY_ESCROW_WHY_NOT_TOLD};
    return (bkey_escrow_verdict){BKEY_ESCROW_ESCROWED, facts->owner_changed
                                                           ? BKEY_ESCROW_WHY_OWNER_CHANGED
                                                           : BKEY_ESCROW_WHY_HELD};
}

const char *bkey_escrow_status_name(uint8_t status)
{
    static const char *const names[] = {[BKEY_ESCROW_FAILED] = "Failed",
                                        [BKEY_ESCROW_PENDING] = "Pending",
                                        [BKEY_ESCROW_NOT_AVAILABLE] = "Not Available",
                                        [BKEY_ESCROW_ESCROWED] = "Escrowed"};
    return status > 0 && status < BKEY_ESCROW_COUNT ? names[status] : "";
}

const char *bkey_escrow_status_reason(uint8_t why)
{
    return why > 0 && why < BKEY_ESCROW_WHY_COUNT ? reasons[why].word : "";
}

const char *bkey_escrow_status_sentence(uint8_t why)
{
    return why > 0 && why < BKEY_ESCROW_WHY_COUNT ? reasons[why].sentence : "";
}
