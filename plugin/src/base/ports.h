/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything nondeterministic or outside, as one struct of function pointers: clock, sleep, random,
 * network, and the host's services in the plugin's own words. Knows neither the ABI nor libcurl;
 * hooks/host_ports.c and graph/transport.c fill it in the product, tests fill it with their own. */
#ifndef BKEY_PORTS_H
#define BKEY_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

typedef struct bkey_bytes {
    const uint8_t *ptr;
    size_t len;
} bkey_bytes;

/* On whose behalf, how long. Made by hooks from the host's call; lives as long as it. */
typedef struct bkey_call {
    const void *host_call;       /* the host's own, handed back to it */
    const char *organization_id; /* "" when about none */
    const char *actor;           /* who, for the audit */
    const char *remote_address;  /* "" when local */
    uint32_t actor_kind;         /* DPH_ACTOR_* as a number */
    uint32_t actor_role;
    uint32_t source; /* DPH_SOURCE_* as a number */
    uint32_t os_uid;
    char *said; /* BKEY_SAID_CAP bytes for the host's own sentence when it fails, or NULL */
} bkey_call;

#define BKEY_SAID_CAP 256u

/* The host's own sentence, when `failed` is a failure of its store or of its way out and it gave
 * one; else NULL. Only the host knows that a disk is full. */
static inline const char *bkey_call_said(const bkey_call *call, bkey_err failed)
{
    bool is_host = bkey_is(failed, BKEY_E_STORE_BUSY) || bkey_is(failed, BKEY_E_STORE) ||
                   bkey_is(failed, BKEY_E_UNKNOWN_OUTCOME) || bkey_is(failed, BKEY_E_HTTP_POLICY);
    return is_host && call->said != NULL && call->said[0] != '\0' ? call->said : NULL;
}

/* ---- writes ---- */
typedef enum bkey_item_kind {
    BKEY_ITEM_RECORD = 1,
    BKEY_ITEM_FOLDER,
    BKEY_ITEM_STATE_PUT,
    BKEY_ITEM_STATE_REMOVE,
    BKEY_ITEM_ACTIVITY,
    BKEY_ITEM_CONFIGURATION, /* a new one */
    BKEY_ITEM_WITHDRAW,      /* the record goes; its key stays with us */
    BKEY_ITEM_CONTACT
} bkey_item_kind;

typedef enum bkey_action { /* numbers of the ABI's DPH_ACTIVITY_* */
                           BKEY_ACTION_CREATED = 1,
                           BKEY_ACTION_ARCHIVED = 2,
                           BKEY_ACTION_UNARCHIVED = 3,
                           BKEY_ACTION_VIEWED = 5,
                           BKEY_ACTION_RENAMED = 6,
                           BKEY_ACTION_MATCHED = 7,
                           BKEY_ACTION_MOVED = 8,
                           BKEY_ACTION_REFUSED = 10,
                           BKEY_ACTION_COPIED = 11,
                           BKEY_ACTION_UPDATED = 12,
                           BKEY_ACTION_PRINTED = 15
} bkey_action;

/* One item of a batch; which fields count depends on `kind`. Text is terminated UTF-8, "" = none.
 * Everything pointed to lives until apply returns. */
typedef struct bkey_item {
    bkey_item_kind kind;
    uint64_t expect_revision;     /* of rows that have one: 0 = must not exist */
    bool archived;                /* RECORD */
    bool hidden;                  /* FOLDER */
    bkey_action action;           /* ACTIVITY */
    const char *organization_id;  /* RECORD, FOLDER, ACTIVITY, CONFIGURATION, CONTACT */
    const char *folder_id;        /* RECORD, FOLDER */
    const char *external_id;      /* RECORD, WITHDRAW, ACTIVITY, CONTACT */
    const char *category;         /* RECORD */
    const char *title;            /* ACTIVITY: its subject; else the name */
    const char *username;         /* RECORD */
    const char *configuration_id; /* RECORD, CONFIGURATION */
    const char *tag;              /* RECORD */
    const char *data;             /* RECORD */
    const char *detail;           /* ACTIVITY */
    const char *hostname;         /* CONFIGURATION */
    const char *serial;           /* CONFIGURATION */
    const char *mac;              /* CONFIGURATION */
    const char *manufacturer;     /* CONFIGURATION */
    const char *model;            /* CONFIGURATION */
    const char *contact_id;       /* CONTACT */
    const char *first_name;       /* CONTACT */
    const char *last_name;        /* CONTACT */
    const char *emails;           /* CONTACT: addresses with one space between */
    bkey_bytes key;               /* STATE_* */
    bkey_bytes value;             /* STATE_PUT */
} bkey_item;

