/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a folder as people see them: the host's columns, decorated by the plugin that owns the
 * folder. */
#ifndef HOST_VIEW_H
#define HOST_VIEW_H

#include "sample-host/src/call.h"
#include "sample-host/src/record.h"

typedef struct host_view {
    bool is_hidden; /* the plugin, or its missing subscription, shows this to nobody */
    json_t *rows;   /* array of objects, one per row of the page */
    json_t *notices;
    json_t *facts;
} host_view;

/* Rows [from, to) of a page. */
typedef struct host_view_slice {
    const host_record_page *page;
    size_t from;
    size_t to;
} host_view_slice;

/* Decorates rows that are all of one folder. False only when memory runs out. The
 * caller ends *out. */
bool host_view_render(host *h, const host_request *request, const host_view_slice *slice,
                      host_view *out, host_error *err);
/* The same for an empty folder: hidden or not, notices, facts. */
bool host_view_head(host *h, const host_request *request, const char *organization_id,
                    const char *folder_id, host_view *out, host_error *err);
void host_view_done(host_view *view);

#endif
