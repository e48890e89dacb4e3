/* SPDX-License-Identifier: Apache-2.0
 *
 * For commands_*.c: the one record that an argument names. */
#ifndef HOST_COMMANDS_RECORD_H
#define HOST_COMMANDS_RECORD_H

#include "sample-host/src/commands.h"
#include "sample-host/src/record.h"

/* Finds the one record of that id or full Key ID that may be shown. When several fit, `reply` gets
 * a body with their record ids and the error is CONFLICT (code HOST_CODE_AMBIGUOUS). The caller
 * ends *out. */
bool host_commands_record(host *h, const host_request *request, const char *wanted,
                          host_record_page *out, host_reply *reply, host_error *err);

#endif
