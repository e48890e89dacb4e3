/* SPDX-License-Identifier: Apache-2.0
 *
 * See findings_view.h. */
#include "usecase/findings_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "graph/origin.h"
#include "graph/token.h"
#include "state/connection.h"
#include "state/findings.h"
#include "usecase/findings_signin.h"
#include "usecase/units.h"
#include "usecase/vec.h"

#define UNIT_NAME_SIZE 560u

void bkey_findings_view_refusal(bkey_err err, uint32_t aadsts, char *out, size_t cap)
{
    const bkey_token_meaning *meaning = bkey_token_explain(aadsts);
    if (meaning != NULL)
        (void)snprintf(out, cap, "%s (AADSTS%" PRIu32 ") %s", meaning->happened, aadsts,
                       meaning->fix);
    else
        (void)snprintf(out, cap, "%s (Microsoft says AADSTS%" PRIu32 ".)", bkey_err_text(err),
                       aadsts);
}

bool bkey_findings_view_at(const char *url, bkey_err err, char *out, size_t cap)
{
    bkey_origin origin;
    if (!bkey_err_is_tls(err) || !bkey_origin_parse(url, strlen(url), &origin))
        return false;
    (void)snprintf(out, cap, "At %s: %s", origin.host, bkey_err_text(err));
    return true;
}

/* What Microsoft said goes before what its class of refusals usually is. */
static void describe(const bkey_preflight_problem *problem, bkey_preflight_text *out)
{
    bkey_preflight_describe(problem, out);
    if (problem->code != BKEY_PREFLIGHT_ACCESS || problem->number <= 0)
        return;
    const bkey_token_meaning *meaning = bkey_token_explain((uint32_t)problem->number);
    if (meaning == NULL) {
        (void)snprintf(out->buffer, sizeof out->buffer, "%s (Microsoft says AADSTS%" PRId64 ".)",
                       bkey_err_text(bkey_fail(problem->reason)), problem->number);
        return;
    }
    (void)snprintf(out->buffer, sizeof out->buffer, "%s (AADSTS%" PRId64 ")", meaning->happened,
                   problem->number);
    out->hides = "No key is read; what is documented stays as it is.";
    out->who = meaning->fix;
}

static uint32_t count_errors(const bkey_preflight *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        bkey_preflight_text text;
        bkey_preflight_describe(&list->items[i], &text);
        count += text.severity == BKEY_PREFLIGHT_ERROR;
    }
    return count;
}

static void put_whole(const bkey_preflight_problem *problem, char *out, size_t cap)
{
    bkey_preflight_text text;
    describe(problem, &text);
    (void)snprintf(out, cap, "%s%s%s%s%s", text.what, text.hides[0] != '\0' ? " " : "", text.hides,
                   text.who[0] != '\0' ? " " : "", text.who);
}

static bool is_error(const bkey_preflight *list, uint32_t index, bkey_preflight_text *out)
{
    describe(&list->items[index], out);
    return out->severity == BKEY_PREFLIGHT_ERROR;
}

/* Who can end them, each said once; what does not fit whole is left out. */
static void put_who(const bkey_preflight *list, char *out, size_t cap)
{
    for (uint32_t i = 0; i < list->count; i++) {
        bkey_preflight_text text;
        const size_t len = strlen(out);
        if (is_error(list, i, &text) && text.who[0] != '\0' && strstr(out, text.who) == NULL &&
            len + 1 + strlen(text.who) < cap)
            (void)snprintf(out + len, cap - len, " %s", text.who);
    }
}

void bkey_findings_view_sentence(const bkey_preflight *list, char *out, size_t cap)
{
    const uint32_t errors = count_errors(list);
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < list->count; i++) {
        bkey_preflight_text text;
        if (!is_error(list, i, &text))
            continue;
        if (errors == 1) {
            put_whole(&list->items[i], out, cap);
            return;
        }
        (void)snprintf(out + len, cap - len, "%s%s",
                       len == 0 ? "Nothing was synced or changed: " : "; ", text.brief);
        len = strlen(out);
    }
    if (errors == 0)
        return;
    (void)snprintf(out + len, cap - len, ".");
    put_who(list, out, cap);
}

/* Connections are listed first and looked up then: inside a scan the host must not be called. */
typedef struct found_unit {
    char tenant[SUP_GUID_TEXT_LEN + 1];
    char name[UNIT_NAME_SIZE];
    char login_url[BKEY_URL_SIZE]; /* "" where a sign-in has not ended yet */
    char graph_url[BKEY_URL_SIZE];
} found_unit;

static bkey_err keep_unit(void *context, const bkey_unit *unit)
{
    found_unit *kept = bkey_vec_add(context);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    (void)snprintf(kept->tenant, sizeof kept->tenant, "%s", unit->tenant);
    (void)snprintf(kept->name, sizeof kept->name, "%s", unit->name);
    kept->login_url[0] = '\0';
    kept->graph_url[0] = '\0';
    return bkey_ok();
}

static bkey_err keep_addresses(void *context, const bkey_connection *connection)
{
    const bkey_vec *units = context;
    found_unit *all = units->items;
    char tenant[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&connection->tenant, tenant);
    for (size_t i = 0; i < units->count; i++) {
        if (strcmp(all[i].tenant, tenant) != 0)
            continue;
        (void)snprintf(all[i].login_url, sizeof all[i].login_url, "%s", connection->login_url);
        (void)snprintf(all[i].graph_url, sizeof all[i].graph_url, "%s", connection->graph_url);
    }
    return bkey_ok();
}

