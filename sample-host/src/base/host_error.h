/* SPDX-License-Identifier: Apache-2.0
 *
 * What every function of the sample host reports when it cannot do its work: a status of the ABI
 * and one clear sentence. Knows no store, no plugin, no output. */
#ifndef HOST_ERROR_H
#define HOST_ERROR_H

#include "dph/error.h"

#include <stdbool.h>
#include <stddef.h>

#define HOST_MESSAGE_SIZE 512

/* Codes of the host's own refusals, beside those of gate.h and of the plugins' rules. */
#define HOST_CODE_RESERVED_NAME                                                                    \
    9101u /* a plugin claims that name; it is not loaded, or another plugin asks */
#define HOST_CODE_DUPLICATE 9102u       /* something of that name exists already */
#define HOST_CODE_NOT_EMPTY 9103u       /* it still contains something */
#define HOST_CODE_AMBIGUOUS 9104u       /* more than one thing fits */
#define HOST_CODE_USAGE 9105u           /* the command was used wrongly */
#define HOST_CODE_BUSY 9106u            /* another process owns the data, or a tick is running */
#define HOST_CODE_NO_REASON 9107u       /* a reveal needs a reason */
#define HOST_CODE_SUBSCRIPTION 9108u    /* the add-on is not active: the folder is not shown */
#define HOST_CODE_PLUGIN_MISSING 9109u  /* no plugin answers for this */
#define HOST_CODE_WRONG_KEY 9110u       /* the key file is not the one of this data */
#define HOST_CODE_ROLE 9111u            /* the asker's role may not do that */
#define HOST_CODE_NO_USER 9112u         /* there is no user of that name */
#define HOST_CODE_NOTHING_GUARDED 9113u /* a release was asked of what nobody guards */
#define HOST_CODE_UNDER_GUARD 9114u     /* a bulk change was refused for a part of its records */

/* Codes about the key file and copies of the store. */
#define HOST_CODE_NO_PASSPHRASE 9131u  /* the key file is sealed, and what opens it is missing */
#define HOST_CODE_BAD_SHARE 9132u      /* a share is damaged, foreign, or there are too few */
#define HOST_CODE_OLD_GENERATION 9133u /* a generation that the data needs was retired */

/* Written only by a function that fails. */
typedef struct host_error {
    dph_status status; /* DPH_E_* */
    uint32_t code;     /* HOST_CODE_*, a code of the loader or gate, a rule's number, or 0 */
    char message[HOST_MESSAGE_SIZE]; /* one sentence, terminated, never a secret */
} host_error;

/* Fills *err (NULL is allowed) and returns false, so that a failing function may end with it. */
bool host_error_set(host_error *err, dph_status status, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts "Line N: " in front of the sentence. Returns false. */
bool host_error_at_line(host_error *err, size_t line);
/* Copies what a plugin or the loader reported, control characters removed. Returns false. */
bool host_error_from_dph(host_error *err, dph_status status, const dph_error *from,
                         const char *fallback);
/* Writes the sentence of *err into the ABI's error (NULL is allowed) and returns its status. */
dph_status host_error_to_dph(const host_error *err, dph_error *out);

#endif
