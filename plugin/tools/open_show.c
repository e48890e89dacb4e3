/* SPDX-License-Identifier: Apache-2.0
 *
 * See open_show.h. */
#include "open_show.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/recovery_key.h"
#include "os_open.h"
#include "state/held.h"
#include "state/places.h"

#define PLACES_MAX 65536u
#define LINE_SIZE (SUP_GUID_TEXT_LEN + 1u + BKEY_HELD_VERBATIM_MAX + 2u)
#define SOURCE_BREAK_GLASS 7u

typedef struct place_row {
    sup_guid tenant;
    char organization_id[BKEY_ORGANIZATION_MAX + 1];
} place_row;

typedef struct showing {
    const bkey_open_request *request;
    bkey_journal_end end;
    int journal; /* held until all is shown */
    size_t journal_len;
    place_row *places;
    size_t place_count;
    sup_guid *ids; /* of the place at hand */
    size_t id_count;
    size_t shown;
} showing;

static bool say(const showing *s, const char *text)
{
    (void)snprintf(s->request->why, s->request->why_size, "%s", text);
    return false;
}

static bool read_journal(showing *s)
{
    const bkey_open_request *request = s->request;
    bkey_os_bytes bytes;
    if (!bkey_os_open_journal(request->journal, &s->journal, request->why, request->why_size) ||
        !bkey_os_open_read_journal(s->journal, request->journal, BKEY_JOURNAL_MAX, &bytes,
                                   request->why, request->why_size))
        return false;
    bkey_err err = bkey_ok();
    if (bytes.len > 0)
        err = bkey_journal_read(request->vault, (bkey_bytes){bytes.ptr, bytes.len}, NULL, NULL,
                                &s->end);
    s->journal_len = bytes.len;
    sodium_free(bytes.ptr);
    return bkey_is_ok(err) ? true
                           : say(s, "The journal was altered or is none: move it away, keep it, "
                                    "and try again.");
}

static bool write_journal(showing *s, const bkey_audit_entry *entry)
{
    const bkey_open_request *request = s->request;
    uint8_t record[BKEY_JOURNAL_MAGIC_LEN + BKEY_JOURNAL_RECORD_MAX];
    size_t start = s->journal_len > 0 ? 0 : BKEY_JOURNAL_MAGIC_LEN;
    size_t len = 0;
    bkey_journal_end end;
    memcpy(record, BKEY_JOURNAL_MAGIC, BKEY_JOURNAL_MAGIC_LEN);
    bkey_err err = bkey_journal_seal(request->vault, &s->end, entry, record + start, &len, &end);
    if (!bkey_is_ok(err))
        return say(s, bkey_err_text(err));
    /* What is longer the host does not take over. */
    if (start + len > BKEY_JOURNAL_MAX - s->journal_len)
        return say(s, "The journal is full: start the host, which takes it over, or move it away "
                      "and keep it. What is not shown yet was not read.");
    if (!bkey_os_open_append(s->journal, request->journal, record, start + len, request->why,
                             request->why_size))
        return false;
    s->end = end;
    s->journal_len += start + len;
    return true;
}

static bool note(showing *s, const bkey_place *place, const bkey_held_key *key, bkey_err err)
{
    const bkey_open_request *request = s->request;
    const bkey_call *call = request->call;
    const bkey_ports *ports = bkey_vault_ports(request->vault);
    bkey_audit_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.time_ms = ports->wall_ms(ports->self);
    entry.actor = call->actor;
    entry.address = "";
    entry.organization_id = place != NULL ? place->organization_id : "";
    entry.device_name = "";
    entry.reason = request->reason;
    entry.ticket = request->ticket;
    entry.source = SOURCE_BREAK_GLASS;
    entry.os_uid = call->os_uid;
    entry.actor_kind = call->actor_kind;
    entry.purpose = 1;
    entry.error_reason = err.reason;
    entry.result = bkey_is_ok(err)                 ? BKEY_AUDIT_SHOWN
                   : bkey_is(err, BKEY_E_NO_STATE) ? BKEY_AUDIT_REFUSED
                                                   : BKEY_AUDIT_FAILED;
    if (place != NULL)
        entry.tenant = place->tenant;
    if (key != NULL) {
        entry.key_id = key->id;
        entry.device_id = key->device_id;
        entry.meta_revision = key->meta_revision;
        entry.secret_revision = key->secret_revision;
    }
    return write_journal(s, &entry);
}

