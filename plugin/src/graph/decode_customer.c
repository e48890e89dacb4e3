/* SPDX-License-Identifier: Apache-2.0
 *
 * A partner's customers, in both of Graph's lists of them. See decode.h. */
#include "graph/decode_page.h"

typedef struct customer_walk {
    bkey_customer_name_sink sink;
    void *context;
} customer_walk;

/* A relationship says tenantId, a contract customerId. */
static bkey_err read_customer(const bkey_json *row, void *walk, bool *out_used)
{
    const customer_walk *walking = walk;
    sup_guid tenant;
    if (!bkey_decode_page_guid(row, "tenantId", &tenant) &&
        !bkey_decode_page_guid(row, "customerId", &tenant))
        return bkey_ok();
    *out_used = true;
    return walking->sink(walking->context, &tenant, bkey_decode_page_text(row, "displayName"));
}

bkey_err bkey_decode_customers(bkey_bytes body, const char *graph_url, bkey_customer_name_sink sink,
                               void *context, bkey_page *out_page)
{
    customer_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_customer, &walk};
    return bkey_decode_page_read(&source, out_page);
}
