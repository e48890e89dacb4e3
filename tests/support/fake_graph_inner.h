/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the tenant in a struct share among themselves: each writes one answer's body
 * and, where it is not always 200, returns the status. For tests only. */
#ifndef FAKE_GRAPH_INNER_H
#define FAKE_GRAPH_INNER_H

#include "support/buffer.h"
#include "tests/support/fake_graph.h"

/* A sign-in; is_poll: with a device code or one from the page. */
int32_t fake_graph_answer_token(fake_graph *graph, const char *url, bool is_poll, sup_buffer *out);
void fake_graph_answer_licences(const fake_graph *graph, sup_buffer *out);
/* What was removed from the directory since; the address given next is always the same. */
int32_t fake_graph_answer_removals(const fake_graph *graph, const char *url, sup_buffer *out);
void fake_graph_answer_page(const fake_graph *graph, fake_route route, const char *url,
                            sup_buffer *out);
/* One key's secret, counted. */
int32_t fake_graph_answer_secret(fake_graph *graph, const char *url, sup_buffer *out);
/* One device's network addresses. */
int32_t fake_graph_answer_addresses(const fake_graph *graph, const char *url, sup_buffer *out);

#endif
