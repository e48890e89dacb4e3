/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes: the scanner never reads outside of them, agrees with jansson on what is well-formed,
 * and every text that it finds unescapes into the room that it promised. */
/* LINK: plugin/src/base/jsonscan.c plugin/src/base/jsonscan_check.c plugin/src/base/json.c
   plugin/src/base/error.c host-sdk/support/buffer.c host-sdk/support/hex.c
   host-sdk/support/utf8.c */
/* LIBS: -ljansson */
#include <stdlib.h>
#include <string.h>

#include "plugin/src/base/json.h"
#include "plugin/src/base/jsonscan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const bkey_jsonscan_value *array)
{
    bkey_jsonscan_value value;
    size_t position = 0;
    while (bkey_jsonscan_next(array, &position, &value)) {
        int64_t number = 0;
        size_t len = 0;
        char *text = malloc(value.len + 1);
        if (text != NULL && value.kind == BKEY_JSONSCAN_STRING &&
            !bkey_jsonscan_text(&value, text, value.len, &len))
            abort();
        (void)bkey_jsonscan_int(&value, &number);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value found;
    bkey_json *document = NULL;
    bool ours = bkey_jsonscan_parse(data, size, &top);
    bool theirs = bkey_is_ok(bkey_json_parse(data, size, SIZE_MAX, &document));
    if (ours != theirs)
        abort();
    if (ours) {
        const char *text = bkey_json_text(document, "key");
        bool has = bkey_jsonscan_member(&top, "key", &found);
        if (has != (bkey_json_member(document, "key") != NULL))
            abort();
        if (text != NULL && found.kind != BKEY_JSONSCAN_STRING)
            abort();
        (void)bkey_jsonscan_find(&top, "value.key", &found);
        walk(&top);
    }
    bkey_json_free(&document);
    return 0;
}
