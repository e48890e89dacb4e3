/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'L': a sign-in that a person began and that is not a connection yet. Place: the root
 * place, because it may come before the tenant's first connection; the id is the tenant's. It holds
 * the whole connection that it will become, so that the present one stays as it is until then. Its
 * secrets are in guarded memory only. Must not know the network. */
#ifndef BKEY_SIGNIN_H
#define BKEY_SIGNIN_H

#include "state/connection.h"

/* Values are stored: never renumber. */
typedef enum bkey_signin_way {
    BKEY_SIGNIN_DEVICE = 1, /* a code that a person types at Microsoft's page */
    BKEY_SIGNIN_CODE = 2,   /* a page of Microsoft's that leads back to the host */
    BKEY_SIGNIN_WAY_COUNT
} bkey_signin_way;

typedef enum bkey_signin_state {
    BKEY_SIGNIN_BEGUN = 1,    /* DEVICE: Microsoft is to be asked for a code */
    BKEY_SIGNIN_WAITING = 2,  /* for the person */
    BKEY_SIGNIN_ANSWERED = 3, /* CODE: to be exchanged for a token */
    BKEY_SIGNIN_DONE = 4,     /* nothing of the secrets is left from here on */
    BKEY_SIGNIN_FAILED = 5,
    BKEY_SIGNIN_CANCELLED = 6,
    BKEY_SIGNIN_STATE_COUNT
} bkey_signin_state;

#define BKEY_SIGNIN_TEXT_SIZE 512u

typedef struct bkey_signin {
    bkey_connection target; /* what it becomes; its revision is of no meaning */
    bkey_signin_way way;
    bkey_signin_state state;
    int64_t begun_ms;
    int64_t ends_ms;      /* afterwards nobody's answer counts */
    int64_t next_poll_ms; /* DEVICE: not to be asked before */
    uint32_t interval_s;
    uint32_t reason; /* why it failed; BKEY_E_* */
    char user_code[64];
    char address[BKEY_SIGNIN_TEXT_SIZE]; /* DEVICE: the page; CODE: where Microsoft leads back to */
    char message[BKEY_SIGNIN_TEXT_SIZE]; /* Microsoft's own words, or why it failed */
    bkey_secret *app;                    /* the app's own secret or PEM, or NULL */
    int64_t cert_ends_ms;                /* of the PEM; 0 = app is none */
    bkey_secret *code;                   /* device code or authorization code, or NULL */
    bkey_secret *verifier;               /* CODE */
    bkey_secret *state_text;             /* CODE: what the way back must bring */
    uint64_t revision;                   /* of the row; 0 = never stored */
} bkey_signin;

/* True while something can still come of it. */
bool bkey_signin_is_open(const bkey_signin *signin);
/* Ends it: wipes its secrets and everything that only waiting needs. `message` NULL = "". */
void bkey_signin_end(bkey_signin *signin, bkey_signin_state state, uint32_t reason,
                     const char *message);
/* NULL-safe; wipes and frees the secrets. */
void bkey_signin_done(bkey_signin *signin);

/* Seals as the successor of signin->revision. bkey_vault_ensure the place before. LIMIT when it is
 * too long. */
BKEY_MUST_CHECK bkey_err bkey_signin_seal(const bkey_place *place, const bkey_signin *signin,
                                          bkey_sealed *out_sealed);
/* NO_STATE when there is none; *out is then empty, its revision the one to follow. End with
 * bkey_signin_done. The struct is large: not for the stack. */
BKEY_MUST_CHECK bkey_err bkey_signin_get(const bkey_place *place, const sup_guid *tenant,
                                         bkey_signin *out);
/* Every row; the secrets stay closed. Must not call the host. */
typedef bkey_err (*bkey_signin_sink)(void *context, const bkey_signin *signin);
BKEY_MUST_CHECK bkey_err bkey_signin_scan(const bkey_place *place, bkey_signin_sink sink,
                                          void *context);

#endif
