/* SPDX-License-Identifier: Apache-2.0
 *
 * See import_keys.h. New keys go to nobody's folder: the next sync puts them where they belong. */
#include "usecase/import_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "state/held.h"
#include "state/imported.h"
#include "support/utf8.h"
#include "usecase/audit_log.h"
#include "usecase/import_lines.h"

/* Metadata, password, what was told, activity, audit; and one head of the audit for all. */
#define ITEMS_PER_LINE 5u
#define TRIES 8u /* a tick may write the same rows at the same time */

typedef struct importing {
    const bkey_import_request *request;
    bkey_import_book book;
    bkey_batch batch;
    bkey_audit_log log;
    bkey_audit_run audit;
    uint64_t written;
} importing;

/* Who took which key over, when, and from what; it lands with the key or neither does. */
static bkey_err put_audit(importing *i, const bkey_import_line *line, const bkey_held_key *key,
                          const char *from)
{
    bkey_audit_entry entry;
    memset(&entry, 0, sizeof entry);
    bkey_audit_log_who(&i->log, &entry);
    entry.result = BKEY_AUDIT_IMPORTED;
    entry.organization_id = "";
    entry.device_name = line->name;
    entry.reason = from;
    entry.tenant = i->book.connection.tenant;
    entry.key_id = line->key_id;
    entry.device_id = key->device_id;
    /* Rows of another place are no witnesses in this chain. */
    if (key->organization == BKEY_NONE) {
        entry.meta_revision = key->meta_revision;
        entry.secret_revision = key->secret_revision;
    }
    return bkey_audit_log_add(&i->audit, &entry, &i->batch);
}

static const char *name_source(const importing *i, bool is_new)
{
    const bool is_typed = i->request->origin == BKEY_ORIGIN_PERSON;
    if (is_new)
        return is_typed ? "imported from a typed password"
                        : "imported from an Active Directory export";
    return is_typed
               ? "imported from a typed password; it was held with the same password"
               : "imported from an Active Directory export; it was held with the same password";
}

static void put_activity(importing *i, const bkey_import_line *line, bkey_action action)
{
    char id[BKEY_EXTERNAL_ID_SIZE];
    sup_guid_format(&i->book.connection.tenant, id);
    id[SUP_GUID_TEXT_LEN] = ':';
    sup_guid_format(&line->key_id, id + SUP_GUID_TEXT_LEN + 1);
    bkey_item *item = bkey_batch_add(&i->batch, BKEY_ITEM_ACTIVITY);
    item->action = action;
    item->external_id = bkey_batch_text(&i->batch, id);
    /* It belongs to no organization yet: its name is told to nobody but who sees all. */
    item->title = bkey_batch_text(&i->batch, line->name[0] != '\0' ? line->name : "imported key");
    item->detail =
        action == BKEY_ACTION_CREATED ? "imported" : "imported: it was held with the same password";
}

/* It was held already: one key, and one more place that knows it (S3.6). */
static bkey_err add_origin(importing *i, const bkey_import_line *line)
{
    const bkey_import_held *held = (const bkey_import_held *)i->book.held.items + line->held;
    const bkey_place place = bkey_import_lines_place(&i->book, held->place);
    bkey_held_key key = held->key;
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    if (key.origins == 0)
        key.origins = BKEY_ORIGIN_ENTRA;
    key.origins |= i->request->origin;
    bkey_err err = bkey_held_seal(&place, &key, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&i->batch, &sealed);
        put_activity(i, line, BKEY_ACTION_UPDATED);
        key.meta_revision++;
        key.organization = held->place[0] == '\0' ? BKEY_NONE : 0;
        err = put_audit(i, line, &key, name_source(i, false));
    }
    bkey_sealed_done(&sealed);
    return err;
}

