/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching in three rounds over a sorted table of hashes. A hash only finds candidates; the texts
 * decide. A contact that two want is nobody's, in later rounds too: else the next run, with other
 * links, would decide otherwise. */
#include "domain/contact_match.h"

#include <stdlib.h>
#include <string.h>

#include "domain/contact_key.h"
#include "domain/idsort.h"

#define NOBODY UINT32_MAX

typedef enum standing {
    FREE = 0,
    SPOKEN_FOR, /* linked to a user that is listed, or won: nobody else's candidate */
    BLOCKED,    /* linked to somebody that is not listed: an address of his makes others doubtful */
    CONTESTED
} standing;

typedef enum tier { TIER_EMAIL, TIER_SIGN_IN, TIER_NAME, TIER_COUNT } tier;

typedef struct entry {
    uint64_t hash;
    uint32_t contact;
    const char *text; /* an address; NULL = the names */
    size_t len;
} entry;

typedef struct table {
    entry *entries;
    size_t count;
} table;

typedef struct matching {
    const bkey_user *users;
    size_t user_count;
    const bkey_contact *contacts;
    size_t contact_count;
    bkey_contact_match *out;
    uint8_t *standings;  /* of contacts */
    uint32_t *claims;    /* of contacts, in this round */
    bool *is_decided;    /* of users */
    bkey_contact_key *a; /* scratch */
    bkey_contact_key *b;
    table emails;
    table names;
} matching;

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->contact < y->contact ? -1 : x->contact > y->contact;
}

/* The next word of a list with one space between; NULL after the last. */
static const char *next_word(const char **at, size_t *out_len)
{
    const char *word = *at + strspn(*at, " ");
    *out_len = strcspn(word, " ");
    *at = word + *out_len;
    return *out_len > 0 ? word : NULL;
}

static size_t count_words(const char *list)
{
    size_t count = 0;
    size_t len;
    while (next_word(&list, &len) != NULL)
        count++;
    return count;
}

static void fill_tables(matching *m)
{
    for (uint32_t i = 0; i < m->contact_count; i++) {
        const bkey_contact *contact = &m->contacts[i];
        const char *at = contact->emails;
        const char *word;
        size_t len;
        while ((word = next_word(&at, &len)) != NULL) {
            bkey_contact_key_word(word, len, m->a);
            if (m->a->count > 0)
                m->emails.entries[m->emails.count++] = (entry){m->a->hash, i, word, len};
        }
        bkey_contact_key_names(contact->first, contact->last, m->a);
        if (m->a->count > 0)
            m->names.entries[m->names.count++] = (entry){m->a->hash, i, NULL, 0};
    }
    qsort(m->emails.entries, m->emails.count, sizeof(entry), compare_entries);
    qsort(m->names.entries, m->names.count, sizeof(entry), compare_entries);
}

