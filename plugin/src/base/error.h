/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors inside the plugin: one integer in a struct, so that it is neither mixed up with int nor
 * tested as a boolean. Text is made once, at the edge; never from a response body. */
#ifndef BKEY_ERROR_H
#define BKEY_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define BKEY_MUST_CHECK __attribute__((warn_unused_result))

/* Retry policy looks at the category only. */
typedef enum bkey_category {
    BKEY_CAT_NONE = 0,
    BKEY_CAT_RETRY = 1,   /* passing trouble outside: try again later */
    BKEY_CAT_CONFIG = 2,  /* a setting or the connection is wrong */
    BKEY_CAT_AUTH = 3,    /* sign in again, or the app's credential is wrong */
    BKEY_CAT_DENIED = 4,  /* a permission, role or rule is missing */
    BKEY_CAT_REMOTE = 5,  /* the other side broke its contract */
    BKEY_CAT_LOCAL = 6,   /* memory, disk, limits */
    BKEY_CAT_CORRUPT = 7, /* stored data does not verify */
    BKEY_CAT_BUG = 8,     /* a broken promise in our own code */
    BKEY_CAT_OVER = 9,    /* cancelled, or the deadline has passed */
    BKEY_CAT_COUNT
} bkey_category;

#define BKEY_REASON(category, number) (((uint32_t)(category) << 24) | (uint32_t)(number))

