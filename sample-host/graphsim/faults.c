/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of fault rules. Must not know how an answer is changed. */
#include "faults.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bit;
} kinds[] = {
    {"cut_body", SIM_FAULT_CUT_BODY},
    {"reset", SIM_FAULT_RESET},
    {"garbage", SIM_FAULT_GARBAGE},
    {"wrong_type", SIM_FAULT_WRONG_TYPE},
    {"duplicate_rows", SIM_FAULT_DUPLICATE_ROWS},
    {"empty_page", SIM_FAULT_EMPTY_PAGE},
    {"next_link_other_host", SIM_FAULT_NEXT_LINK_OTHER_HOST},
    {"html", SIM_FAULT_HTML},
    {"close", SIM_FAULT_CLOSE},
    {"go_away", SIM_FAULT_GO_AWAY},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static bool read_kind(sim_fault *fault, const char *name, const json_t *value)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(name, kinds[i].name) != 0)
            continue;
        if (!json_is_false(value))
            fault->kinds |= kinds[i].bit;
        return true;
    }
    return false;
}

static bool copy_text(const json_t *value, char *out, size_t size)
{
    if (json_is_integer(value)) {
        (void)snprintf(out, size, "%lld", (long long)json_integer_value(value));
        return true;
    }
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) >= size)
        return false;
    (void)snprintf(out, size, "%s", text);
    return true;
}

static bool read_number(const json_t *value, json_int_t least, json_int_t most, int64_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < least || number > most)
        return false;
    *out = number;
    return true;
}

static bool read_member(sim_fault *fault, const char *name, json_t *value)
{
    int64_t number = 0;
    if (strcmp(name, "route") == 0)
        return copy_text(value, fault->route, sizeof fault->route);
    if (strcmp(name, "tenant") == 0)
        return copy_text(value, fault->tenant, sizeof fault->tenant);
    if (strcmp(name, "match") == 0)
        return copy_text(value, fault->match, sizeof fault->match);
    if (strcmp(name, "retry_after") == 0)
        return copy_text(value, fault->retry_after, sizeof fault->retry_after);
    if (strcmp(name, "error") == 0)
        return copy_text(value, fault->error, sizeof fault->error);
    if (strcmp(name, "skip") == 0)
        return read_number(value, 0, INT32_MAX, &fault->skip);
    if (strcmp(name, "count") == 0)
        return read_number(value, -1, INT32_MAX, &fault->count);
    if (strcmp(name, "status") == 0) {
        bool good = read_number(value, 200, 599, &number);
        fault->status = (int)number;
        return good;
    }
    if (strcmp(name, "latency_ms") == 0) {
        bool good = read_number(value, 0, 3600000, &number);
        fault->latency_ms = (uint64_t)number;
        return good;
    }
    return read_kind(fault, name, value);
}

/* The members of the rule itself, or of its "action". */
static bool read_object(sim_fault *fault, json_t *object, const char **out_name)
{
    void *at = json_object_iter(object);
    for (; at != NULL; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        *out_name = name;
        if (strcmp(name, "action") != 0 && !read_member(fault, name, json_object_iter_value(at)))
            return false;
    }
    return true;
}

static bool read_rule(sim_fault *fault, json_t *object, char err[256])
{
    json_t *action = json_object_get(object, "action");
    const char *name = "action";
    bool good = action == NULL || json_is_object(action) ||
                (json_is_string(action) && read_kind(fault, json_string_value(action), action));
    good = good && read_object(fault, object, &name) && read_object(fault, action, &name);
    if (!good)
        (void)snprintf(err, 256, "the rule's \"%.60s\" is unknown or has no usable value", name);
    return good;
}

bool sim_faults_add(sim_faults *faults, json_t *rules, char err[256])
{
    json_t *list = json_is_array(rules) ? json_incref(rules) : json_pack("[O]", rules);
    sim_faults changed = *faults;
    bool good = json_array_size(list) <= SIM_FAULTS_MAX - changed.count;
    if (!good)
        (void)snprintf(err, 256, "there is room for %d rules", SIM_FAULTS_MAX);
    for (size_t i = 0; good && i < json_array_size(list); i++) {
        sim_fault *fault = &changed.list[changed.count++];
        *fault = (sim_fault){.count = 1};
        (void)snprintf(err, 256, "a rule is an object");
        good = json_is_object(json_array_get(list, i)) &&
               read_rule(fault, json_array_get(list, i), err);
    }
    if (good)
        *faults = changed;
    json_decref(list);
    return good;
}

void sim_faults_clear(sim_faults *faults)
{
    faults->count = 0;
}

static bool fits(const sim_fault *fault, const char *route, const char *tenant, const char *target)
{
    bool any = fault->route[0] == '\0' || strcmp(fault->route, "*") == 0;
    if (!any && strcmp(fault->route, route) != 0)
        return false;
    if (fault->tenant[0] != '\0' && (tenant == NULL || strcmp(fault->tenant, tenant) != 0))
        return false;
    return fault->match[0] == '\0' || strstr(target, fault->match) != NULL;
}

const sim_fault *sim_faults_take(sim_faults *faults, const char *route, const char *tenant,
                                 const char *target)
{
    for (size_t i = 0; i < faults->count; i++) {
        sim_fault *fault = &faults->list[i];
        if (fault->count == 0 || !fits(fault, route, tenant, target))
            continue;
        if (fault->skip > 0) {
            fault->skip--;
            continue;
        }
        if (fault->count > 0)
            fault->count--;
        fault->hits++;
        return fault;
    }
    return NULL;
}

const char *sim_faults_word(const sim_fault *fault)
{
    for (size_t i = 0; i < KINDS; i++)
        if ((fault->kinds & kinds[i].bit) != 0)
            return kinds[i].name;
    if (fault->error[0] != '\0')
        return "error";
    return fault->status != 0 ? "status" : "latency";
}

json_t *sim_faults_describe(const sim_faults *faults)
{
    json_t *out = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const sim_fault *fault = &faults->list[i];
        (void)json_array_append_new(
            out, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "route", fault->route, "tenant",
                           fault->tenant, "match", fault->match, "skip", (json_int_t)fault->skip,
                           "count", (json_int_t)fault->count, "hits", (json_int_t)fault->hits,
                           "does", sim_faults_word(fault)));
    }
    return out;
}
