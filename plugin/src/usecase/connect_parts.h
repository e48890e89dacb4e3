/* SPDX-License-Identifier: Apache-2.0
 *
 * What connect.c and connect_write.c share. */
#ifndef BKEY_CONNECT_PARTS_H
#define BKEY_CONNECT_PARTS_H

#include "state/connection.h"
#include "state/signin.h"
#include "usecase/connect.h"

#define BKEY_CONNECT_NAME_SIZE 1024u

typedef struct bkey_connecting {
    const bkey_connect_request *request;
    char *detail;
    bool replaced;
    bool changing; /* ticks of the tenant wait for us */
    bkey_connection connection;
    bkey_connection before;  /* what was stored, when replaced */
    bkey_connection partner; /* of a customer */
    bkey_signin_way way;     /* 0 = no person has to sign in first */
    int64_t cert_ends_ms;    /* of a PEM; 0 = there is none */
    char names[BKEY_CONNECTION_ORGANIZATIONS_MAX][BKEY_CONNECT_NAME_SIZE];
} bkey_connecting;

/* connect_write.c: the rows, in one batch, and what the person is told. */
BKEY_MUST_CHECK bkey_err bkey_connect_write(bkey_connecting *c);
BKEY_MUST_CHECK bkey_err bkey_connect_result(const bkey_connecting *c, sup_buffer *out_json);

#endif
