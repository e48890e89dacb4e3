/* SPDX-License-Identifier: Apache-2.0
 *
 * PCRE2 behind pattern.h. Must not know what is looked for. */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

/* Each far above what an anchored rule over one short text needs. */
#define MATCH_LIMIT 100000U
#define DEPTH_LIMIT 1000U
#define HEAP_LIMIT_KIB 1024U

struct bkey_pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

bkey_err bkey_pattern_new(const char *expression, bkey_pattern **out_pattern)
{
    int code = 0;
    PCRE2_SIZE offset = 0;
    bkey_err err = bkey_fail(BKEY_E_NOMEM);
    bkey_pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern == NULL)
        return err;
    pattern->code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS,
                                  &code, &offset, NULL);
    if (pattern->code == NULL) {
        err = bkey_fail(code == PCRE2_ERROR_NOMEMORY ? BKEY_E_NOMEM : BKEY_E_PARAMETER);
        goto out;
    }
    pattern->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (pattern->data == NULL || pattern->context == NULL)
        goto out;
    pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(pattern->context, HEAP_LIMIT_KIB);
    *out_pattern = pattern;
    pattern = NULL;
    err = bkey_ok();
out:
    bkey_pattern_free(&pattern);
    return err;
}

void bkey_pattern_free(bkey_pattern **pattern)
{
    if (pattern == NULL || *pattern == NULL)
        return;
    pcre2_match_context_free((*pattern)->context);
    pcre2_match_data_free((*pattern)->data);
    pcre2_code_free((*pattern)->code);
    free(*pattern);
    *pattern = NULL;
}

bkey_err bkey_pattern_match(bkey_pattern *pattern, const char *text, size_t len, bool *out_matches)
{
    int result =
        pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, pattern->data, pattern->context);
    if (result == PCRE2_ERROR_NOMEMORY)
        return bkey_fail(BKEY_E_NOMEM);
    if (result < 0 && result != PCRE2_ERROR_NOMATCH)
        return bkey_fail(BKEY_E_LIMIT);
    *out_matches = result >= 0;
    return bkey_ok();
}
