/* SPDX-License-Identifier: Apache-2.0
 *
 * From a command's reply to status and envelope of an HTTP answer. Knows no HTTP library. */
#ifndef FRONT_REST_ANSWER_H
#define FRONT_REST_ANSWER_H

#include "sample-host/src/command.h"

/* Status and JSON of an answer. */
typedef struct front_rest_answer {
    unsigned status;
    json_t *json; /* object, owned; NULL when memory ran out */
} front_rest_answer;

/* The error code of the envelope for a status: "NOT_FOUND" for 404. Static. */
const char *front_rest_answer_code(unsigned status);
/* The HTTP status of a reply: 200 when done. */
unsigned front_rest_answer_status(const host_reply *reply);
/* {"success":true,"data":...,"meta":{}}; with `list` the rows are the data and all else is meta. A
 * reply that is not done makes the error envelope. */
front_rest_answer front_rest_answer_reply(const host_reply *reply, bool list);
/* {"success":false,"error":{"code","message","details":{}}} */
front_rest_answer front_rest_answer_error(unsigned status, const char *message);
/* Drops the JSON. */
void front_rest_answer_done(front_rest_answer *answer);

#endif
