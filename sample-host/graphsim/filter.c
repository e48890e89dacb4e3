/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and evaluates $filter. Must not know where rows come from nor what they mean. */
#define _GNU_SOURCE
#include "filter.h"

#include "json.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    unsigned op;
    int sign;
} operators[] = {
    {"eq", SIM_EQUAL, 0}, {"ne", SIM_UNEQUAL, 0}, {"lt", SIM_LESS, -1},
    {"gt", SIM_LESS, 1},  {"le", SIM_RANGE, -1},  {"ge", SIM_RANGE, 1},
};

static const struct {
    const char *word;
    unsigned op;
} functions[] = {{"contains(", SIM_CONTAINS}, {"startswith(", SIM_STARTS}};

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

static int find_property(const sim_property *properties, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(properties[i].name) == len && memcmp(properties[i].name, text, len) == 0)
            return (int)i;
    return -1;
}

/* Stores the literal as JSON and returns what follows; NULL when there is none. */
static const char *read_literal(const char *text, sim_term *term)
{
    char plain[200];
    size_t used = 0;
    bool quoted = *text == '\'';
    text += quoted;
    for (; *text != '\0' && used + 1 < sizeof plain; text++) {
        if (quoted && *text == '\'' && *++text != '\'')
            break;
        if (!quoted && (*text == ' ' || *text == ')'))
            break;
        plain[used++] = *text;
    }
    bool closed = !quoted || text[-1] == '\'';
    plain[used] = '\0';
    if (!closed || (!quoted && used == 0) || used + 1 == sizeof plain)
        return NULL;
    bool word =
        strcmp(plain, "true") == 0 || strcmp(plain, "false") == 0 || strcmp(plain, "null") == 0;
    int64_t when;
    if (!quoted && !word && !sup_iso8601_parse(plain, used, &when))
        return NULL;
    sup_buffer json;
    sup_buffer_init(&json, sizeof term->literal - 1);
    if (word && !quoted)
        sup_buffer_add_str(&json, plain);
    else
        sim_json_string(&json, plain);
    (void)snprintf(term->literal, sizeof term->literal, "%s", sup_buffer_text(&json));
    bool fits = !sup_buffer_failed(&json);
    sup_buffer_done(&json);
    return fits ? text : NULL;
}

/* contains(name,'x') and startswith(name,'x'). */
static const char *read_function(const char *text, size_t which, const sim_property *properties,
                                 size_t count, sim_term *term)
{
    text = skip_blanks(text + strlen(functions[which].word));
    size_t len = strcspn(text, ", )");
    term->property = find_property(properties, count, text, len);
    term->op = functions[which].op;
    text = skip_blanks(text + len);
    if (term->property < 0 || *text != ',')
        return NULL;
    text = skip_blanks(text + 1);
    text = *text == '\'' ? read_literal(text, term) : NULL;
    if (text == NULL)
        return NULL;
    text = skip_blanks(text);
    return *text == ')' ? text + 1 : NULL;
}

static const char *read_comparison(const char *text, const sim_property *properties, size_t count,
                                   sim_term *term)
{
    size_t len = strcspn(text, " ");
    term->property = find_property(properties, count, text, len);
    if (term->property < 0)
        return NULL;
    bool nested = strstr(properties[term->property].name, "any(") != NULL;
    text = skip_blanks(text + len);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strncmp(text, operators[i].word, 2) == 0 && text[2] == ' ') {
            term->op = operators[i].op;
            term->sign = operators[i].sign;
        }
    text = term->op != 0 ? read_literal(skip_blanks(text + 2), term) : NULL;
    if (text == NULL || !nested)
        return text;
    return *text == ')' ? text + 1 : NULL;
}

static const char *read_term(const char *text, const sim_property *properties, size_t count,
                             sim_term *term)
{
    *term = (sim_term){0};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strncmp(text, functions[i].word, strlen(functions[i].word)) == 0)
            return read_function(text, i, properties, count, term);
    return read_comparison(text, properties, count, term);
}

bool sim_filter_read(const char *text, const sim_property *properties, size_t count,
                     sim_filter *out)
{
    *out = (sim_filter){0};
    for (;;) {
        if (out->count == SIM_FILTER_TERMS_MAX)
            return false;
        sim_term *term = &out->terms[out->count];
        text = read_term(skip_blanks(text), properties, count, term);
        if (text == NULL || (properties[term->property].flags & term->op) == 0)
            return false;
        out->count++;
        text = skip_blanks(text);
        if (*text == '\0')
            return true;
        bool any = strncmp(text, "or ", 3) == 0;
        if ((!any && strncmp(text, "and ", 4) != 0) || (out->count > 1 && any != out->any))
            return false;
        out->any = any;
        text += any ? 3 : 4;
    }
}

static bool as_time(const char *json, int64_t *out)
{
    size_t len = strlen(json);
    return len > 2 && json[0] == '"' && sup_iso8601_parse(json + 1, len - 2, out);
}

static bool compare_times(const sim_term *term, const char *value)
{
    int64_t left;
    int64_t right;
    if (!as_time(value, &left) || !as_time(term->literal, &right))
        return false;
    if (left == right)
        return term->op != SIM_LESS;
    return term->op != SIM_EQUAL && (left < right) == (term->sign < 0);
}

static bool term_fits(const sim_term *term, const char *value)
{
    char inner[256];
    int64_t when;
    size_t len = strlen(term->literal);
    (void)snprintf(inner, sizeof inner, "%.*s", len > 2 ? (int)len - 2 : 0, term->literal + 1);
    switch (term->op) {
    case SIM_EQUAL:
        return strcasecmp(value, term->literal) == 0 ||
               (as_time(term->literal, &when) && compare_times(term, value));
    case SIM_UNEQUAL:
        return strcasecmp(value, term->literal) != 0;
    case SIM_CONTAINS:
        return strcasestr(value, inner) != NULL;
    case SIM_STARTS:
        return value[0] == '"' && strncasecmp(value + 1, inner, strlen(inner)) == 0;
    default:
        return compare_times(term, value);
    }
}

bool sim_filter_fits(const sim_filter *filter, sim_filter_value *value, const void *row)
{
    bool fits = !filter->any;
    for (size_t i = 0; i < filter->count && fits != filter->any; i++) {
        sup_buffer text;
        sup_buffer_init(&text, 65536);
        value(row, filter->terms[i].property, &text);
        fits = term_fits(&filter->terms[i], sup_buffer_text(&text));
        sup_buffer_done(&text);
    }
    return fits;
}
