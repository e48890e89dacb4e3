/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of mail addresses as text. Pure. */
#ifndef HOST_EMAIL_H
#define HOST_EMAIL_H

#include "dph/service_store.h"

#include <stdbool.h>

#define HOST_EMAILS_SIZE ((int)DPH_EMAILS_MAX + 1)

/* Writes the list with one space between, from one with spaces, commas or semicolons. Every word
 * has a part on each side of one @ and no control character. False when one has not, or when all
 * are longer than DPH_EMAILS_MAX. `out` has HOST_EMAILS_SIZE bytes. */
bool host_email_list(const char *text, char *out);

#endif
