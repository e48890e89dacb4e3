/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is whom among users and contacts: the order of evidence, and what stays undecided. */
/* LINK: plugin/src/domain/contact_match.c plugin/src/domain/contact_key.c
 * plugin/src/domain/idsort.c plugin/src/base/unicode.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c */
/* LIBS: -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/contact_match.h"

#define NONE UINT32_MAX
#define MOST 8u

typedef struct world {
    bkey_user users[MOST];
    bkey_contact contacts[MOST];
    size_t user_count, contact_count;
    bkey_contact_match out[MOST];
} world;

static world w;

static void clear(void)
{
    memset(&w, 0, sizeof w);
}

TestSuite(bkey_contact_match, .init = clear);

static sup_guid guid_of(uint8_t number)
{
    sup_guid id = {.bytes = {number}};
    return id;
}

static void add_user(const char *first, const char *last, const char *sign_in, const char *emails)
{
    const uint8_t number = (uint8_t)(w.user_count + 1);
    w.users[w.user_count++] =
        (bkey_user){guid_of(number), true, "somebody", first, last, sign_in, emails};
}

static void add_contact(const char *first, const char *last, const char *emails)
{
    w.contacts[w.contact_count++] = (bkey_contact){
        .id = "c", .name = "somebody", .first = first, .last = last, .emails = emails};
}

static void link_to(size_t contact, uint8_t user)
{
    w.contacts[contact].user = guid_of(user);
    w.contacts[contact].is_linked = true;
}

static void run(void)
{
    cr_assert(bkey_is_ok(
        bkey_contact_match_users(w.users, w.user_count, w.contacts, w.contact_count, w.out)));
}

static void expect(size_t user, bkey_contact_outcome outcome, uint32_t contact)
{
    cr_expect_eq(w.out[user].outcome, outcome, "user %zu: %d", user, (int)w.out[user].outcome);
    cr_expect_eq(w.out[user].contact, contact, "user %zu", user);
}

/* S1.103 */
Test(bkey_contact_match, evidence_counts_in_its_order)
{
    add_contact("Ana", "Ruiz", "");
    add_contact("", "", "ana@login.example");
    add_contact("", "", "x@y.example ALIAS@fernhill.example");
    add_user("Ana", "Ruiz", "ana@login.example", "ana@fernhill.example alias@fernhill.example");
    add_user("ana", " RUIZ ", "other@login.example", "");
    add_user("New", "Body", "new@login.example", "new@fernhill.example");
    run();
    expect(0, BKEY_CONTACT_BY_EMAIL, 2);
    expect(1, BKEY_CONTACT_BY_NAME, 0);
    expect(2, BKEY_CONTACT_NEW, NONE);
    w.users[0].emails = "";
    run();
    expect(0, BKEY_CONTACT_BY_SIGN_IN, 1);
}

Test(bkey_contact_match, composition_and_width_make_no_difference)
{
    add_contact("Jose\xCC\x81",
                "N\xC3\xBA\xC3\xB1"
                "ez",
                "");
    add_user("Jos\xC3\xA9",
             "Nu\xCC\x81n\xCC\x83"
             "ez",
             "", "");
    add_user("Jose", "Nunez", "", "");
    run();
    expect(0, BKEY_CONTACT_BY_NAME, 0);
    expect(1, BKEY_CONTACT_NEW, NONE);
}

Test(bkey_contact_match, half_a_name_is_none)
{
    add_contact("Dan", "", "");
    add_user("Dan", "", "", "");
    add_contact("", "", "");
    add_user("", "", "", "");
    run();
    expect(0, BKEY_CONTACT_NEW, NONE);
    expect(1, BKEY_CONTACT_NEW, NONE);
}

