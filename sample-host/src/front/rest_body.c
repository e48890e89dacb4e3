/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_body.h"

#include "sample-host/src/base/secret_json.h"
#include "sample-host/src/front/args.h"

#include <string.h>

#define FIRST_SIZE 4096

static bool grow(host_secret *body, size_t need)
{
    host_secret larger;
    size_t cap = body->cap == 0 ? FIRST_SIZE : body->cap;
    while (cap < need)
        cap *= 2;
    if (!host_secret_init(&larger, cap))
        return false;
    if (body->len > 0)
        memcpy(larger.ptr, body->ptr, body->len);
    larger.len = body->len;
    host_secret_done(body);
    *body = larger;
    return true;
}

bool front_rest_body_add(host_secret *body, const char *bytes, size_t len)
{
    if (len > FRONT_REST_BODY_MAX || body->len > FRONT_REST_BODY_MAX - len)
        return false;
    if (body->len + len > body->cap && !grow(body, body->len + len))
        return false;
    memcpy(body->ptr + body->len, bytes, len);
    body->len += len;
    return true;
}

static bool put_members(json_t *json, const host_command *command, bool has_secret, json_t *args,
                        host_error *err)
{
    for (void *i = json_object_iter(json); i != NULL; i = json_object_iter_next(json, i)) {
        const char *name = json_object_iter_key(i);
        const host_option *option = front_args_find(command, name);
        bool blanked = strcmp(name, "secret") == 0 || strcmp(name, "password") == 0;
        if (has_secret && blanked)
            continue;
        if (option == NULL)
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                  "the body has a member that \"%s\" does not take", command->name);
        if (!front_args_put_json(args, option, json_object_iter_value(i), err))
            return false;
    }
    return true;
}

static bool read_members(host_secret *body, const host_command *command, json_t *args,
                         host_secret *secret, host_error *err)
{
    const unsigned may = HOST_COMMAND_READS_SECRET | HOST_COMMAND_MAY_READ_SECRET;
    char *text = (char *)body->ptr;
    if (!host_secret_json_take(text, body->len, secret, err))
        return false;
    bool has_secret = secret->ptr != NULL;
    if (has_secret && (command->flags & may) == 0)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "\"%s\" takes no secret",
                              command->name);
    json_t *json = json_loadb(text, body->len, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(json);
    if (!ok)
        host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "the body is not valid JSON");
    ok = ok && put_members(json, command, has_secret, args, err);
    json_decref(json);
    return ok;
}

bool front_rest_body_read(host_secret *body, const host_command *command, json_t *args,
                          host_secret *out_secret, host_error *err)
{
    host_secret secret = {0};
    bool ok = body->len == 0 || read_members(body, command, args, &secret, err);
    if (ok && secret.ptr == NULL && (command->flags & HOST_COMMAND_READS_SECRET) != 0 &&
        host_command_wants_secret(command, args) == HOST_SECRET_MUST)
        ok = host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                            "the body needs a member \"secret\"");
    host_secret_done(body);
    if (ok)
        *out_secret = secret;
    else
        host_secret_done(&secret);
    return ok;
}
