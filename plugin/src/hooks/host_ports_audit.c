/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey_ports over dph.audit/1, which a host may lack. Must not know what a head says. */
#include "hooks/host_ports_parts.h"

#include <string.h>

static bkey_err publish_head(void *self, const bkey_call *call, const char *line)
{
    const bkey_host_ports *p = self;
    const dph_str head = {line, strlen(line)};
    dph_status status = p->audit->publish_head(p->host, bkey_host_ports_call(call), &head, NULL);
    return bkey_host_ports_error(status, BKEY_E_STORE_BUSY);
}

typedef struct lines_context {
    bkey_line_sink sink;
    void *context;
    bkey_err err;
} lines_context;

static dph_status pass_line(void *context, const dph_str *head)
{
    lines_context *to = context;
    to->err = to->sink(to->context, head->ptr, head->len);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err list_heads(void *self, const bkey_call *call, bkey_line_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    lines_context to = {sink, context, bkey_ok()};
    const dph_audit_sink host_sink = {sizeof host_sink, 0, &to, pass_line};
    dph_status status = p->audit->list_heads(p->host, bkey_host_ports_call(call), &host_sink, NULL);
    if (!bkey_is_ok(to.err))
        return to.err;
    bkey_err err = bkey_host_ports_error(status, BKEY_E_HEADS);
    /* Not the store is at fault, and the file heals by nobody's waiting. */
    return bkey_is(err, BKEY_E_STORE_BUSY) || bkey_is(err, BKEY_E_STORE) ? bkey_fail(BKEY_E_HEADS)
                                                                         : err;
}

void bkey_host_ports_fill_audit(bkey_ports *ports)
{
    const bkey_host_ports *p = ports->self;
    if (p->audit == NULL || !DPH_HAS(p->audit, list_heads))
        return;
    ports->publish_head = publish_head;
    ports->published_heads = list_heads;
}