/* Values are stable: they appear in logs. */
enum {
    BKEY_E_NETWORK = BKEY_REASON(1, 1),         /* no connection, reset, timeout */
    BKEY_E_THROTTLED = BKEY_REASON(1, 2),       /* 429 beyond the retry budget */
    BKEY_E_REMOTE_FAULT = BKEY_REASON(1, 3),    /* 5xx beyond the retry budget */
    BKEY_E_STORE_BUSY = BKEY_REASON(1, 4),      /* the host's store is unavailable */
    BKEY_E_CONFLICT = BKEY_REASON(1, 5),        /* expected revision did not match: plan again */
    BKEY_E_UNKNOWN_OUTCOME = BKEY_REASON(1, 6), /* the write may have happened */
    BKEY_E_UNIT_BUSY = BKEY_REASON(1, 7),       /* the connection is synced or changed right now */
    BKEY_E_PROXY = BKEY_REASON(1, 8),           /* the proxy is not there or lets nothing through */
    BKEY_E_TLS = BKEY_REASON(2, 1),             /* certificate or protocol refused */
    BKEY_E_URL = BKEY_REASON(2, 2),             /* malformed or not allowed address */
    BKEY_E_SETTING = BKEY_REASON(2, 3),
    BKEY_E_NOT_CONNECTED = BKEY_REASON(2, 4), /* no such connection */
    BKEY_E_TENANT = BKEY_REASON(2, 5),        /* tenant or app unknown at Microsoft */
    BKEY_E_SWITCHED_OFF = BKEY_REASON(2, 6),  /* a sync setting is off */
    BKEY_E_PARAMETER = BKEY_REASON(2, 7),     /* a parameter of an action */
    BKEY_E_NO_INTUNE = BKEY_REASON(2, 8),     /* "Request not applicable to target tenant" */
    BKEY_E_HTTP_POLICY = BKEY_REASON(2, 9),   /* the host gives no usable way out */
    BKEY_E_CA_FILE = BKEY_REASON(2, 10),      /* authorities that cannot be read */
    BKEY_E_CERT_UNTRUSTED = BKEY_REASON(2, 11),
    BKEY_E_CERT_EXPIRED = BKEY_REASON(2, 12), /* or not valid yet */
    BKEY_E_CERT_NAME = BKEY_REASON(2, 13),
    BKEY_E_TLS_FLOOR = BKEY_REASON(2, 14),     /* no TLS version in common */
    BKEY_E_PROXY_LOGIN = BKEY_REASON(2, 15),   /* 407 */
    BKEY_E_SIGN_IN = BKEY_REASON(3, 1),        /* refresh token expired, revoked, MFA */
    BKEY_E_APP_CREDENTIAL = BKEY_REASON(3, 2), /* secret wrong or expired */
    BKEY_E_CONSENT = BKEY_REASON(3, 3),
    BKEY_E_POLICY = BKEY_REASON(3, 4),        /* conditional access */
    BKEY_E_TOKEN_REFUSED = BKEY_REASON(3, 5), /* Graph refused a fresh token */
    BKEY_E_WRONG_TENANT = BKEY_REASON(3, 6),  /* token speaks of another tenant */
    BKEY_E_PERM_DEVICES = BKEY_REASON(4, 1),  /* DeviceManagementManagedDevices.Read.All missing */
    BKEY_E_PERM_KEY_LIST = BKEY_REASON(4, 2), /* BitlockerKey.ReadBasic.All missing */
    BKEY_E_PERM_KEY_READ =
        BKEY_REASON(4, 3),                /* BitlockerKey.Read.All or the directory role missing */
    BKEY_E_PERM_TYPE = BKEY_REASON(4, 4), /* granted as a type that is not accepted */
    BKEY_E_ENTITLEMENT = BKEY_REASON(4, 5),    /* add-on not bought or lapsed */
    BKEY_E_REASON_MISSING = BKEY_REASON(4, 6), /* reveal without a reason */
    BKEY_E_ROLE = BKEY_REASON(4, 7),           /* the person's role does not allow it */
    BKEY_E_BODY = BKEY_REASON(5, 1),           /* malformed JSON, wrong types */
    BKEY_E_BODY_SIZE = BKEY_REASON(5, 2),
    BKEY_E_NEXT_LINK = BKEY_REASON(5, 3), /* leaves the connection's origin */
    BKEY_E_PAGES = BKEY_REASON(5, 4),     /* paging does not end */
    BKEY_E_STATUS = BKEY_REASON(5, 5),    /* an HTTP status that the contract does not have */
    BKEY_E_NOT_FOUND = BKEY_REASON(5, 6), /* 404 */
    BKEY_E_EMPTY_KEY = BKEY_REASON(5, 7), /* 200 without a key in it */
    BKEY_E_DEPTH = BKEY_REASON(5, 8),     /* JSON nested too deep */
    BKEY_E_ROWS = BKEY_REASON(5, 9),      /* more rows than any tenant has */
    BKEY_E_NOMEM = BKEY_REASON(6, 1),
    BKEY_E_SLAB_FULL = BKEY_REASON(6, 2),
    BKEY_E_LIMIT = BKEY_REASON(6, 3),
    BKEY_E_KEYRING = BKEY_REASON(6, 4),      /* the keyring cannot make or give a key */
    BKEY_E_STORE = BKEY_REASON(6, 5),        /* the store refused the write */
    BKEY_E_NO_STATE = BKEY_REASON(6, 6),     /* state has no such row */
    BKEY_E_HEADS = BKEY_REASON(6, 7),        /* the host does not give the published heads */
    BKEY_E_SEAL = BKEY_REASON(7, 1),         /* a sealed value does not open */
    BKEY_E_FORMAT = BKEY_REASON(7, 2),       /* an opened value does not decode */
    BKEY_E_NEWER_FORMAT = BKEY_REASON(7, 3), /* written by a newer version; left untouched */
    BKEY_E_CANARY = BKEY_REASON(7, 4),       /* a data key is not the one that it should be */
    BKEY_E_BUG = BKEY_REASON(8, 1),
    BKEY_E_CANCELLED = BKEY_REASON(9, 1),
    BKEY_E_DEADLINE = BKEY_REASON(9, 2)
};

typedef struct bkey_err {
    uint32_t reason; /* 0 = success */
} bkey_err;

static inline bkey_err bkey_ok(void)
{
    bkey_err none = {0};
    return none;
}

static inline bkey_err bkey_fail(uint32_t reason)
{
    bkey_err err = {reason};
    return err;
}

static inline bool bkey_is_ok(bkey_err err)
{
    return err.reason == 0;
}

static inline bool bkey_is(bkey_err err, uint32_t reason)
{
    return err.reason == reason;
}

static inline bkey_category bkey_err_category(bkey_err err)
{
    return (bkey_category)(err.reason >> 24);
}

/* True when nothing was heard of the other side: neither yes nor no, whoever has to act. */
bool bkey_err_is_silence(bkey_err err);
/* True when the other side's certificate or TLS version was refused. */
bool bkey_err_is_tls(bkey_err err);

/* A full sentence for people: what happened, what it hides, who can fix it. Static; never NULL,
 * "" for success. */
const char *bkey_err_text(bkey_err err);
/* A short stable name for logs: "throttled". Static; never NULL. */
const char *bkey_err_name(bkey_err err);

#endif