static size_t find_first(const table *in, uint64_t hash)
{
    size_t low = 0;
    size_t high = in->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (in->entries[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What a user found in one round. */
typedef struct found {
    uint32_t contact;
    bool is_doubtful;
    bool marks; /* sets every free contact that fits to contested, instead of looking */
} found;

static void take_hit(matching *m, uint32_t contact, bool is_name, found *out)
{
    const standing now = (standing)m->standings[contact];
    /* Many people share a name: one who has a contact says nothing about the others. */
    if (now == SPOKEN_FOR || (now == BLOCKED && is_name))
        return;
    if (out->marks) {
        m->standings[contact] = now == FREE ? CONTESTED : (uint8_t)now;
        return;
    }
    if (now != FREE || (out->contact != NOBODY && out->contact != contact))
        out->is_doubtful = true;
    out->contact = contact;
}

/* Every contact that fits the key in m->a. */
static void look_up(matching *m, const table *in, found *out)
{
    if (m->a->count == 0)
        return;
    for (size_t i = find_first(in, m->a->hash); i < in->count && in->entries[i].hash == m->a->hash;
         i++) {
        const entry *at = &in->entries[i];
        const bkey_contact *contact = &m->contacts[at->contact];
        if (at->text != NULL)
            bkey_contact_key_word(at->text, at->len, m->b);
        else
            bkey_contact_key_names(contact->first, contact->last, m->b);
        if (bkey_contact_key_equal(m->a, m->b))
            take_hit(m, at->contact, at->text == NULL, out);
    }
}

static void look(matching *m, const bkey_user *user, tier round, found *out)
{
    const char *at = user->emails;
    const char *word;
    size_t len;
    if (round == TIER_NAME) {
        bkey_contact_key_names(user->first, user->last, m->a);
        look_up(m, &m->names, out);
    } else if (round == TIER_SIGN_IN) {
        bkey_contact_key_word(user->sign_in, strlen(user->sign_in), m->a);
        look_up(m, &m->emails, out);
    } else {
        while ((word = next_word(&at, &len)) != NULL) {
            bkey_contact_key_word(word, len, m->a);
            look_up(m, &m->emails, out);
        }
    }
}

static void decide(matching *m, size_t user, bkey_contact_outcome outcome, uint32_t contact)
{
    m->out[user] = (bkey_contact_match){outcome, contact};
    m->is_decided[user] = true;
}

static void run_round(matching *m, tier round)
{
    static const bkey_contact_outcome outcomes[TIER_COUNT] = {
        BKEY_CONTACT_BY_EMAIL, BKEY_CONTACT_BY_SIGN_IN, BKEY_CONTACT_BY_NAME};
    memset(m->claims, 0, m->contact_count * sizeof m->claims[0]);
    for (size_t i = 0; i < m->user_count; i++) {
        found hit = {NOBODY, false, false};
        found marking = {NOBODY, false, true};
        if (m->is_decided[i])
            continue;
        look(m, &m->users[i], round, &hit);
        m->out[i] = (bkey_contact_match){BKEY_CONTACT_NEW, hit.contact};
        if (hit.is_doubtful) {
            look(m, &m->users[i], round, &marking);
            decide(m, i, BKEY_CONTACT_AMBIGUOUS, NOBODY);
        } else if (hit.contact != NOBODY) {
            m->claims[hit.contact]++;
        }
    }
    for (size_t i = 0; i < m->contact_count; i++)
        if (m->claims[i] > 1)
            m->standings[i] = CONTESTED;
    for (size_t i = 0; i < m->user_count; i++) {
        const uint32_t contact = m->out[i].contact;
        if (m->is_decided[i] || contact == NOBODY)
            continue;
        const bool is_won = m->standings[contact] == FREE;
        decide(m, i, is_won ? outcomes[round] : BKEY_CONTACT_AMBIGUOUS, is_won ? contact : NOBODY);
        if (is_won)
            m->standings[contact] = SPOKEN_FOR;
    }
}

/* Links from before; and who is listed twice counts once. */
static bkey_err follow_links(matching *m)
{
    bkey_idsort sorted;
    bkey_err err = bkey_idsort_init(&sorted, m->users, m->user_count, sizeof(bkey_user));
    if (!bkey_is_ok(err))
        return err;
    for (size_t i = 0; i < m->user_count; i++) {
        const bool is_last = bkey_idsort_find(&sorted, &m->users[i].id) == i;
        if (!is_last || !m->users[i].wanted)
            decide(m, i, BKEY_CONTACT_LEFT, NOBODY);
    }
    for (uint32_t i = 0; i < m->contact_count; i++) {
        const bkey_contact *contact = &m->contacts[i];
        const uint32_t user =
            sup_guid_is_zero(&contact->user) ? NOBODY : bkey_idsort_find(&sorted, &contact->user);
        m->standings[i] = user != NOBODY ? SPOKEN_FOR : contact->is_linked ? BLOCKED : FREE;
        if (user != NOBODY && m->users[user].wanted)
            decide(m, user, BKEY_CONTACT_LINKED, i);
    }
    bkey_idsort_done(&sorted);
    return bkey_ok();
}

static bkey_err allocate(matching *m)
{
    size_t words = 1;
    for (size_t i = 0; i < m->contact_count; i++)
        words += count_words(m->contacts[i].emails);
    m->emails.entries = calloc(words, sizeof(entry));
    m->names.entries = calloc(m->contact_count + 1, sizeof(entry));
    m->standings = calloc(m->contact_count + 1, sizeof *m->standings);
    m->claims = calloc(m->contact_count + 1, sizeof *m->claims);
    m->is_decided = calloc(m->user_count + 1, sizeof *m->is_decided);
    m->a = calloc(1, sizeof *m->a);
    m->b = calloc(1, sizeof *m->b);
    const bool whole = m->emails.entries != NULL && m->names.entries != NULL &&
                       m->standings != NULL && m->claims != NULL && m->is_decided != NULL &&
                       m->a != NULL && m->b != NULL;
    return whole ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

bkey_err bkey_contact_match_users(const bkey_user *users, size_t user_count,
                                  const bkey_contact *contacts, size_t contact_count,
                                  bkey_contact_match *out)
{
    matching m = {.users = users,
                  .user_count = user_count,
                  .contacts = contacts,
                  .contact_count = contact_count,
                  .out = out};
    bkey_err err = allocate(&m);
    if (bkey_is_ok(err))
        err = follow_links(&m);
    if (bkey_is_ok(err)) {
        fill_tables(&m);
        for (int round = TIER_EMAIL; round < TIER_COUNT; round++)
            run_round(&m, (tier)round);
        for (size_t i = 0; i < user_count; i++)
            if (!m.is_decided[i])
                out[i] = (bkey_contact_match){BKEY_CONTACT_NEW, NOBODY};
    }
    free(m.b);
    free(m.a);
    free(m.is_decided);
    free(m.claims);
    free(m.standings);
    free(m.names.entries);
    free(m.emails.entries);
    return err;
}

static bool is_gain(const char *ours, const char *theirs)
{
    return ours[0] == '\0' && theirs[0] != '\0';
}

bool bkey_contact_match_fills(const bkey_user *user, const bkey_contact *contact)
{
    return is_gain(contact->first, user->first) || is_gain(contact->last, user->last) ||
           is_gain(contact->emails, user->emails);
}