static bkey_err take_place(void *context, const bkey_place *place)
{
    showing *s = context;
    const char *wanted = s->request->organization_id;
    if (sup_guid_is_zero(&place->tenant) ||
        (s->request->key_id == NULL && strcmp(place->organization_id, wanted) != 0))
        return bkey_ok();
    if (s->place_count == PLACES_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    place_row *row = &s->places[s->place_count++];
    row->tenant = place->tenant;
    (void)snprintf(row->organization_id, sizeof row->organization_id, "%s", place->organization_id);
    return bkey_ok();
}

/* Digits go from guarded memory to standard output. */
static bool print_secret(const showing *s, const sup_guid *id, bkey_secret *secret, bool malformed)
{
    bkey_secret *line = NULL;
    char *text = NULL;
    size_t len = 0;
    if (!bkey_is_ok(bkey_secret_new(s->request->slab, LINE_SIZE, &line)))
        return false;
    text = (char *)bkey_secret_borrow(line);
    if (s->request->key_id == NULL) {
        sup_guid_format(id, text);
        text[SUP_GUID_TEXT_LEN] = ' ';
        len = SUP_GUID_TEXT_LEN + 1;
    }
    const uint8_t *bytes = bkey_secret_borrow(secret);
    if (malformed) {
        memcpy(text + len, bytes, bkey_secret_len(secret));
        len += bkey_secret_len(secret);
    } else {
        bkey_recovery_key_format(bytes, text + len);
        len += BKEY_RECOVERY_KEY_TEXT_SIZE - 1;
    }
    text[len++] = '\n';
    bkey_secret_return(secret);
    bool ok = bkey_os_open_print(text, len);
    bkey_secret_return(line);
    bkey_secret_free(&line);
    return ok;
}

static bool show_key(showing *s, const bkey_place *place, const sup_guid *id)
{
    bkey_held_key key;
    bkey_secret *secret = NULL;
    bool malformed = false;
    memset(&key, 0, sizeof key);
    bkey_err err = bkey_held_get(place, id, &key);
    if (bkey_is(err, BKEY_E_NO_STATE) && s->request->key_id != NULL)
        return true; /* of another place */
    key.id = *id;
    if (bkey_is_ok(err))
        err = bkey_held_open_secret(place, id, &secret, &malformed);
    bool ok = note(s, place, &key, err);
    if (ok && bkey_is_ok(err)) {
        ok = print_secret(s, id, secret, malformed) ? true : say(s, "The output failed.");
        s->shown++;
    } else if (ok) {
        ok = say(s, bkey_err_text(err));
    }
    bkey_secret_free(&secret);
    return ok;
}

static bkey_err take_id(void *context, const bkey_held_key *key)
{
    showing *s = context;
    sup_guid *larger = realloc(s->ids, (s->id_count + 1) * sizeof *larger);
    if (larger == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    s->ids = larger;
    s->ids[s->id_count++] = key->id;
    return bkey_ok();
}

static bool show_place(showing *s, const bkey_place *place)
{
    if (s->request->key_id != NULL)
        return show_key(s, place, s->request->key_id);
    s->id_count = 0;
    bkey_err err = bkey_held_scan(place, take_id, s);
    if (!bkey_is_ok(err))
        return note(s, place, NULL, err) && say(s, bkey_err_text(err));
    for (size_t i = 0; i < s->id_count; i++) {
        if (!show_key(s, place, &s->ids[i]))
            return false;
    }
    return true;
}

static bool show_all(showing *s)
{
    const bkey_open_request *request = s->request;
    bkey_err err = bkey_places_scan(request->vault, request->call, take_place, s);
    if (!bkey_is_ok(err))
        return note(s, NULL, NULL, err) && say(s, bkey_err_text(err));
    for (size_t i = 0; i < s->place_count; i++) {
        const bkey_place place = {request->vault, request->call, s->places[i].tenant,
                                  s->places[i].organization_id};
        if (!show_place(s, &place))
            return false;
    }
    if (s->shown > 0)
        return true;
    bkey_held_key key;
    memset(&key, 0, sizeof key);
    if (request->key_id != NULL)
        key.id = *request->key_id;
    return note(s, NULL, &key, bkey_fail(BKEY_E_NO_STATE)) && say(s, "No such key is stored here.");
}

bool bkey_open_show_run(const bkey_open_request *request)
{
    showing s = {.request = request, .journal = -1};
    s.places = calloc(PLACES_MAX, sizeof *s.places);
    if (s.places == NULL)
        return say(&s, "Out of memory.");
    bool ok = read_journal(&s) && show_all(&s);
    bkey_os_open_close_journal(s.journal, request->journal);
    free(s.ids);
    free(s.places);
    return ok;
}