/* Zero findings when the connection was never checked. */
static bkey_err load_findings(const bkey_findings_query *query, const found_unit *unit,
                              bkey_findings *out)
{
    bkey_place place = {.vault = query->vault, .call = query->call, .organization_id = ""};
    memset(out, 0, sizeof *out);
    if (!sup_guid_parse(unit->tenant, strlen(unit->tenant), &place.tenant))
        return bkey_fail(BKEY_E_BUG);
    bkey_err err = bkey_findings_get(&place, out);
    return bkey_is(err, BKEY_E_NO_STATE) ? bkey_ok() : err;
}

static void put_problem(bkey_json_builder *builder, bkey_json *list,
                        const bkey_preflight_text *text)
{
    bkey_json *row = bkey_json_add_object(builder, list);
    bkey_json_put_text(builder, row, "code", text->name);
    bkey_json_put_text(builder, row, "severity", bkey_preflight_severity_name(text->severity));
    bkey_json_put_text(builder, row, "what", text->what);
    bkey_json_put_text(builder, row, "hides", text->hides);
    bkey_json_put_text(builder, row, "who", text->who);
}

static bkey_json *put_connection(bkey_json_builder *builder, bkey_json *list,
                                 const found_unit *unit, int64_t checked_ms)
{
    bkey_json *row = bkey_json_add_object(builder, list);
    bkey_json_put_text(builder, row, "connection", unit != NULL ? unit->tenant : "");
    bkey_json_put_text(builder, row, "name", unit != NULL ? unit->name : "");
    bkey_json_put_int(builder, row, "checked_ms", checked_ms);
    return bkey_json_put_array(builder, row, "problems");
}

static void put_no_connection(bkey_json_builder *builder, bkey_json *list)
{
    static const bkey_preflight_text none = {
        .name = "integration",
        .severity = BKEY_PREFLIGHT_ERROR,
        .what = "There is no active Microsoft integration.",
        .hides = "No key can be synced.",
        .who = "An administrator or manager of this host must connect a tenant."};
    put_problem(builder, put_connection(builder, list, NULL, 0), &none);
}

static bkey_err put_unit(const bkey_findings_query *query, const found_unit *unit,
                         bkey_json_builder *builder, bkey_json *list)
{
    bkey_findings findings;
    bkey_findings_signin signin;
    bool waits = false;
    sup_guid tenant;
    bkey_err err = load_findings(query, unit, &findings);
    if (bkey_is_ok(err) && sup_guid_parse(unit->tenant, strlen(unit->tenant), &tenant))
        err = bkey_findings_signin_find(query, &tenant, &signin, &waits);
    if (!bkey_is_ok(err))
        return err;
    bkey_json *problems = put_connection(builder, list, unit, findings.checked_ms);
    if (waits)
        put_problem(builder, problems, &signin.text);
    for (uint32_t i = 0; i < findings.found.count; i++) {
        bkey_preflight_text text;
        const bkey_preflight_problem *problem = &findings.found.items[i];
        describe(problem, &text);
        (void)bkey_findings_view_at(problem->code == BKEY_PREFLIGHT_ACCESS ? unit->login_url
                                                                           : unit->graph_url,
                                    bkey_fail(problem->reason), text.buffer, sizeof text.buffer);
        put_problem(builder, problems, &text);
    }
    return bkey_ok();
}

bkey_err bkey_findings_view_list(const bkey_findings_query *query, sup_buffer *out_json)
{
    bkey_json_builder builder;
    bkey_vec units;
    bkey_vec_init(&units, sizeof(found_unit));
    bkey_json_builder_init(&builder);
    bkey_json *list = bkey_json_put_array(&builder, builder.root, "connections");
    bkey_err err = bkey_units_list(query->ports, query->call, query->vault, keep_unit, &units);
    if (bkey_is_ok(err) && units.count == 0)
        put_no_connection(&builder, list);
    const bkey_place root = bkey_connection_place(query->vault, query->call);
    if (bkey_is_ok(err) && units.count > 0)
        err = bkey_connection_scan(&root, keep_addresses, &units);
    const found_unit *all = units.items;
    for (size_t i = 0; bkey_is_ok(err) && i < units.count; i++)
        err = put_unit(query, &all[i], &builder, list);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&builder, out_json);
    bkey_json_builder_done(&builder);
    bkey_vec_done(&units);
    return err;
}

static const bkey_preflight_problem *first_remote(const bkey_preflight *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (bkey_preflight_is_remote(&list->items[i]))
            return &list->items[i];
    }
    return NULL;
}

static bkey_err judge_units(const bkey_findings_query *query, const bkey_vec *units, char *out,
                            size_t cap)
{
    const found_unit *all = units->items;
    bkey_err refused = bkey_ok();
    for (size_t i = 0; i < units->count; i++) {
        bkey_findings findings;
        bkey_err err = load_findings(query, &all[i], &findings);
        if (!bkey_is_ok(err))
            return err;
        const bkey_preflight_problem *problem = first_remote(&findings.found);
        if (findings.checked_ms != 0 && problem == NULL)
            return bkey_ok();
        if (!bkey_is_ok(refused))
            continue;
        refused = bkey_fail(problem != NULL ? problem->reason : BKEY_E_PERM_KEY_READ);
        if (problem != NULL)
            put_whole(problem, out, cap);
        else
            (void)snprintf(out, cap,
                           "Whether Microsoft grants BitlockerKey.Read.All was never "
                           "checked: run the doctor first.");
    }
    return refused;
}

bkey_err bkey_findings_view_may_switch_on(const bkey_findings_query *query, char *out, size_t cap)
{
    bkey_vec units;
    bkey_vec_init(&units, sizeof(found_unit));
    out[0] = '\0';
    bkey_err err = bkey_units_list(query->ports, query->call, query->vault, keep_unit, &units);
    if (bkey_is_ok(err))
        err = judge_units(query, &units, out, cap);
    bkey_vec_done(&units);
    return err;
}
