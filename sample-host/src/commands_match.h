/* SPDX-License-Identifier: Apache-2.0
 *
 * For commands_*.c: asking a plugin about what belongs to organizations, as far as the viewer may
 * see them. */
#ifndef HOST_COMMANDS_MATCH_H
#define HOST_COMMANDS_MATCH_H

#include "sample-host/src/action.h"
#include "sample-host/src/commands.h"

/* Invokes the action with the parameter "organizations": a JSON array of the ids that the viewer
 * may see, left out for all. For a Manager only what was granted by name counts when
 * `by_name` (S1.107). *out is the caller's. NOT_FOUND while the plugin is shown to nobody. */
typedef struct host_match_question {
    const char *action;
    host_action_params *params;
    bool by_name;
} host_match_question;

/* That plugin, when it is loaded and shown. *out is the host's. Errors as below. */
bool host_commands_match_plugin(host *h, const host_request *request, const char *action,
                                const host_plugin **out, host_error *err);
bool host_commands_match_ask(host *h, const host_request *request,
                             const host_match_question *question, json_t **out, host_error *err);

#endif