#define BKEY_BATCH_MAX 500u

/* ---- rows that the host lists; text lives until the sink returns ---- */
typedef struct bkey_state_row {
    bkey_bytes key;
    bkey_bytes value;
    uint64_t revision;
    bool tombstone;
} bkey_state_row;

typedef struct bkey_record_view {
    const char *record_id, *external_id, *organization_id, *folder_id, *category, *title, *username,
        *configuration_id, *tag, *data;
    uint64_t revision;
    bool archived;
} bkey_record_view;

typedef struct bkey_configuration_view {
    const char *configuration_id, *organization_id, *name, *hostname, *serial, *mac;
    bool archived;
} bkey_configuration_view;

typedef struct bkey_contact_view {
    const char *contact_id, *external_id, *name, *first_name, *last_name, *emails;
    uint64_t revision;
    bool taken; /* linked by another plugin */
} bkey_contact_view;

typedef struct bkey_folder_view {
    const char *folder_id, *organization_id, *name;
    uint64_t revision;
    bool hidden;
} bkey_folder_view;

typedef bkey_err (*bkey_state_sink)(void *context, const bkey_state_row *row);
typedef bkey_err (*bkey_record_sink)(void *context, const bkey_record_view *row);
typedef bkey_err (*bkey_configuration_sink)(void *context, const bkey_configuration_view *row);
typedef bkey_err (*bkey_contact_sink)(void *context, const bkey_contact_view *row);
typedef bkey_err (*bkey_line_sink)(void *context, const char *line, size_t len);

/* ---- network; see graph/transport.h for the real one ---- */
#define BKEY_NET_SECRET_REPLY 1u /* the reply is received into wiped memory, not the heap */
#define BKEY_NET_FORM 2u         /* body is application/x-www-form-urlencoded, else JSON */

typedef struct bkey_net_request {
    uint64_t tag;        /* the caller's own, given back with the reply */
    const char *url;     /* absolute; copied by submit */
    bkey_secret *bearer; /* access token, or NULL; borrowed by submit, not kept */
    bkey_secret *body; /* NULL = GET, else POST; read during the request: keep it until the reply */
    const char *json;  /* NULL, or a POST of this text, which holds no secret; copied by submit */
    uint32_t flags;    /* BKEY_NET_* */
    uint32_t timeout_ms; /* for the whole request; 0 = the transport's default */
    size_t max_reply;    /* most body bytes that are accepted */
} bkey_net_request;

typedef struct bkey_net_reply {
    uint64_t tag;
    bkey_err error;         /* silence (bkey_err_is_silence), BODY_SIZE, URL, NOMEM */
    int32_t status;         /* HTTP status */
    int64_t retry_after_ms; /* from seconds or an HTTP-date; -1 = header absent */
    int64_t date_s;         /* the answer's own Date in Unix seconds; 0 = none */
    bkey_bytes body;        /* followed by a zero byte; valid until released */
    void *handle;           /* the transport's */
    const char
        *challenge; /* base64 of the claims that a refusal asks for, or NULL; until release */
} bkey_net_reply;

typedef struct bkey_net {
    void *self;
    uint32_t max_parallel; /* requests that may be under way at once */
    /* Starts one request; never blocks. LIMIT when max_parallel are under way. */
    bkey_err (*submit)(void *self, const bkey_net_request *request);
    /* Waits at most timeout_ms for one finished request. *out_got false: none yet. A transport
     * failure is a reply with `error` set, not an error of this call. */
    bkey_err (*next)(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply, bool *out_got);
    /* Wipes and frees the reply's body. */
    void (*release)(void *self, bkey_net_reply *reply);
    /* Ends everything under way; their replies never come. */
    void (*cancel_all)(void *self);
} bkey_net;

