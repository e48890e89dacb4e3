/* SPDX-License-Identifier: Apache-2.0
 *
 * Users become contacts (S1.102, S1.103): comes last, because keys come first, and never ends a
 * tick for what Microsoft answers. Must not know keys. */
#include "usecase/sync_contacts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/decode_user.h"
#include "graph/endpoints.h"
#include "support/utf8.h"

#define NEEDED (BKEY_PERM_USERS | BKEY_PERM_LICENCES)
#define NAME_POINTS 255u
#define NAME_SIZE (NAME_POINTS * 4u + 1u)
#define CONTACT_ID_BYTES 16u
#define ITEMS_OF_ONE 2u

typedef struct people {
    bkey_sync *sync;
    const char *organization_id;
    bkey_arena texts;
    bkey_vec licences; /* bkey_licence */
    bkey_vec users;    /* bkey_user */
    bkey_vec contacts; /* bkey_contact */
    bkey_contact_match *matches;
} people;

/* ---- what Microsoft has ---- */

static bkey_err take_licence(void *context, const bkey_licence *row)
{
    people *p = context;
    bkey_licence *licence = bkey_vec_add(&p->licences);
    if (licence == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *licence = *row;
    return bkey_ok();
}

static bkey_err read_licences(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_user_licences(body, sync->connection.graph_url, sync->settings.licence_types,
                                     take_licence, context, out_page);
}

/* As the host takes names: no control characters, not too long, no blanks around. */
static const char *keep_name(people *p, const char *text)
{
    char clean[NAME_SIZE];
    size_t points = 0;
    size_t end = 0;
    text += strspn(text, " ");
    size_t len = sup_utf8_clean(text, strlen(text), clean, sizeof clean);
    for (; end < len; end++) {
        points += ((unsigned char)clean[end] & 0xC0U) != 0x80U;
        if (points > NAME_POINTS)
            break;
    }
    while (end > 0 && clean[end - 1] == ' ')
        end--;
    clean[end] = '\0';
    return end == 0 ? "" : bkey_arena_text(&p->texts, clean);
}

static const char *keep_text(people *p, const char *text)
{
    return text[0] == '\0' ? "" : bkey_arena_text(&p->texts, text);
}

/* Everybody is called something: by the full name, the sign-in name or at least the id. */
static const char *find_name(people *p, const bkey_user *row)
{
    char both[2u * NAME_SIZE];
    char id[SUP_GUID_TEXT_LEN + 1];
    const char *name = keep_name(p, row->name);
    if (name != NULL && name[0] == '\0') {
        (void)snprintf(both, sizeof both, "%.*s %.*s", (int)NAME_SIZE - 1, row->first,
                       (int)NAME_SIZE - 1, row->last);
        name = keep_name(p, both);
    }
    if (name != NULL && name[0] == '\0')
        name = keep_name(p, row->sign_in);
    if (name != NULL && name[0] == '\0') {
        sup_guid_format(&row->id, id);
        name = keep_name(p, id);
    }
    return name;
}

static bkey_err take_user(void *context, const bkey_user *row)
{
    people *p = context;
    bkey_user *user = bkey_vec_add(&p->users);
    if (user == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *user = (bkey_user){row->id, row->wanted, "", "", "", "", ""};
    if (!row->wanted)
        return bkey_ok();
    user->name = find_name(p, row);
    user->first = keep_name(p, row->first);
    user->last = keep_name(p, row->last);
    user->sign_in = keep_text(p, row->sign_in);
    user->emails = keep_text(p, row->emails);
    const bool whole = user->name != NULL && user->first != NULL && user->last != NULL &&
                       user->sign_in != NULL && user->emails != NULL;
    return whole ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err read_users(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page)
{
    const people *p = context;
    const bkey_user_listing listing = {.graph_url = sync->connection.graph_url,
                                       .licences = p->licences.items,
                                       .licence_count = p->licences.count,
                                       .sink = take_user,
                                       .context = context};
    return bkey_decode_users(body, &listing, out_page);
}

/* Whom nobody licensed is not asked for. */
static bkey_err list_people(people *p)
{
    bkey_sync_listing licences = {.kind = BKEY_CALL_USERS,
                                  .begin = bkey_endpoints_licences,
                                  .read = read_licences,
                                  .context = p};
    bkey_sync_listing users = {
        .kind = BKEY_CALL_USERS, .begin = bkey_endpoints_users, .read = read_users, .context = p};
    bkey_err err = bkey_sync_listing_one(p->sync, &licences);
    if (bkey_is_ok(err) && p->licences.count > 0)
        err = bkey_sync_listing_one(p->sync, &users);
    return err;
}

/* ---- what the host has ---- */

/* The user that a link of ours names; zero when it is one of another tenant. */
static sup_guid read_link(const bkey_sync *sync, const char *external_id)
{
    sup_guid id;
    memset(&id, 0, sizeof id);
    if (strncmp(external_id, sync->tenant_text, SUP_GUID_TEXT_LEN) == 0 &&
        external_id[SUP_GUID_TEXT_LEN] == ':')
        (void)sup_guid_parse(external_id + SUP_GUID_TEXT_LEN + 1, SUP_GUID_TEXT_LEN, &id);
    return id;
}

static bkey_err take_contact(void *context, const bkey_contact_view *row)
{
    people *p = context;
    bkey_contact *contact = bkey_vec_add(&p->contacts);
    if (contact == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *contact = (bkey_contact){.id = keep_text(p, row->contact_id),
                              .name = keep_text(p, row->name),
                              .first = keep_text(p, row->first_name),
                              .last = keep_text(p, row->last_name),
                              .emails = keep_text(p, row->emails),
                              .user = read_link(p->sync, row->external_id),
                              .is_linked = row->taken || row->external_id[0] != '\0',
                              .revision = row->revision};
    const bool whole = contact->id != NULL && contact->name != NULL && contact->first != NULL &&
                       contact->last != NULL && contact->emails != NULL;
    return whole ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err match(people *p)
{
    const bkey_ports *ports = p->sync->ports;
    bkey_err err = ports->contacts(ports->self, p->sync->call, p->organization_id, take_contact, p);
    if (!bkey_is_ok(err))
        return err;
    p->matches = calloc(p->users.count + 1, sizeof *p->matches);
    if (p->matches == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    return bkey_contact_match_users(p->users.items, p->users.count, p->contacts.items,
                                    p->contacts.count, p->matches);
}

/* ---- what is written ---- */

static const char *new_id(people *p)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[CONTACT_ID_BYTES];
    char text[2u * CONTACT_ID_BYTES + 1u];
    const bkey_ports *ports = p->sync->ports;
    ports->random(ports->self, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15U];
    }
    text[2u * CONTACT_ID_BYTES] = '\0';
    return bkey_batch_text(&p->sync->batch, text);
}

static void add_items(people *p, const bkey_user *user, const bkey_contact *contact,
                      bkey_contact_outcome outcome)
{
    static const char *const details[] = {[BKEY_CONTACT_LINKED] = "contact",
                                          [BKEY_CONTACT_BY_EMAIL] = "contact, by mail address",
                                          [BKEY_CONTACT_BY_SIGN_IN] = "contact, by sign-in name",
                                          [BKEY_CONTACT_BY_NAME] =
                                              "contact, by first and last name",
                                          [BKEY_CONTACT_NEW] = "contact"};
    char external_id[BKEY_EXTERNAL_ID_SIZE];
    bkey_batch *batch = &p->sync->batch;
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_CONTACT);
    bkey_sync_record_external_id(p->sync, &user->id, external_id);
    item->expect_revision = contact != NULL ? contact->revision : 0;
    item->organization_id = p->organization_id;
    item->contact_id = contact != NULL ? contact->id : new_id(p);
    item->external_id = bkey_batch_text(batch, external_id);
    item->title = user->name;
    item->first_name = user->first;
    item->last_name = user->last;
    item->emails = user->emails;
    bkey_item *entry = bkey_batch_add(batch, BKEY_ITEM_ACTIVITY);
    entry->action = outcome == BKEY_CONTACT_NEW      ? BKEY_ACTION_CREATED
                    : outcome == BKEY_CONTACT_LINKED ? BKEY_ACTION_UPDATED
                                                     : BKEY_ACTION_MATCHED;
    entry->organization_id = p->organization_id;
    entry->external_id = item->contact_id;
    entry->title = contact != NULL ? contact->name : user->name;
    entry->detail = details[outcome];
}

static bkey_err write_one(people *p, size_t at)
{
    const bkey_user *user = &((const bkey_user *)p->users.items)[at];
    const bkey_contact_match *found = &p->matches[at];
    const bkey_contact *contacts = p->contacts.items;
    const bkey_contact *contact = found->contact != UINT32_MAX ? &contacts[found->contact] : NULL;
    bkey_sync *sync = p->sync;
    bkey_err err = bkey_ok();
    sync->contacts.ambiguous += found->outcome == BKEY_CONTACT_AMBIGUOUS;
    if (found->outcome == BKEY_CONTACT_LEFT || found->outcome == BKEY_CONTACT_AMBIGUOUS ||
        (found->outcome == BKEY_CONTACT_LINKED && !bkey_contact_match_fills(user, contact)))
        return bkey_ok();
    sync->contacts.created += contact == NULL;
    sync->contacts.updated += contact != NULL;
    if (sync->dry_run)
        return bkey_ok();
    if (bkey_batch_room(&sync->batch) < ITEMS_OF_ONE)
        err = bkey_batch_apply(&sync->batch);
    if (bkey_is_ok(err))
        add_items(p, user, contact, found->outcome);
    return err;
}

static bkey_err write_all(people *p)
{
    bkey_err err = bkey_ok();
    for (size_t i = 0; i < p->users.count && bkey_is_ok(err); i++)
        err = write_one(p, i);
    return bkey_is_ok(err) && !p->sync->dry_run ? bkey_batch_apply(&p->sync->batch) : err;
}

static bkey_err run(people *p)
{
    bkey_sync_answer answer = BKEY_SYNC_NO_NEWS;
    bkey_err listed = list_people(p);
    bkey_err err = bkey_sync_devices_judge(listed, &answer);
    if (!bkey_is_ok(err))
        return err;
    if (answer != BKEY_SYNC_COMPLETE) {
        p->sync->contacts.problem = bkey_err_text(listed);
        return bkey_ok();
    }
    err = p->users.count > 0 ? match(p) : bkey_ok();
    return bkey_is_ok(err) && p->matches != NULL ? write_all(p) : err;
}

static bool is_placed(const bkey_sync *sync)
{
    return sync->connection.organization_count == 1 && sync->gone_organizations == 0;
}

static bool is_granted(const bkey_sync *sync)
{
    return (sync->granted & NEEDED) == NEEDED;
}

bkey_err bkey_sync_contacts_run(bkey_sync *sync)
{
    people p = {.sync = sync, .organization_id = sync->connection.organization_ids[0]};
    memset(&sync->contacts, 0, sizeof sync->contacts);
    if (sync->ports->contacts == NULL || !sync->settings.sync_contacts || !is_placed(sync) ||
        !is_granted(sync) || bkey_sync_state_find(sync, p.organization_id) == BKEY_NONE)
        return bkey_ok();
    bkey_arena_init(&p.texts);
    bkey_vec_init(&p.licences, sizeof(bkey_licence));
    bkey_vec_init(&p.users, sizeof(bkey_user));
    bkey_vec_init(&p.contacts, sizeof(bkey_contact));
    bkey_err err = run(&p);
    bkey_batch_clear(&sync->batch); /* its texts are ours */
    free(p.matches);
    bkey_vec_done(&p.contacts);
    bkey_vec_done(&p.users);
    bkey_vec_done(&p.licences);
    bkey_arena_done(&p.texts);
    return err;
}

void bkey_sync_contacts_check(bkey_sync *sync)
{
    if (sync->ports->contacts == NULL || !sync->settings.sync_contacts)
        return;
    if (is_placed(sync) && !is_granted(sync))
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_NO_CONTACTS, 0);
    if (sync->connection.organization_count > 1 && is_granted(sync))
        bkey_preflight_add(&sync->preflight, BKEY_PREFLIGHT_CONTACTS_UNPLACED,
                           (int64_t)sync->connection.organization_count);
}

void bkey_sync_contacts_tell(const bkey_sync *sync, char *text, size_t cap)
{
    const bkey_sync_contacts *found = &sync->contacts;
    const size_t len = strlen(text);
    if (found->problem != NULL)
        (void)snprintf(text + len, cap - len, " Contacts were left as they are: %s",
                       found->problem);
    else if (found->created + found->updated + found->ambiguous > 0)
        (void)snprintf(text + len, cap - len,
                       " Contacts: %" PRIu64 " created, %" PRIu64 " updated, %" PRIu64
                       " not told apart.",
                       found->created, found->updated, found->ambiguous);
}