Test(bkey_contact_match, what_two_want_is_nobodys_in_later_rounds_too)
{
    add_contact("Jon", "Doe", "office@fernhill.example");
    add_user("A", "A", "", "office@fernhill.example");
    add_user("B", "B", "", "b@fernhill.example office@fernhill.example");
    add_user("Jon", "Doe", "", "jon@fernhill.example");
    run();
    expect(0, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(1, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(2, BKEY_CONTACT_AMBIGUOUS, NONE);
}

Test(bkey_contact_match, two_contacts_for_one_user_are_left)
{
    add_contact("", "", "a@fernhill.example");
    add_contact("", "", "b@fernhill.example");
    add_user("A", "A", "", "a@fernhill.example b@fernhill.example");
    add_user("B", "B", "b@fernhill.example", "");
    run();
    expect(0, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(1, BKEY_CONTACT_AMBIGUOUS, NONE);
}

Test(bkey_contact_match, links_from_before_come_first)
{
    add_contact("", "", "a@fernhill.example");
    add_contact("Ann", "Other", "");
    link_to(1, 1);
    add_user("A", "A", "", "a@fernhill.example");
    add_user("B", "B", "", "a@fernhill.example");
    add_user("Ann", "Other", "", "");
    run();
    expect(0, BKEY_CONTACT_LINKED, 1);
    expect(1, BKEY_CONTACT_BY_EMAIL, 0);
    expect(2, BKEY_CONTACT_NEW, NONE);
}

Test(bkey_contact_match, address_of_somebody_else_makes_doubtful_but_a_name_does_not)
{
    add_contact("Ana", "Ruiz", "a@fernhill.example");
    link_to(0, 200); /* a user that is not listed any more */
    add_user("Ana", "Ruiz", "", "a@fernhill.example");
    add_user("Ana", "Ruiz", "", "ana2@fernhill.example");
    run();
    expect(0, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(1, BKEY_CONTACT_NEW, NONE);
}

Test(bkey_contact_match, unwanted_and_repeated_users_are_left)
{
    add_contact("", "", "a@fernhill.example");
    add_contact("", "", "b@fernhill.example");
    link_to(1, 2);
    add_user("A", "A", "", "a@fernhill.example");
    add_user("B", "B", "", "b@fernhill.example");
    add_user("A", "A", "", "a@fernhill.example");
    w.users[1].wanted = false;
    w.users[2].id = guid_of(1);
    run();
    expect(0, BKEY_CONTACT_LEFT, NONE);
    expect(1, BKEY_CONTACT_LEFT, NONE);
    expect(2, BKEY_CONTACT_BY_EMAIL, 0);
}

/* An unchanged tick writes nothing. */
Test(bkey_contact_match, result_is_stable)
{
    add_contact("", "", "a@fernhill.example");
    add_contact("", "", "office@fernhill.example");
    add_user("A", "A", "", "a@fernhill.example");
    add_user("B", "B", "", "office@fernhill.example");
    add_user("C", "C", "", "office@fernhill.example");
    add_user("D", "D", "", "d@fernhill.example");
    run();
    expect(0, BKEY_CONTACT_BY_EMAIL, 0);
    expect(3, BKEY_CONTACT_NEW, NONE);
    link_to(0, 1);
    add_contact("D", "D", "d@fernhill.example");
    link_to(2, 4);
    run();
    expect(0, BKEY_CONTACT_LINKED, 0);
    expect(1, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(2, BKEY_CONTACT_AMBIGUOUS, NONE);
    expect(3, BKEY_CONTACT_LINKED, 2);
}

Test(bkey_contact_match, only_what_is_empty_is_filled)
{
    add_user("Ana", "Ruiz", "", "a@fernhill.example");
    add_contact("A.", "R.", "x@y.example");
    cr_expect_not(bkey_contact_match_fills(&w.users[0], &w.contacts[0]));
    w.contacts[0].emails = "";
    cr_expect(bkey_contact_match_fills(&w.users[0], &w.contacts[0]));
    w.users[0].emails = "";
    cr_expect_not(bkey_contact_match_fills(&w.users[0], &w.contacts[0]));
}
