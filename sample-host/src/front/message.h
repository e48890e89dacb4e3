/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests, replies and progress as the JSON parts of frames. Secrets are not in them: they travel
 * in the frame's own part. */
#ifndef FRONT_MESSAGE_H
#define FRONT_MESSAGE_H

#include "sample-host/src/command.h"

/* A new object {command, args}, or NULL when memory runs out. */
json_t *front_message_from_request(const host_request *request);
/* Points command and args of *out into `message`; false when they are not there. */
bool front_message_to_request(const json_t *message, host_request *out);
/* A new object with all of the reply but its secret, or NULL when memory runs out. */
json_t *front_message_from_reply(const host_reply *reply);
/* Fills an initialized reply; the body is shared with `message`. False when it is no reply. */
bool front_message_to_reply(const json_t *message, host_reply *out);

#endif