/* ---- all of it ---- */
typedef struct bkey_ports {
    void *self; /* given to every function below */

    /* clock */
    uint64_t (*mono_ns)(void *self);
    int64_t (*wall_ms)(void *self);
    /* Blocks; OVER category as soon as the call is over. Sync lane only. */
    bkey_err (*wait_ms)(void *self, const bkey_call *call, uint64_t ms);
    /* OK, or CANCELLED or DEADLINE. Never blocks. */
    bkey_err (*still_wanted)(void *self, const bkey_call *call);
    /* Fills with unpredictable bytes (nonces, keys, op keys, jitter). */
    void (*random)(void *self, void *out, size_t len);

    /* log; event is a stable number, text and values are never secret. level as DPH_LOG_*. */
    void (*log)(void *self, const bkey_call *call, uint32_t level, uint32_t event,
                const char *text);

    /* store; errors: CONFLICT (with *out_conflict), STORE_BUSY, UNKNOWN_OUTCOME, STORE, NOMEM, OVER
     */
    bkey_err (*apply)(void *self, const bkey_call *call, const bkey_item *items, size_t count,
                      const char *op_key, uint64_t *out_rows, size_t *out_conflict);
    bkey_err (*state_get)(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                          void *context); /* NO_STATE when never put; tombstones are given */
    bkey_err (*state_scan)(void *self, const bkey_call *call, bkey_bytes prefix,
                           bkey_state_sink sink, void *context);
    bkey_err (*records)(void *self, const bkey_call *call, const char *organization_id,
                        bkey_record_sink sink, void *context);
    bkey_err (*record)(void *self, const bkey_call *call, const char *external_id,
                       bkey_record_sink sink, void *context); /* NO_STATE when there is none */
    bkey_err (*folder)(void *self, const bkey_call *call, const char *organization_id,
                       bkey_err (*sink)(void *context, const bkey_folder_view *row), void *context);
    bkey_err (*configurations)(void *self, const bkey_call *call, const char *organization_id,
                               bkey_configuration_sink sink, void *context);
    /* NULL when the host has no contacts for plugins. */
    bkey_err (*contacts)(void *self, const bkey_call *call, const char *organization_id,
                         bkey_contact_sink sink, void *context);
    /* Writes id and name (terminated, cap bytes each at most); NO_STATE when unknown. */
    bkey_err (*organization)(void *self, const bkey_call *call, const char *id_or_name,
                             char *out_id, char *out_name, size_t cap);

    /* Keeps a signed head (terminated text without a line feed) outside the store, durably; NULL
     * when the host has no such place. Errors: STORE_BUSY. */
    bkey_err (*publish_head)(void *self, const bkey_call *call, const char *line);
    /* Every head that was kept, in the order of keeping; NULL as above. */
    bkey_err (*published_heads)(void *self, const bkey_call *call, bkey_line_sink sink,
                                void *context);

    /* keyring */
    uint32_t (*generation)(void *self);
    bkey_err (*derive)(void *self, const char *label, uint32_t generation, uint8_t *out,
                       size_t len);
    bkey_err (*slot_make)(void *self, const char *slot);
    bkey_err (*slot_get)(void *self, const char *slot, uint8_t out[32]);

    /* settings and entitlement */
    uint64_t (*settings_generation)(void *self);
    bkey_err (*setting_text)(void *self, const char *key, char *buf, size_t cap);
    bkey_err (*setting_int)(void *self, const char *key, int64_t *out);
    /* True when the add-on is ACTIVE or GRACE. */
    bool (*entitled)(void *self);

    /* A network of its own for one tick, as the host's policy is now; freed with net_free.
     * HTTP_POLICY, with the host's sentence in call->said: it gives no usable one. */
    bkey_err (*net_new)(void *self, const bkey_call *call, uint32_t max_parallel,
                        bkey_net **out_net);
    void (*net_free)(void *self, bkey_net **net);
} bkey_ports;

#endif
