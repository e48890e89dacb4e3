/* SPDX-License-Identifier: Apache-2.0
 *
 * Query options. Must not know which endpoint supports which. */
#include "odata.h"

#include "errors.h"
#include "json.h"
#include "number.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LONG_LINK 9000U
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* For a call without a world, which only a link needs. */
static const int64_t no_switches[SIM_SWITCH_COUNT];

static int find_name(const char *const *names, const char *text, size_t len)
{
    for (int i = 0; names[i] != NULL; i++)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
            return i;
    return -1;
}

bool sim_odata_select(const char *text, const char *const *names, uint64_t *out_bits)
{
    uint64_t bits = 0;
    for (;;) {
        text += strspn(text, " ");
        size_t len = strcspn(text, ", ");
        int which = find_name(names, text, len);
        if (which < 0)
            return false;
        bits |= UINT64_C(1) << which;
        text += len + strspn(text + len, " ");
        if (*text == '\0')
            break;
        if (*text++ != ',')
            return false;
    }
    *out_bits = bits;
    return true;
}

bool sim_odata_filter_read(const char *text, const char *const *names, sim_odata_filter *out)
{
    sim_odata_filter filter = {0};
    text += strspn(text, " ");
    size_t len = strcspn(text, " ");
    filter.property = find_name(names, text, len);
    text += len;
    if (filter.property < 0 || strncmp(text, " eq '", 5) != 0)
        return false;
    text += 5;
    size_t used = 0;
    for (; *text != '\0' && used + 1 < sizeof filter.literal; text++) {
        if (*text == '\'' && *++text != '\'') {
            *out = filter;
            return text[strspn(text, " ")] == '\0';
        }
        filter.literal[used++] = *text;
    }
    return false;
}

bool sim_odata_top(const char *text, size_t *out)
{
    uint64_t value = 0;
    if (!sim_number_read(text, strlen(text), 1000000, &value) || value == 0)
        return false;
    *out = (size_t)value;
    return true;
}

void sim_odata_skip_token(size_t position, char out[64])
{
    char plain[32];
    int len = snprintf(plain, sizeof plain, "sim-row-%zu", position);
    (void)sodium_bin2base64(out, 64, (const unsigned char *)plain, (size_t)len, VARIANT);
}

bool sim_odata_skip_token_read(const char *text, size_t *out_position)
{
    char plain[32];
    size_t len = 0;
    if (sodium_base642bin((unsigned char *)plain, sizeof plain, text, strlen(text), NULL, &len,
                          NULL, VARIANT) != 0)
        return false;
    uint64_t position = 0;
    if (len < 8 || memcmp(plain, "sim-row-", 8) != 0 ||
        !sim_number_read(plain + 8, len - 8, UINT32_MAX, &position))
        return false;
    *out_position = (size_t)position;
    return true;
}

bool sim_odata_page_read(sim_call *call, const char *text, size_t *out_position)
{
    char token[64];
    uint64_t epoch = 0;
    size_t len = strcspn(text, ".");
    bool good = len < sizeof token &&
                (text[len] == '\0' ||
                 sim_number_read(text + len + 1, strlen(text + len + 1), UINT32_MAX, &epoch));
    (void)snprintf(token, sizeof token, "%.*s", good ? (int)len : 0, text);
    if (!good || !sim_odata_skip_token_read(token, out_position))
        sim_errors_graph(call->world, call->response, 400, "BadRequest",
                         "The page token is invalid.");
    else if ((int64_t)epoch != call->world->switches.values[SIM_SWITCH_PAGE_TOKEN_EPOCH])
        (void)sim_errors_named(call->world, call->response, "page_token");
    else
        return true;
    return false;
}

/* The request's query without its page token, each option followed by &. */
static void add_other_options(const char *target, sup_buffer *out)
{
    const char *at = strchr(target, '?');
    while (at != NULL && *++at != '\0') {
        size_t len = strcspn(at, "&");
        if (strncmp(at, "$skiptoken=", 11) != 0 && strncmp(at, "%24skiptoken=", 13) != 0 &&
            strncmp(at, "filler=", 7) != 0 && len > 0) {
            sup_buffer_add(out, at, len);
            sup_buffer_add_str(out, "&");
        }
        at = at[len] == '\0' ? NULL : at + len;
    }
}

void sim_odata_next_link(const sim_call *call, size_t position, sup_buffer *out)
{
    const sim_request *request = call->request;
    char token[64];
    sup_buffer url;
    sup_buffer_init(&url, 65536);
    sim_odata_skip_token(position, token);
    sup_buffer_printf(&url, "%s://%s", request->scheme, request->host);
    sup_buffer_add(&url, request->target, strcspn(request->target, "?"));
    sup_buffer_add_str(&url, "?");
    add_other_options(request->target, &url);
    const int64_t *switches = call->world != NULL ? call->world->switches.values : no_switches;
    sup_buffer_printf(&url, "$skiptoken=%s", token);
    if (switches[SIM_SWITCH_PAGE_TOKEN_EPOCH] != 0)
        sup_buffer_printf(&url, ".%lld", (long long)switches[SIM_SWITCH_PAGE_TOKEN_EPOCH]);
    if (switches[SIM_SWITCH_LONG_NEXT_LINK] != 0) {
        sup_buffer_add_str(&url, "&filler=");
        while (url.len < LONG_LINK)
            sup_buffer_add_str(&url, "x");
    }
    sup_buffer_add_str(out, ",\"@odata.nextLink\":");
    sim_json_string(out, sup_buffer_text(&url));
    sup_buffer_done(&url);
}

void sim_odata_context(const sim_call *call, const char *what, sup_buffer *out)
{
    sup_buffer_printf(out, "{\"@odata.context\":\"https://%s/%s/$metadata#%s\"",
                      call->world->cloud.graph, call->version, what);
}

bool sim_odata_only(const sim_params *query, const char *const *allowed, const char **out_name)
{
    for (size_t i = 0; i < query->count; i++) {
        const char *name = query->names[i];
        if (name[0] == '$' && find_name(allowed, name, strlen(name)) < 0) {
            *out_name = name;
            return false;
        }
    }
    return true;
}