static bkey_err seal_told(importing *i, const bkey_import_line *line, const bkey_place *none,
                          bkey_sealed *out)
{
    const bkey_import_request *request = i->request;
    const bkey_call *call = request->call;
    bkey_imported told;
    memset(&told, 0, sizeof told);
    told.key_id = line->key_id;
    told.imported_ms = request->ports->wall_ms(request->ports->self);
    (void)snprintf(told.organization_id, sizeof told.organization_id, "%s",
                   request->organization_id);
    (void)snprintf(told.name, sizeof told.name, "%s", line->name);
    (void)snprintf(told.serial, sizeof told.serial, "%s", line->serial);
    (void)sup_utf8_clean(call->actor, strlen(call->actor), told.who, sizeof told.who);
    bkey_err err = bkey_imported_revision(none, &line->key_id, &told.revision);
    return bkey_is_ok(err) ? bkey_imported_seal(none, &told, out) : err;
}

static bkey_err seal_new(importing *i, bkey_held_key *key, bkey_secret *secret, bkey_sealed out[2])
{
    const bkey_place none = bkey_import_lines_place(&i->book, "");
    bkey_err err = bkey_held_revisions(&none, &key->id, &key->meta_revision, &key->secret_revision);
    if (bkey_is_ok(err))
        err = bkey_held_seal_secret(&none, key, secret, &out[0]);
    key->secret_revision++;
    if (bkey_is_ok(err))
        err = bkey_held_seal(&none, key, &out[1]);
    key->meta_revision++;
    return err;
}

static bkey_err add_new(importing *i, const bkey_import_line *line, const uint8_t *password)
{
    const bkey_place none = bkey_import_lines_place(&i->book, "");
    bkey_held_key key = {.id = line->key_id,
                         .created_ms = line->created_ms,
                         .organization = BKEY_NONE,
                         .volume = BKEY_VOLUME_UNKNOWN,
                         .flags = BKEY_HELD_SECRET,
                         .origins = i->request->origin};
    bkey_sealed sealed[3];
    bkey_secret *secret = NULL;
    memset(sealed, 0, sizeof sealed);
    bkey_err err = bkey_secret_dup(i->request->slab, password, BKEY_RECOVERY_KEY_BYTES, &secret);
    if (bkey_is_ok(err))
        err = seal_new(i, &key, secret, sealed);
    if (bkey_is_ok(err))
        err = seal_told(i, line, &none, &sealed[2]);
    for (size_t k = 0; bkey_is_ok(err) && k < 3; k++)
        bkey_batch_put(&i->batch, &sealed[k]);
    if (bkey_is_ok(err)) {
        put_activity(i, line, BKEY_ACTION_CREATED);
        err = put_audit(i, line, &key, name_source(i, true));
    }
    for (size_t k = 0; k < 3; k++)
        bkey_sealed_done(&sealed[k]);
    bkey_secret_free(&secret);
    return err;
}

static bool adds_origin(const importing *i, const bkey_import_line *line)
{
    if (line->outcome != BKEY_IMPORT_SAME || line->held == BKEY_NONE || line->is_repeated)
        return false;
    const bkey_import_held *held = (const bkey_import_held *)i->book.held.items + line->held;
    return (held->key.origins & i->request->origin) == 0;
}

static bkey_err write_line(importing *i, const bkey_import_line *line, const bkey_import_row *row)
{
    bool is_new = line->outcome == BKEY_IMPORT_NEW;
    if (!is_new && !adds_origin(i, line))
        return bkey_ok();
    bkey_err err = bkey_batch_room(&i->batch) < ITEMS_PER_LINE + 1
                       ? bkey_audit_log_apply(&i->audit, &i->batch)
                       : bkey_ok();
    if (bkey_is_ok(err))
        err = is_new ? add_new(i, line, row->password) : add_origin(i, line);
    i->written += bkey_is_ok(err);
    return err;
}

/* The file is read a second time: its passwords were not kept. */
static bkey_err write_lines(importing *i, char *detail)
{
    const bkey_place none = bkey_import_lines_place(&i->book, "");
    const bkey_import_line *lines = i->book.lines.items;
    bkey_import_reader reader;
    bkey_import_row row;
    bkey_batch_clear(&i->batch);
    i->written = 0;
    bkey_err err = bkey_vault_ensure(&none);
    if (bkey_is_ok(err))
        err = bkey_audit_log_begin(&i->log, "", &i->audit);
    if (bkey_is_ok(err))
        err = bkey_import_reader_open(i->request->slab, i->request->file, &reader, detail);
    if (!bkey_is_ok(err))
        return err;
    for (size_t at = 0; bkey_is_ok(err) && bkey_import_reader_next(&reader, &row); at++)
        err = write_line(i, &lines[at], &row);
    bkey_import_reader_close(&reader);
    return bkey_is_ok(err) ? bkey_audit_log_apply(&i->audit, &i->batch) : err;
}

