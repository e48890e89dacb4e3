/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey_ports over dph.records/1 and dph.assets/1: the host's rows with terminated texts. Must not
 * know what they mean. */
#include "hooks/host_ports_parts.h"

#include <string.h>

#define ROW_BYTES_MAX 65536u

void bkey_host_row_init(bkey_host_row *row)
{
    memset(row, 0, sizeof *row);
    sup_buffer_init(&row->bytes, ROW_BYTES_MAX);
}

void bkey_host_row_done(bkey_host_row *row)
{
    sup_buffer_done(&row->bytes);
}

bkey_err bkey_host_row_fill(bkey_host_row *row, const dph_str *const *texts, size_t count)
{
    sup_buffer_reset(&row->bytes);
    row->count = count;
    for (size_t i = 0; i < count; i++) {
        row->offset[i] = row->bytes.len;
        if (texts[i]->ptr != NULL)
            sup_buffer_add(&row->bytes, texts[i]->ptr, texts[i]->len);
        sup_buffer_add(&row->bytes, "", 1);
    }
    return sup_buffer_failed(&row->bytes) ? bkey_fail(BKEY_E_NOMEM) : bkey_ok();
}

const char *bkey_host_row_text(const bkey_host_row *row, size_t index)
{
    return row->bytes.ptr + row->offset[index];
}

typedef struct rows_context {
    bkey_host_row row;
    bkey_record_sink record;
    bkey_configuration_sink configuration;
    bkey_contact_sink contact;
    bkey_err (*folder)(void *context, const bkey_folder_view *row);
    void *context;
    bkey_err err;
} rows_context;

static void begin_rows(rows_context *to, void *context)
{
    memset(to, 0, sizeof *to);
    bkey_host_row_init(&to->row);
    to->context = context;
}

static bkey_err end_rows(rows_context *to, dph_status status, uint32_t not_found)
{
    bkey_host_row_done(&to->row);
    return bkey_is_ok(to->err) ? bkey_host_ports_error(status, not_found) : to->err;
}

