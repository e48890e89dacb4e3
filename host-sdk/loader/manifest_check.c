/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest.json against the file's name, the host and the manifest inside the library. Must not
 * know any plugin's own fields. */
#include "loader/manifest_check.h"

#include "loader/fail.h"
#include "loader/negotiate.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 64 /* interfaces a manifest may name in one list */

static dph_status refuse(const char *id, const char *fault, dph_error *err)
{
    return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST, "The manifest of plugin %s %s.", id,
                     fault);
}

/* The three lists by their place in manifest.json. */
static const json_t *get_list(const json_t *manifest, const char *group, const char *name)
{
    return json_object_get(group == NULL ? manifest : json_object_get(manifest, group), name);
}

static int is_list(const json_t *list)
{
    if (!json_is_array(list) || json_array_size(list) > LIST_MAX)
        return 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_string_length(json_array_get(list, i)) == 0)
            return 0;
    }
    return 1;
}

/* MAJOR.MINOR.PATCH of digits. */
static int is_version(const char *text)
{
    static const char digits[] = "0123456789";
    for (int part = 0; part < 3; part++) {
        size_t len = strspn(text, digits);
        if (len == 0 || len > 9)
            return 0;
        text += len;
        if (*text != (part < 2 ? '.' : '\0'))
            return 0;
        text += part < 2;
    }
    return 1;
}

static int is_small_number(const json_t *value, json_int_t least)
{
    return json_is_integer(value) && json_integer_value(value) >= least &&
           json_integer_value(value) <= UINT16_MAX;
}

static const char *find_fault(const json_t *manifest, const char *id)
{
    const char *said = json_string_value(json_object_get(manifest, "id"));
    const char *version = json_string_value(json_object_get(manifest, "version"));
    const json_t *abi = json_object_get(manifest, "abi");
    if (said == NULL || strcmp(said, id) != 0)
        return "is for another plugin: its id is not the library's file name";
    if (version == NULL || !is_version(version))
        return "has no version of the form MAJOR.MINOR.PATCH";
    if (json_string_length(json_object_get(manifest, "name")) == 0)
        return "has no name";
    if (!is_small_number(json_object_get(abi, "major"), 0) ||
        !is_small_number(json_object_get(abi, "minor"), 0))
        return "does not say its ABI as two numbers, major and minor";
    if (!is_list(get_list(manifest, NULL, "hooks")) ||
        !is_list(get_list(manifest, "services", "required")) ||
        !is_list(get_list(manifest, "services", "optional")))
        return "lacks a list of hooks, of required or of optional services";
    if (!is_small_number(json_object_get(manifest, "max_parallel_units"), 1))
        return "does not say max_parallel_units, a number from 1";
    return NULL;
}

dph_status dphl_manifest_check_text(const char *text, size_t len, const char *id, json_t **out,
                                    dph_error *err)
{
    json_error_t detail;
    json_t *manifest = json_loadb(text, len, JSON_REJECT_DUPLICATES, &detail);
    if (manifest == NULL)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST,
                         "The manifest of plugin %s is no JSON: line %d, %s.", id, detail.line,
                         detail.text);
    const char *fault = json_is_object(manifest) ? find_fault(manifest, id) : "is no JSON object";
    if (fault != NULL) {
        json_decref(manifest);
        return refuse(id, fault, err);
    }
    *out = manifest;
    return DPH_OK;
}

dph_status dphl_manifest_check_host(const json_t *manifest, const dph_host *host, dph_error *err)
{
    const char *id = json_string_value(json_object_get(manifest, "id"));
    const json_t *abi = json_object_get(manifest, "abi");
    const json_t *required = get_list(manifest, "services", "required");
    uint16_t major = (uint16_t)json_integer_value(json_object_get(abi, "major"));
    uint16_t minor = (uint16_t)json_integer_value(json_object_get(abi, "minor"));
    dph_status status = dphl_negotiate_numbers(id, major, minor, host, err);
    for (size_t i = 0; status == DPH_OK && i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        if (host->get_interface(host, name) == NULL)
            status = dphl_fail(err, DPH_E_UNSUPPORTED, DPHL_CODE_REQUIRES,
                               "Plugin %s requires the host service %s, which this host does not "
                               "have.",
                               id, name);
    }
    return status;
}

static int is_same_text(const json_t *value, const char *inside)
{
    return inside != NULL && strcmp(json_string_value(value), inside) == 0;
}

static int is_same_list(const json_t *list, const char *const *inside)
{
    size_t count = json_array_size(list);
    if (inside == NULL)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_same_text(json_array_get(list, i), inside[i]))
            return 0;
    }
    return inside[count] == NULL;
}

static int is_same_abi(const json_t *manifest, const dph_entry *entry)
{
    const json_t *abi = json_object_get(manifest, "abi");
    return json_integer_value(json_object_get(abi, "major")) == entry->abi_major &&
           json_integer_value(json_object_get(abi, "minor")) == entry->abi_minor;
}

/* Name of the first field that differs, or NULL. */
static const char *find_difference(const json_t *manifest, const dph_entry *entry)
{
    const dph_manifest *inside = entry->manifest;
    if (!is_same_abi(manifest, entry))
        return "abi";
    if (!is_same_text(json_object_get(manifest, "id"), inside->id))
        return "id";
    if (!is_same_text(json_object_get(manifest, "version"), inside->version))
        return "version";
    if (!is_same_text(json_object_get(manifest, "name"), inside->name))
        return "name";
    if (!is_same_list(get_list(manifest, NULL, "hooks"), inside->provides_hooks))
        return "hooks";
    if (!is_same_list(get_list(manifest, "services", "required"), inside->requires_ifaces))
        return "services.required";
    if (!is_same_list(get_list(manifest, "services", "optional"), inside->optional_ifaces))
        return "services.optional";
    if (json_integer_value(json_object_get(manifest, "max_parallel_units")) !=
        inside->max_parallel_units)
        return "max_parallel_units";
    return NULL;
}

dph_status dphl_manifest_check_same(const json_t *manifest, const dph_entry *entry, dph_error *err)
{
    const char *field = find_difference(manifest, entry);
    if (field == NULL)
        return DPH_OK;
    return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_MANIFEST,
                     "The manifest of plugin %s differs from the one inside the library in "
                     "\"%s\".",
                     entry->manifest->id, field);
}