static void put_line(bkey_json_builder *builder, bkey_json *list, const bkey_import_line *line)
{
    static const char *const words[] = {[BKEY_IMPORT_NEW] = "new",
                                        [BKEY_IMPORT_SAME] = "same",
                                        [BKEY_IMPORT_CONFLICT] = "conflict",
                                        [BKEY_IMPORT_REFUSED] = "refused"};
    char key[SUP_GUID_TEXT_LEN + 1] = "";
    bkey_json *row = bkey_json_add_object(builder, list);
    if (!sup_guid_is_zero(&line->key_id))
        sup_guid_format(&line->key_id, key);
    bkey_json_put_int(builder, row, "line", line->line);
    bkey_json_put_text(builder, row, "outcome", words[line->outcome]);
    bkey_json_put_text(builder, row, "key_id", key);
    bkey_json_put_text(builder, row, "device", line->name);
    bkey_json_put_text(builder, row, "why", line->why);
}

static bkey_err write_result(const importing *i, sup_buffer *json)
{
    static const struct {
        const char *name;
        bkey_import_outcome outcome;
    } counts[] = {{"new", BKEY_IMPORT_NEW},
                  {"same", BKEY_IMPORT_SAME},
                  {"conflicts", BKEY_IMPORT_CONFLICT},
                  {"refused", BKEY_IMPORT_REFUSED}};
    bkey_json_builder builder;
    bkey_json_builder_init(&builder);
    bkey_json_put_bool(&builder, builder.root, "dry_run", i->request->dry_run);
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
        bkey_json_put_int(&builder, builder.root, counts[k].name,
                          (int64_t)i->book.counts[counts[k].outcome]);
    bkey_json_put_int(&builder, builder.root, "written", (int64_t)i->written);
    bkey_json *list = bkey_json_put_array(&builder, builder.root, "rows");
    const bkey_import_line *lines = i->book.lines.items;
    for (size_t k = 0; k < i->book.lines.count; k++)
        put_line(&builder, list, &lines[k]);
    bkey_err err = bkey_json_builder_write(&builder, json);
    bkey_json_builder_done(&builder);
    return err;
}

static bkey_err run_once(importing *i, sup_buffer *json, char *detail)
{
    bkey_err err = bkey_import_lines_read(i->request, &i->book, detail);
    bool writes = !i->request->dry_run && i->book.counts[BKEY_IMPORT_REFUSED] == 0;
    if (bkey_is_ok(err) && writes) {
        err = write_lines(i, detail);
        bkey_audit_log_end(&i->audit);
    }
    if (bkey_is_ok(err))
        err = write_result(i, json);
    bkey_import_lines_done(&i->book);
    return err;
}

bkey_err bkey_import_keys_run(const bkey_import_request *request, sup_buffer *json,
                              char detail[BKEY_IMPORT_KEYS_DETAIL_SIZE])
{
    if (!request->ports->entitled(request->ports->self))
        return bkey_fail(BKEY_E_ENTITLEMENT);
    importing *i = calloc(1, sizeof *i);
    if (i == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    i->request = request;
    i->log = (bkey_audit_log){request->ports, request->call, request->vault, request->publisher};
    bkey_slab_enter(request->slab);
    bkey_err err = bkey_batch_init(&i->batch, request->ports, request->call, false);
    if (bkey_is_ok(err))
        err = run_once(i, json, detail);
    for (uint32_t n = 1; n < TRIES && bkey_is(err, BKEY_E_CONFLICT); n++)
        err = run_once(i, json, detail);
    bkey_batch_done(&i->batch);
    bkey_slab_leave(request->slab);
    free(i);
    return err;
}
