/* SPDX-License-Identifier: Apache-2.0
 *
 * For mutate_write.c: changes of password records. */
#ifndef HOST_MUTATE_PASSWORD_H
#define HOST_MUTATE_PASSWORD_H

#include "sample-host/src/mutate.h"

bool host_mutate_password_write(const host_call *call, host_conn *conn,
                                const host_mutation *mutation, const host_object *object,
                                const char *id, host_error *err);

#endif
