/* SPDX-License-Identifier: Apache-2.0
 *
 * A match in the words of people. Must not know how it came to be. */
#include "domain/match.h"

#include <string.h>

static const char *const names[BKEY_MATCH_STATE_COUNT] = {"matched", "suggested", "unmatched",
                                                          "quarantined", "ignored"};

bkey_match_state bkey_match_state_of(bkey_match_outcome outcome, bool by_name,
                                     uint32_t candidate_count)
{
    if (outcome <= BKEY_MATCHED_MAC)
        return BKEY_MATCH_STATE_MATCHED;
    if (outcome == BKEY_UNMATCHED_IGNORED)
        return BKEY_MATCH_STATE_IGNORED;
    if (outcome >= BKEY_UNMATCHED_AMBIGUOUS)
        return BKEY_MATCH_STATE_QUARANTINED;
    /* What a person took back is not suggested to the next one. */
    return by_name && candidate_count == 1 && outcome != BKEY_UNMATCHED_UNDONE
               ? BKEY_MATCH_STATE_SUGGESTED
               : BKEY_MATCH_STATE_UNMATCHED;
}

const char *bkey_match_state_name(bkey_match_state state)
{
    return (size_t)state < BKEY_MATCH_STATE_COUNT ? names[state]
                                                  : names[BKEY_MATCH_STATE_UNMATCHED];
}

bool bkey_match_state_parse(const char *name, bkey_match_state *out)
{
    for (size_t i = 0; i < BKEY_MATCH_STATE_COUNT; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *out = (bkey_match_state)i;
        return true;
    }
    return false;
}

const char *bkey_match_state_why(bkey_match_outcome outcome)
{
    static const char *const texts[BKEY_MATCH_OUTCOME_COUNT] = {
        [BKEY_MATCHED_REMEMBERED] = "Remembered.",
        [BKEY_MATCHED_LOST] = "Its configuration is gone; its keys stay where they are.",
        [BKEY_MATCHED_SERIAL] = "One configuration has its serial number.",
        [BKEY_MATCHED_MAC] = "One configuration has its network address.",
        [BKEY_UNMATCHED_NO_DEVICE] = "It is not in Intune's inventory.",
        [BKEY_UNMATCHED_JUNK] = "Its serial number identifies no machine, and no network address "
                                "leads to a configuration.",
        [BKEY_UNMATCHED_NOWHERE] = "No configuration has its serial number.",
        [BKEY_UNMATCHED_ARCHIVED] = "Only archived configurations have its serial number.",
        [BKEY_UNMATCHED_UNDONE] = "Its match was taken back; it waits for a person.",
        [BKEY_UNMATCHED_IGNORED] = "Ignored by a person.",
        [BKEY_UNMATCHED_AMBIGUOUS] = "More than one configuration fits.",
        [BKEY_UNMATCHED_CLONED] = "Another device has the same serial number or address.",
        [BKEY_UNMATCHED_CLAIMED] = "The configuration with its serial number or address is "
                                   "another device's.",
        [BKEY_UNMATCHED_CONTESTED] = "It was matched before, but its serial number now leads to "
                                     "another organization; what is shown stays, new keys wait.",
        [BKEY_UNMATCHED_TORN] = "Intune lists it twice with two serial numbers.",
        [BKEY_UNMATCHED_ELSEWHERE] = "It was matched in an organization that the connection no "
                                     "longer names.",
        [BKEY_UNMATCHED_RIVAL] = "A device of another tenant has the same serial number, or was "
                                 "matched to the configuration already.",
    };
    const char *text = (size_t)outcome < BKEY_MATCH_OUTCOME_COUNT ? texts[outcome] : NULL;
    return text != NULL ? text : "";
}

const char *bkey_match_state_reason(bkey_match_reason reason)
{
    static const char *const texts[BKEY_MATCH_COUNT] = {
        [BKEY_MATCH_SERIAL] = "by serial number",
        [BKEY_MATCH_MAC] = "by network address",
        [BKEY_MATCH_PERSON] = "by a person",
        [BKEY_MATCH_CREATED] = "created for it",
        [BKEY_MATCH_IGNORED] = "ignored by a person",
        [BKEY_MATCH_UNDONE] = "taken back by a person",
        [BKEY_MATCH_OPEN] = "open again",
    };
    const char *text = (size_t)reason < BKEY_MATCH_COUNT ? texts[reason] : NULL;
    return text != NULL ? text : "";
}
