/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as JSON text by a table of properties. Must not know queries, paging or permissions. */
#include "kind.h"

#include "json.h"

#include <string.h>

int sim_kind_property(const sim_kind *kind, const char *name, size_t len)
{
    for (size_t i = 0; i < kind->count; i++)
        if (strlen(kind->properties[i].name) == len &&
            memcmp(kind->properties[i].name, name, len) == 0)
            return (int)i;
    return -1;
}

static uint64_t select_all(const sim_kind *kind)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < kind->count; i++)
        if ((kind->properties[i].flags & SIM_UNLISTED) == 0)
            bits |= UINT64_C(1) << i;
    return bits;
}

bool sim_kind_select(const sim_kind *kind, const char *text, uint64_t *out_bits)
{
    uint64_t bits = kind->always_id ? 1 : 0;
    while (text != NULL) {
        text += strspn(text, " ");
        size_t len = strcspn(text, ", ");
        int which = sim_kind_property(kind, text, len);
        if (which < 0)
            return false;
        bits |= UINT64_C(1) << which;
        text += len + strspn(text + len, " ");
        if (*text != '\0' && *text != ',')
            return false;
        text = *text == ',' ? text + 1 : NULL;
        if (text == NULL) {
            *out_bits = bits;
            return true;
        }
    }
    *out_bits = select_all(kind);
    return true;
}

void sim_kind_write_value(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                          int property, sup_buffer *out)
{
    const sim_property *shape = &kind->properties[property];
    const json_t *row = sim_rows_object(kind->rows(tenant), position);
    if (row != NULL) {
        const json_t *value = json_object_get(row, shape->name);
        if (value != NULL)
            sim_json_value(out, value);
        else
            sup_buffer_add_str(out, shape->otherwise);
    } else if (shape->generated != NULL) {
        sup_buffer_add_str(out, shape->generated);
    } else if (!kind->generate(tenant, (uint32_t)position, shape->name, out)) {
        sup_buffer_add_str(out, shape->otherwise);
    }
}

static void write_members(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                          uint64_t selected, bool single, sup_buffer *out)
{
    const char *before = "\"";
    for (size_t i = 0; i < kind->count; i++) {
        if ((selected >> i & 1) == 0)
            continue;
        sup_buffer_add_str(out, before);
        sup_buffer_add_str(out, kind->properties[i].name);
        sup_buffer_add_str(out, "\":");
        if (!single && (kind->properties[i].flags & SIM_SINGLE) != 0)
            sup_buffer_add_str(out, kind->properties[i].otherwise);
        else
            sim_kind_write_value(kind, tenant, position, (int)i, out);
        before = ",\"";
    }
    sup_buffer_add_str(out, "}");
}

void sim_kind_write(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                    uint64_t selected, sup_buffer *out)
{
    sup_buffer_add_str(out, "{");
    write_members(kind, tenant, position, selected, false, out);
}

void sim_kind_write_single(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                           uint64_t selected, sup_buffer *out)
{
    write_members(kind, tenant, position, selected, true, out);
}
