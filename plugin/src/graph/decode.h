/* SPDX-License-Identifier: Apache-2.0
 *
 * Graph's answers into the domain's values, tolerant of everything the services were seen to send.
 * Must not know who asks nor what is done with it. */
#ifndef BKEY_DECODE_H
#define BKEY_DECODE_H

#include "base/ports.h"
#include "base/secret.h"
#include "domain/model.h"
#include "support/buffer.h"

/* Which call an answer belongs to: the same code means different things. */
typedef enum bkey_call_kind {
    BKEY_CALL_DEVICES = 1,
    BKEY_CALL_KEYS,
    BKEY_CALL_KEY,
    BKEY_CALL_DIRECTORY,  /* Entra's devices and their changes */
    BKEY_CALL_ENCRYPTION, /* Intune's encryption report */
    BKEY_CALL_USERS,      /* people and the tenant's licences */
} bkey_call_kind;

/* More rows than any service puts on a page. */
#define BKEY_PAGE_ROWS 100000u

/* One page of a listing. */
typedef struct bkey_page {
    uint32_t rows;    /* given to the sink */
    uint32_t skipped; /* rows without a usable id */
    sup_buffer next;  /* next page's address; "" = this was the last. Freed by bkey_page_done */
    sup_buffer delta; /* where later changes are told; "" = nowhere. Freed by bkey_page_done */
} bkey_page;

void bkey_page_done(bkey_page *page); /* NULL-safe */

/* Text lives until the sink returns. Anything but OK ends the page and becomes its result. */
typedef bkey_err (*bkey_device_sink)(void *context, const bkey_device *device);
typedef bkey_err (*bkey_listed_key_sink)(void *context, const bkey_listed_key *key);

/* One row of the encryption report. */
typedef struct bkey_encryption_row {
    sup_guid managed_id;
    uint8_t encryption; /* bkey_encryption */
    uint8_t backup;     /* BKEY_BACKUP_* */
} bkey_encryption_row;
typedef bkey_err (*bkey_encryption_sink)(void *context, const bkey_encryption_row *row);

/* A device that the directory removed. */
typedef struct bkey_removal {
    sup_guid object_id;
    bool is_final; /* false: it can be restored */
} bkey_removal;
typedef bkey_err (*bkey_removal_sink)(void *context, const bkey_removal *removal);

/* Reads a page of managedDevices or recoveryKeys. graph_url is the connection's: NEXT_LINK when an
 * address in it leaves its origin. BODY: not the JSON of a listing; BODY_SIZE; DEPTH;
 * ROWS; NOMEM.
 * On success *out_page is the caller's to finish with bkey_page_done. */
BKEY_MUST_CHECK bkey_err bkey_decode_devices(bkey_bytes body, const char *graph_url,
                                             bkey_device_sink sink, void *context,
                                             bkey_page *out_page);
BKEY_MUST_CHECK bkey_err bkey_decode_keys(bkey_bytes body, const char *graph_url,
                                          bkey_listed_key_sink sink, void *context,
                                          bkey_page *out_page);

/* The same for a page of devices (object id, name, join; no serial number), of
 * managedDeviceEncryptionStates, and of devices/delta, of which only removals are given. */
BKEY_MUST_CHECK bkey_err bkey_decode_directory(bkey_bytes body, const char *graph_url,
                                               bkey_device_sink sink, void *context,
                                               bkey_page *out_page);
BKEY_MUST_CHECK bkey_err bkey_decode_encryption(bkey_bytes body, const char *graph_url,
                                                bkey_encryption_sink sink, void *context,
                                                bkey_page *out_page);
BKEY_MUST_CHECK bkey_err bkey_decode_removals(bkey_bytes body, const char *graph_url,
                                              bkey_removal_sink sink, void *context,
                                              bkey_page *out_page);

/* One of a partner's customers, of delegatedAdminCustomers or of contracts. */
typedef bkey_err (*bkey_customer_name_sink)(void *context, const sup_guid *tenant,
                                            const char *name);
BKEY_MUST_CHECK bkey_err bkey_decode_customers(bkey_bytes body, const char *graph_url,
                                               bkey_customer_name_sink sink, void *context,
                                               bkey_page *out_page);

/* Reads the answer to one key read, flat or wrapped under "value". The secret is 16 bytes, or,
 * with *out_malformed, the text as received (at most 512 bytes). Errors: EMPTY_KEY (no key in it,
 * or a blank one), BODY (no JSON, another key's id, a longer text), SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_decode_key(bkey_slab *slab, bkey_bytes body, const sup_guid *id,
                                         bkey_secret **out_secret, bool *out_malformed);

/* Reads the wired and the Wi-Fi address of one managed device; "" for what is not told. BODY. */
#define BKEY_DECODE_ADDRESS_SIZE 64u
BKEY_MUST_CHECK bkey_err bkey_decode_addresses(bkey_bytes body,
                                               char out_wired[BKEY_DECODE_ADDRESS_SIZE],
                                               char out_wifi[BKEY_DECODE_ADDRESS_SIZE]);

/* Why an answer with another status than 200 failed: THROTTLED (429), REMOTE_FAULT (5xx),
 * NOT_FOUND, PERM_DEVICES, PERM_KEY_LIST, PERM_KEY_READ, NO_INTUNE, TOKEN_REFUSED (401; renew the
 * token once), STATUS. */
BKEY_MUST_CHECK bkey_err bkey_decode_failure(bkey_call_kind kind, int32_t status, bkey_bytes body);

/* Writes error.code of an answer, "" when there is none, cut to cap and to safe characters: fit
 * for a log. */
void bkey_decode_error_code(bkey_bytes body, char *out, size_t cap);

#endif
