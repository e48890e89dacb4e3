/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits application/x-www-form-urlencoded text. Must not know what the names mean. */
#include "params.h"

#include "support/hex.h"

#include <stdlib.h>
#include <string.h>

static void decode_in_place(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        int high = *from == '%' ? sup_hex_digit(from[1]) : -1;
        int low = high >= 0 ? sup_hex_digit(from[2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
}

static void add_pair(sim_params *params, char *pair)
{
    if (*pair == '\0' || params->count == SIM_PARAMS_MAX)
        return;
    char *value = strchr(pair, '=');
    if (value != NULL)
        *value++ = '\0';
    else
        value = pair + strlen(pair);
    decode_in_place(pair);
    decode_in_place(value);
    params->names[params->count] = pair;
    params->values[params->count++] = value;
}

bool sim_params_parse(const char *text, size_t len, sim_params *out)
{
    *out = (sim_params){0};
    char *copy = calloc(1, len + 1);
    if (copy == NULL)
        return false;
    if (len > 0)
        memcpy(copy, text, len);
    out->text = copy;
    while (copy != NULL) {
        char *end = strchr(copy, '&');
        if (end != NULL)
            *end++ = '\0';
        add_pair(out, copy);
        copy = end;
    }
    return true;
}

void sim_params_done(sim_params *params)
{
    if (params == NULL)
        return;
    free(params->text);
    *params = (sim_params){0};
}

const char *sim_params_get(const sim_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++)
        if (strcmp(params->names[i], name) == 0)
            return params->values[i];
    return NULL;
}
