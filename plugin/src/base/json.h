/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON that carries no secret: bounded reading with getters that tolerate what outsiders send, and
 * a builder for results. The only user of jansson, which nobody sees from here. Bodies with secrets
 * go through jsonscan.h instead. */
#ifndef BKEY_JSON_H
#define BKEY_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "support/buffer.h"

#define BKEY_JSON_MAX_DEPTH 32u /* nesting that is accepted; Graph's answers need 7 */

/* A value inside a document; lives as long as the document. */
typedef struct bkey_json bkey_json;

typedef enum bkey_json_kind {
    BKEY_JSON_ABSENT = 0, /* a NULL value: no such member */
    BKEY_JSON_NULL,
    BKEY_JSON_BOOL,
    BKEY_JSON_NUMBER,
    BKEY_JSON_TEXT,
    BKEY_JSON_ARRAY,
    BKEY_JSON_OBJECT
} bkey_json_kind;

/* Reads one document, an object or array at its top; the last of equal names counts. A text with a
 * NUL in it is accepted and reads as if it were none. BODY: malformed; DEPTH; BODY_SIZE:
 * longer than max_len; NOMEM. Free with bkey_json_free. */
BKEY_MUST_CHECK bkey_err bkey_json_parse(const void *bytes, size_t len, size_t max_len,
                                         bkey_json **out_document);
/* NULL-safe, sets NULL. */
void bkey_json_free(bkey_json **document);

/* Every getter accepts NULL and values of any kind. */
bkey_json_kind bkey_json_kind_of(const bkey_json *value);
/* The member, NULL when it is missing or `object` is no object. A JSON null is a value. */
const bkey_json *bkey_json_member(const bkey_json *object, const char *name);
/* The text of a value or member; NULL when it is anything else. */
const char *bkey_json_as_text(const bkey_json *value);
const char *bkey_json_text(const bkey_json *object, const char *name);
/* A whole number, or a text that is one in decimal; false, and *out untouched, for all else. */
bool bkey_json_as_int(const bkey_json *value, int64_t *out);
bool bkey_json_int(const bkey_json *object, const char *name, int64_t *out);
/* true or false; false, and *out untouched, for all else. */
bool bkey_json_bool(const bkey_json *object, const char *name, bool *out);
/* The member when it is an array, else NULL. */
const bkey_json *bkey_json_array(const bkey_json *object, const char *name);
/* Elements of an array; 0 for all else. */
size_t bkey_json_count(const bkey_json *array);
/* The element, NULL beyond the end. */
const bkey_json *bkey_json_at(const bkey_json *array, size_t index);

/* Builds one object. Nothing of it fails by itself: a failure is kept and told by
 * bkey_json_builder_write. Texts are copied; malformed UTF-8 is a failure; a NULL text is null. */
typedef struct bkey_json_builder {
    bkey_json *root; /* the object that is built */
    bool failed;
} bkey_json_builder;

void bkey_json_builder_init(bkey_json_builder *builder);
/* NULL-safe. */
void bkey_json_builder_done(bkey_json_builder *builder);
/* `object` is builder->root or what a put or add returned (NULL after a failure: then no-ops). */
void bkey_json_put_text(bkey_json_builder *builder, bkey_json *object, const char *name,
                        const char *text);
void bkey_json_put_int(bkey_json_builder *builder, bkey_json *object, const char *name,
                       int64_t number);
void bkey_json_put_bool(bkey_json_builder *builder, bkey_json *object, const char *name, bool yes);
bkey_json *bkey_json_put_array(bkey_json_builder *builder, bkey_json *object, const char *name);
bkey_json *bkey_json_put_object(bkey_json_builder *builder, bkey_json *object, const char *name);
void bkey_json_add_text(bkey_json_builder *builder, bkey_json *array, const char *text);
bkey_json *bkey_json_add_object(bkey_json_builder *builder, bkey_json *array);
/* Appends the object in one line, members in the order they were put. NOMEM: something failed. */
BKEY_MUST_CHECK bkey_err bkey_json_builder_write(const bkey_json_builder *builder, sup_buffer *out);

#endif