static dph_status pass_record(void *context, const dph_record_row *row)
{
    rows_context *to = context;
    bkey_record_view view;
    if (!DPH_HAS(row, plugin_data))
        return DPH_E_INVALID;
    const dph_str *texts[] = {&row->record_id,  &row->external_id,      &row->organization_id,
                              &row->folder_id,  &row->category,         &row->title,
                              &row->username,   &row->configuration_id, &row->plugin_tag,
                              &row->plugin_data};
    to->err = bkey_host_row_fill(&to->row, texts, sizeof texts / sizeof texts[0]);
    if (!bkey_is_ok(to->err))
        return DPH_E_NOMEM;
    view.record_id = bkey_host_row_text(&to->row, 0);
    view.external_id = bkey_host_row_text(&to->row, 1);
    view.organization_id = bkey_host_row_text(&to->row, 2);
    view.folder_id = bkey_host_row_text(&to->row, 3);
    view.category = bkey_host_row_text(&to->row, 4);
    view.title = bkey_host_row_text(&to->row, 5);
    view.username = bkey_host_row_text(&to->row, 6);
    view.configuration_id = bkey_host_row_text(&to->row, 7);
    view.tag = bkey_host_row_text(&to->row, 8);
    view.data = bkey_host_row_text(&to->row, 9);
    view.revision = row->revision;
    view.archived = (row->flags & DPH_RECORD_ARCHIVED) != 0;
    to->err = to->record(to->context, &view);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err list_records(void *self, const bkey_call *call, const char *organization_id,
                             bkey_record_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    rows_context to;
    dph_str organization = {organization_id, strlen(organization_id)};
    dph_record_sink host_sink = {sizeof host_sink, 0, &to, pass_record};
    begin_rows(&to, context);
    to.record = sink;
    dph_status status =
        p->records->list(p->host, bkey_host_ports_call(call), &organization, &host_sink, NULL);
    return end_rows(&to, status, BKEY_E_NO_STATE);
}

static bkey_err find_record(void *self, const bkey_call *call, const char *external_id,
                            bkey_record_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    rows_context to;
    dph_str external = {external_id, strlen(external_id)};
    dph_record_sink host_sink = {sizeof host_sink, 0, &to, pass_record};
    begin_rows(&to, context);
    to.record = sink;
    dph_status status =
        p->records->find(p->host, bkey_host_ports_call(call), &external, &host_sink, NULL);
    return end_rows(&to, status, BKEY_E_NO_STATE);
}

static dph_status pass_folder(void *context, const dph_folder_row *row)
{
    rows_context *to = context;
    bkey_folder_view view;
    if (!DPH_HAS(row, name))
        return DPH_E_INVALID;
    const dph_str *texts[] = {&row->folder_id, &row->organization_id, &row->name};
    to->err = bkey_host_row_fill(&to->row, texts, sizeof texts / sizeof texts[0]);
    if (!bkey_is_ok(to->err))
        return DPH_E_NOMEM;
    view.folder_id = bkey_host_row_text(&to->row, 0);
    view.organization_id = bkey_host_row_text(&to->row, 1);
    view.name = bkey_host_row_text(&to->row, 2);
    view.revision = row->revision;
    view.hidden = (row->flags & DPH_FOLDER_HIDDEN) != 0;
    to->err = to->folder(to->context, &view);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err find_folder(void *self, const bkey_call *call, const char *organization_id,
                            bkey_err (*sink)(void *context, const bkey_folder_view *row),
                            void *context)
{
    const bkey_host_ports *p = self;
    rows_context to;
    dph_str organization = {organization_id, strlen(organization_id)};
    dph_folder_sink host_sink = {sizeof host_sink, 0, &to, pass_folder};
    begin_rows(&to, context);
    to.folder = sink;
    dph_status status =
        p->records->folder(p->host, bkey_host_ports_call(call), &organization, &host_sink, NULL);
    return end_rows(&to, status, BKEY_E_NO_STATE);
}

static dph_status pass_configuration(void *context, const dph_configuration_row *row)
{
    rows_context *to = context;
    bkey_configuration_view view;
    if (!DPH_HAS(row, mac))
        return DPH_E_INVALID;
    const dph_str *texts[] = {&row->configuration_id, &row->organization_id, &row->name,
                              &row->hostname,         &row->serial,          &row->mac};
    to->err = bkey_host_row_fill(&to->row, texts, sizeof texts / sizeof texts[0]);
    if (!bkey_is_ok(to->err))
        return DPH_E_NOMEM;
    view.configuration_id = bkey_host_row_text(&to->row, 0);
    view.organization_id = bkey_host_row_text(&to->row, 1);
    view.name = bkey_host_row_text(&to->row, 2);
    view.hostname = bkey_host_row_text(&to->row, 3);
    view.serial = bkey_host_row_text(&to->row, 4);
    view.mac = bkey_host_row_text(&to->row, 5);
    view.archived = (row->flags & DPH_CONFIGURATION_ARCHIVED) != 0;
    to->err = to->configuration(to->context, &view);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err list_configurations(void *self, const bkey_call *call, const char *organization_id,
                                    bkey_configuration_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    rows_context to;
    dph_str organization = {organization_id, strlen(organization_id)};
    dph_configuration_sink host_sink = {sizeof host_sink, 0, &to, pass_configuration};
    begin_rows(&to, context);
    to.configuration = sink;
    dph_status status = p->assets->list_configurations(p->host, bkey_host_ports_call(call),
                                                       &organization, &host_sink, NULL);
    return end_rows(&to, status, BKEY_E_NO_STATE);
}

static dph_status pass_contact(void *context, const dph_contact_row *row)
{
    rows_context *to = context;
    bkey_contact_view view;
    if (!DPH_HAS(row, emails))
        return DPH_E_INVALID;
    const dph_str *texts[] = {&row->contact_id, &row->external_id, &row->name,
                              &row->first_name, &row->last_name,   &row->emails};
    to->err = bkey_host_row_fill(&to->row, texts, sizeof texts / sizeof texts[0]);
    if (!bkey_is_ok(to->err))
        return DPH_E_NOMEM;
    view.contact_id = bkey_host_row_text(&to->row, 0);
    view.external_id = bkey_host_row_text(&to->row, 1);
    view.name = bkey_host_row_text(&to->row, 2);
    view.first_name = bkey_host_row_text(&to->row, 3);
    view.last_name = bkey_host_row_text(&to->row, 4);
    view.emails = bkey_host_row_text(&to->row, 5);
    view.revision = row->revision;
    view.taken = (row->flags & DPH_CONTACT_TAKEN) != 0;
    to->err = to->contact(to->context, &view);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err list_contacts(void *self, const bkey_call *call, const char *organization_id,
                              bkey_contact_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    rows_context to;
    dph_str organization = {organization_id, strlen(organization_id)};
    dph_contact_sink host_sink = {sizeof host_sink, 0, &to, pass_contact};
    begin_rows(&to, context);
    to.contact = sink;
    dph_status status = p->assets->list_contacts(p->host, bkey_host_ports_call(call), &organization,
                                                 &host_sink, NULL);
    return end_rows(&to, status, BKEY_E_NO_STATE);
}

typedef struct organization_context {
    char *id;
    char *name;
    size_t cap;
    bool too_long;
} organization_context;

static bool copy_whole(char *out, size_t cap, const dph_str *text)
{
    if (text->len >= cap)
        return false;
    if (text->len > 0)
        memcpy(out, text->ptr, text->len);
    out[text->len] = '\0';
    return true;
}

static dph_status pass_organization(void *context, const dph_organization_row *row)
{
    organization_context *to = context;
    if (!DPH_HAS(row, name))
        return DPH_E_INVALID;
    to->too_long = !copy_whole(to->id, to->cap, &row->organization_id) ||
                   !copy_whole(to->name, to->cap, &row->name);
    return to->too_long ? DPH_E_TOO_LARGE : DPH_OK;
}

/* Written through the context, and the port's type has them writable:
 * NOLINTBEGIN(readability-non-const-parameter) */
static bkey_err find_organization(void *self, const bkey_call *call, const char *id_or_name,
                                  char *out_id, char *out_name, size_t cap)
{
    /* NOLINTEND(readability-non-const-parameter) */
    const bkey_host_ports *p = self;
    organization_context to = {out_id, out_name, cap, false};
    dph_str wanted = {id_or_name, strlen(id_or_name)};
    dph_organization_sink host_sink = {sizeof host_sink, 0, &to, pass_organization};
    dph_status status =
        p->assets->get_organization(p->host, bkey_host_ports_call(call), &wanted, &host_sink, NULL);
    return to.too_long ? bkey_fail(BKEY_E_LIMIT) : bkey_host_ports_error(status, BKEY_E_NO_STATE);
}

void bkey_host_ports_fill_rows(bkey_ports *ports)
{
    const bkey_host_ports *p = ports->self;
    /* An older host has none. */
    ports->contacts = DPH_HAS(p->assets, list_contacts) ? list_contacts : NULL;
    ports->records = list_records;
    ports->record = find_record;
    ports->folder = find_folder;
    ports->configurations = list_configurations;
    ports->organization = find_organization;
}
