/* SPDX-License-Identifier: Apache-2.0
 *
 * Why Graph said no, through the dialects of its services. Bodies never reach a log or a person:
 * only a reason and the error's code do. See decode.h. */
#include <string.h>

#include "base/json.h"
#include "graph/decode.h"

#define BODY_MAX (256u * 1024u)
#define UNWRAP_LEVELS 4u

/* What Intune's nested envelopes say in the end. */
typedef struct refusal {
    char code[64];  /* error.code */
    bool forbidden; /* some level says so */
    bool no_licence;
} refusal;

static bool contains(const char *text, const char *part)
{
    /* What comes after is for their support, and may quote anything. */
    const char *end = strstr(text, " - Operation ID");
    const char *found = strstr(text, part);
    return found != NULL && (end == NULL || found < end);
}

static void judge_message(const char *message, refusal *out)
{
    if (contains(message, "Request not applicable to target tenant") ||
        contains(message, "AppLifecycle_2210"))
        out->no_licence = true;
}

/* Opens envelopes while the message is a JSON object. */
static void unwrap(const char *message, refusal *out)
{
    bkey_json *held = NULL;
    for (unsigned level = 0; message != NULL && level < UNWRAP_LEVELS; level++) {
        bkey_json *document = NULL;
        judge_message(message, out);
        if (message[0] != '{' ||
            !bkey_is_ok(bkey_json_parse(message, strlen(message), BODY_MAX, &document)))
            break;
        const char *code = bkey_json_text(document, "ErrorCode");
        if (code != NULL && strcmp(code, "Forbidden") == 0)
            out->forbidden = true;
        message = bkey_json_text(document, "Message");
        if (message == NULL)
            message = bkey_json_text(document, "message");
        /* The text lives in its document: the outer one can go only now. */
        bkey_json_free(&held);
        held = document;
    }
    if (message != NULL)
        judge_message(message, out);
    bkey_json_free(&held);
}

static void copy_code(const char *code, char *out, size_t cap)
{
    size_t len = 0;
    for (; code[len] != '\0' && len + 1 < cap; len++) {
        char c = code[len];
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '.' || c == '-';
        out[len] = safe ? c : '?';
    }
    out[len] = '\0';
}

static void read_refusal(bkey_bytes body, refusal *out)
{
    bkey_json *document = NULL;
    *out = (refusal){.code = ""};
    if (!bkey_is_ok(bkey_json_parse(body.ptr, body.len, BODY_MAX, &document)))
        return;
    const bkey_json *error = bkey_json_member(document, "error");
    const char *code = bkey_json_text(error, "code");
    if (code != NULL)
        copy_code(code, out->code, sizeof out->code);
    out->forbidden = strcmp(out->code, "Forbidden") == 0;
    unwrap(bkey_json_text(error, "message"), out);
    bkey_json_free(&document);
}

void bkey_decode_error_code(bkey_bytes body, char *out, size_t cap)
{
    refusal found;
    read_refusal(body, &found);
    copy_code(found.code, out, cap);
}

static uint32_t missing_permission(bkey_call_kind kind)
{
    switch (kind) {
    case BKEY_CALL_DEVICES:
        return BKEY_E_PERM_DEVICES;
    case BKEY_CALL_KEYS:
        return BKEY_E_PERM_KEY_LIST;
    case BKEY_CALL_KEY:
        return BKEY_E_PERM_KEY_READ;
    case BKEY_CALL_DIRECTORY:
    case BKEY_CALL_ENCRYPTION:
    case BKEY_CALL_USERS:
        break;
    }
    return BKEY_E_STATUS;
}

static uint32_t judge(bkey_call_kind kind, int32_t status, const refusal *found)
{
    bool is_intune = kind == BKEY_CALL_DEVICES || kind == BKEY_CALL_ENCRYPTION;
    if (is_intune && found->no_licence)
        return BKEY_E_NO_INTUNE;
    if (strcmp(found->code, "Authorization_IdentityNotFound") == 0)
        return BKEY_E_CONSENT;
    /* Intune says 401 where it means 403. */
    if (status == 403 || (is_intune && status == 401 && found->forbidden))
        return missing_permission(kind);
    if (status == 401)
        return BKEY_E_TOKEN_REFUSED;
    return BKEY_E_STATUS;
}

bkey_err bkey_decode_failure(bkey_call_kind kind, int32_t status, bkey_bytes body)
{
    refusal found;
    if (status == 429)
        return bkey_fail(BKEY_E_THROTTLED);
    if (status == 408 || (status >= 500 && status <= 599))
        return bkey_fail(BKEY_E_REMOTE_FAULT);
    if (status == 404)
        return bkey_fail(BKEY_E_NOT_FOUND);
    /* An odd success may carry a key, which must not get into jansson's ordinary memory. */
    if (status < 300)
        return bkey_fail(BKEY_E_STATUS);
    read_refusal(body, &found);
    return bkey_fail(judge(kind, status, &found));
}
