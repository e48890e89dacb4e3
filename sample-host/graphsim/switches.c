/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of switches. Must not know what obeys them. */
#include "switches.h"

#include <string.h>

#define WORDS_MAX 7

static const struct {
    const char *name;
    int64_t initial;
    int64_t least;
    int64_t most;
    const char *words[WORDS_MAX]; /* the value is one of these instead of a number */
} table[SIM_SWITCH_COUNT] = {
    [SIM_SWITCH_PAGE_SIZE] = {"page_size", 1000, 1, 1000, {0}},
    [SIM_SWITCH_KEYS_PAGE_SIZE] = {"keys_page_size", 1000, 1, 100000, {0}},
    [SIM_SWITCH_DIRECTORY_PAGE_SIZE] = {"directory_page_size", 100, 1, 999, {0}},
    [SIM_SWITCH_LATENCY_MS] = {"latency_ms", 0, 0, 600000, {0}},
    [SIM_SWITCH_CLOCK_SKEW_S] = {"clock_skew_s", 0, -100000000, 100000000, {0}},
    [SIM_SWITCH_GZIP] = {"gzip", 1, 0, 1, {0}},
    [SIM_SWITCH_CHUNKED] = {"chunked", 0, 0, 1, {0}},
    [SIM_SWITCH_WRAPPED_KEY] = {"wrapped_key", 0, 0, 1, {0}},
    [SIM_SWITCH_VOLUME_TYPE_STYLE] =
        {"volume_type_style", 0, 0, 0, {"as_given", "name", "digit", "number", "null", "unknown"}},
    [SIM_SWITCH_UPPER_GUIDS] = {"upper_guids", 0, 0, 1, {0}},
    [SIM_SWITCH_USER_AGENT_REQUIRED] = {"user_agent_required", 1, 0, 1, {0}},
    [SIM_SWITCH_ROLE_REQUIRED] = {"role_required", 1, 0, 1, {0}},
    [SIM_SWITCH_OMIT_REFRESH_TOKEN] = {"omit_refresh_token", 0, 0, 1, {0}},
    [SIM_SWITCH_KEEP_REFRESH_TOKEN] = {"keep_refresh_token", 0, 0, 1, {0}},
    [SIM_SWITCH_REFRESH_TOKEN_BYTES] = {"refresh_token_bytes", 0, 0, 8000, {0}},
    [SIM_SWITCH_EXPIRES_IN_TEXT] = {"expires_in_text", 0, 0, 1, {0}},
    [SIM_SWITCH_TOKEN_LIFETIME_S] = {"token_lifetime_s", 0, 0, 100800, {0}},
    [SIM_SWITCH_X5T_SHA1] = {"x5t_sha1", 1, 0, 1, {0}},
    [SIM_SWITCH_DEVICE_PENDING] = {"device_pending", 1, 0, 1000000, {0}},
    [SIM_SWITCH_DEVICE_RESULT] =
        {"device_result", 0, 0, 0, {"approve", "decline", "expire", "blocked"}},
    [SIM_SWITCH_DEVICE_SLOW_DOWN] = {"device_slow_down", 1, 0, 1, {0}},
    [SIM_SWITCH_DEVICE_INTERVAL_S] = {"device_interval_s", 5, 0, 600, {0}},
    [SIM_SWITCH_DEVICE_EXPIRES_S] = {"device_expires_s", 900, 0, 86400, {0}},
    [SIM_SWITCH_DEVICE_COMMON_REFUSED] = {"device_common_refused", 1, 0, 1, {0}},
    [SIM_SWITCH_AUTHORIZE_ERROR] = {"authorize_error", 0, 0, 99999999, {0}},
    [SIM_SWITCH_ADMIN_CONSENT] = {"admin_consent", 0, 0, 0, {"grant", "deny"}},
    [SIM_SWITCH_CHALLENGE_STYLE] =
        {"challenge_style", 0, 0, 0, {"bearer", "pop_first", "two_lines", "unquoted"}},
    [SIM_SWITCH_BATCH_RECOVERY_KEYS] = {"batch_recovery_keys", 1, 0, 1, {0}},
    [SIM_SWITCH_BATCH_ORDER] = {"batch_order", 0, 0, 0, {"given", "reversed", "shuffled"}},
    [SIM_SWITCH_BATCH_RETRY_AFTER] = {"batch_retry_after", 1, 0, 1, {0}},
    [SIM_SWITCH_THROTTLE] = {"throttle", 1, 0, 1, {0}},
    [SIM_SWITCH_KEYS_LIMIT] = {"keys_limit", 0, 0, 10000000, {0}},
    [SIM_SWITCH_KEYS_WINDOW_S] = {"keys_window_s", 10, 1, 3600, {0}},
    [SIM_SWITCH_RETRY_AFTER_STYLE] = {"retry_after_style", 0, 0, 0, {"seconds", "date", "absent"}},
    [SIM_SWITCH_LONG_NEXT_LINK] = {"long_next_link", 0, 0, 1, {0}},
    [SIM_SWITCH_DUPLICATE_ACROSS_PAGES] = {"duplicate_across_pages", 0, 0, 1, {0}},
    [SIM_SWITCH_PAGE_TOKEN_EPOCH] = {"page_token_epoch", 0, 0, 1000000, {0}},
    [SIM_SWITCH_INTUNE_FORBIDDEN_AS_401] = {"intune_forbidden_as_401", 0, 0, 1, {0}},
    [SIM_SWITCH_INTUNE_OFFSET_DATES] = {"intune_offset_dates", 0, 0, 1, {0}},
    [SIM_SWITCH_ROTATION_OUTCOME] =
        {"rotation_outcome", 0, 0, 0, {"done", "failed", "not_supported", "stuck", "no_key"}},
    [SIM_SWITCH_ROTATION_DELAY_S] = {"rotation_delay_s", 960, 0, 10000000, {0}},
    [SIM_SWITCH_ESCROW_DELAY_S] = {"escrow_delay_s", 60, 0, 10000000, {0}},
    [SIM_SWITCH_ROTATION_PERMISSION] =
        {"rotation_permission", 0, 0, 0, {"any", "configuration", "managed_devices", "privileged"}},
    [SIM_SWITCH_AUDIT_DELAY_S] = {"audit_delay_s", 0, 0, 10000000, {0}},
    [SIM_SWITCH_AUDIT_CATEGORY_FILTER] = {"audit_category_filter", 1, 0, 1, {0}},
};

void sim_switches_init(sim_switches *switches)
{
    for (size_t i = 0; i < SIM_SWITCH_COUNT; i++)
        switches->values[i] = table[i].initial;
}

int sim_switches_word(sim_switch which, const char *word)
{
    for (int i = 0; i < WORDS_MAX && table[which].words[i] != NULL; i++)
        if (strcmp(word, table[which].words[i]) == 0)
            return i;
    return -1;
}

static bool read_value(size_t which, const json_t *value, int64_t *out)
{
    if (table[which].words[0] != NULL) {
        *out = json_is_string(value)
                   ? sim_switches_word((sim_switch)which, json_string_value(value))
                   : -1;
        return *out >= 0;
    }
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
        json_t *shown =
            table[i].words[0] != NULL ? json_string(table[i].words[value]) : json_integer(value);
        (void)json_object_set_new(out, table[i].name, shown);
    }
    return out;
}
