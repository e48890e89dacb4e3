/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of switches. Must not know what obeys them. */
#include "switches.h"

#include <string.h>

static const char *const style_names[SIM_VOLUME_STYLE_COUNT] = {"as_given", "name", "digit",
                                                                "number"};

static const struct {
    const char *name;
    int64_t initial;
    int64_t least;
    int64_t most;
} table[SIM_SWITCH_COUNT] = {
    [SIM_SWITCH_PAGE_SIZE] = {"page_size", 1000, 1, 1000},
    [SIM_SWITCH_KEYS_PAGE_SIZE] = {"keys_page_size", 1000, 1, 100000},
    [SIM_SWITCH_LATENCY_MS] = {"latency_ms", 0, 0, 600000},
    [SIM_SWITCH_WRAPPED_KEY] = {"wrapped_key", 0, 0, 1},
    [SIM_SWITCH_VOLUME_TYPE_STYLE] = {"volume_type_style", 0, 0, SIM_VOLUME_STYLE_COUNT - 1},
    [SIM_SWITCH_UPPER_GUIDS] = {"upper_guids", 0, 0, 1},
    [SIM_SWITCH_OMIT_REFRESH_TOKEN] = {"omit_refresh_token", 0, 0, 1},
    [SIM_SWITCH_EXPIRES_IN_TEXT] = {"expires_in_text", 0, 0, 1},
    [SIM_SWITCH_TOKEN_LIFETIME_S] = {"token_lifetime_s", 0, 0, 100800},
    [SIM_SWITCH_USER_AGENT_REQUIRED] = {"user_agent_required", 1, 0, 1},
    [SIM_SWITCH_ROLE_REQUIRED] = {"role_required", 1, 0, 1},
};

void sim_switches_init(sim_switches *switches)
{
    for (size_t i = 0; i < SIM_SWITCH_COUNT; i++)
        switches->values[i] = table[i].initial;
}

static bool read_style(const char *name, int64_t *out)
{
    for (int64_t i = 0; i < SIM_VOLUME_STYLE_COUNT; i++)
        if (strcmp(name, style_names[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static bool read_value(size_t which, const json_t *value, int64_t *out)
{
    if (which == SIM_SWITCH_VOLUME_TYPE_STYLE)
        return json_is_string(value) && read_style(json_string_value(value), out);
    if (!json_is_integer(value) && !json_is_boolean(value))
        return false;
    *out = json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
    return *out >= table[which].least && *out <= table[which].most;
}

static bool apply_one(sim_switches *switches, const char *name, const json_t *value)
{
    for (size_t i = 0; i < SIM_SWITCH_COUNT; i++)
        if (strcmp(name, table[i].name) == 0)
            return read_value(i, value, &switches->values[i]);
    return false;
}

bool sim_switches_apply(sim_switches *switches, json_t *object)
{
    if (!json_is_object(object))
        return false;
    sim_switches changed = *switches;
    void *at = json_object_iter(object);
    for (; at != NULL; at = json_object_iter_next(object, at))
        if (!apply_one(&changed, json_object_iter_key(at), json_object_iter_value(at)))
            return false;
    *switches = changed;
    return true;
}

json_t *sim_switches_describe(const sim_switches *switches)
{
    json_t *out = json_object();
    for (size_t i = 0; i < SIM_SWITCH_COUNT; i++) {
        int64_t value = switches->values[i];
        json_t *shown = i == SIM_SWITCH_VOLUME_TYPE_STYLE ? json_string(style_names[value])
                                                          : json_integer(value);
        (void)json_object_set_new(out, table[i].name, shown);
    }
    return out;
}
