/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of a tick share. Included by sync_*.c alone; knows ports, domain, graph and state,
 * never the ABI, libcurl or jansson. */
#ifndef BKEY_SYNC_H
#define BKEY_SYNC_H

#include "base/ports.h"
#include "domain/plan.h"
#include "domain/preflight.h"
#include "domain/settings.h"
#include "graph/challenge.h"
#include "graph/decode.h"
#include "graph/token.h"
#include "state/connection.h"
#include "state/vault.h"
#include "usecase/arena.h"
#include "usecase/batch.h"
#include "usecase/busy.h"
#include "usecase/recall.h"
#include "usecase/sync_tick.h"
#include "usecase/vec.h"

#define BKEY_SYNC_FOLDER_ID_SIZE 24u
#define BKEY_SYNC_DETAIL_SIZE 512u
#define BKEY_SYNC_URL_MAX 16384u
#define BKEY_SYNC_INTERNED 32u
#define BKEY_SYNC_FAILURES 3u

/* What a person and the sync log are told. */
typedef struct bkey_sync_counts {
    uint64_t created;
    uint64_t updated;
    uint64_t archived;
    uint64_t unmatched;
    uint64_t failed;
    uint64_t key_reads;
    uint64_t store_changes; /* without the renewed credential */
} bkey_sync_counts;

/* A key that a person is told of. */
typedef struct bkey_sync_failure {
    sup_guid id;
    const char *why;
} bkey_sync_failure;

/* What became of users. */
typedef struct bkey_sync_contacts {
    uint64_t created;
    uint64_t updated;
    uint64_t ambiguous;
    const char *problem; /* why they could not be listed; NULL = they were, or were not asked for */
} bkey_sync_contacts;

/* What a source of device facts said in this tick. */
typedef enum bkey_sync_answer {
    BKEY_SYNC_NO_NEWS = 0, /* passing trouble: what was known still holds */
    BKEY_SYNC_DENIED,      /* not licensed, not permitted or not there */
    BKEY_SYNC_COMPLETE
} bkey_sync_answer;

/* One organization that the connection may write to. */
typedef struct bkey_sync_organization {
    const char *id;
    char folder_id[BKEY_SYNC_FOLDER_ID_SIZE];
    const char *folder_name; /* as it is at the host; "" while there is none */
    uint64_t folder_revision;
    bool folder_exists;
    bool folder_hidden;
    bool is_deleted; /* at the host: what is held for it is nobody's, and nothing goes there */
} bkey_sync_organization;

typedef struct bkey_sync {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_busy *busy;
    bkey_recall *recall; /* may be NULL */
    bool dry_run;
    bool is_check;      /* looks for problems only; nothing is repeated that fails */
    bool signin_waits;  /* a sign-in is open */
    bool signin_landed; /* it was done in this tick */
    bool jobs_only;     /* what waits for this unit, and no sync */
    bool has_assumed;   /* a dry run that plans as if all were read */
    bool has_strays;    /* a record could not be made because it exists out of our sight */
    bkey_progress_sink progress;
    bkey_phase phase;             /* the last that was told */
    bkey_customer_sink customers; /* given: only these are told, nothing is synced */
    uint64_t customer_count;
    sup_guid tenant;
    char tenant_text[SUP_GUID_TEXT_LEN + 1];
    bkey_settings settings;
    bkey_connection connection; /* a customer's with client, addresses and grant of its partner */

    bkey_net *net;
    bkey_secret *access_token;
    uint32_t token_number; /* grows with every token of this tick */
    uint32_t granted;      /* BKEY_PERM_* that the token names; all when it cannot be read */
    uint32_t aadsts;       /* of the last refusal; 0 = none */
    uint64_t renew_ns;     /* from then on the token is too near its end; monotonic */
    char
        challenge[BKEY_CHALLENGE_SIZE]; /* what Graph asked the next token to claim; "" = nothing */

    bkey_preflight preflight; /* what keeps this run from going on */

    bkey_arena listing_texts;                 /* of devices */
    const char *interned[BKEY_SYNC_INTERNED]; /* makers and models, of which there are few */
    uint32_t interned_count;
    bkey_sync_answer intune, entra, report;
    bkey_vec devices;         /* bkey_device: Intune's, then those that only the directory has */
    bkey_vec listed;          /* bkey_listed_key */
    uint64_t unreadable_rows; /* of the listing of keys: one of them may be any key */

    bkey_arena state_texts; /* of everything below but configurations */
    bkey_arena configuration_texts;
    bkey_vec organizations;      /* bkey_sync_organization */
    bkey_vec held;               /* bkey_held_key */
    bkey_vec decisions;          /* bkey_decision */
    bkey_vec evidence;           /* bkey_evidence */
    bkey_vec imports;            /* bkey_import */
    bkey_vec rivals;             /* bkey_rival; only when the plan matches something by evidence */
    bool rivals_known;           /* they were looked for */
    uint32_t gone_organizations; /* that the connection names */
    bool shares;                 /* then: another connection names one of the organizations */
    bool addresses_pending;  /* not every device that waits for it was asked for its addresses */
    bkey_vec records;        /* bkey_record */
    bkey_vec configurations; /* bkey_configuration */
    const char *folder_ids[BKEY_CONNECTION_ORGANIZATIONS_MAX];
    bkey_plan_input input; /* what the plan was made from */
    bkey_plan plan;
    size_t assumed_from; /* with has_assumed: keys from here on in `held` are not held in truth */

    bkey_batch batch;
    uint64_t strays;    /* keys left out of the plan for that */
    uint64_t unread;    /* keys whose read failed in this tick */
    uint64_t corrected; /* imported passwords that were not the source's */
    bkey_sync_counts counts;
    bkey_sync_failure failures[BKEY_SYNC_FAILURES]; /* the first keys that count as failed */
    size_t failure_count;                           /* of all that there are */
    bkey_sync_contacts contacts;
    char detail[BKEY_SYNC_DETAIL_SIZE]; /* says more than the error's own text; "" = nothing */
} bkey_sync;

/* ---- sync_request.c: one request, with retries ---- */
/* Sends a GET, or a POST of `body`, and gives the first answer that is not worth repeating. The
 * token is renewed once when Graph refuses it. The reply is released by the caller. Errors:
 * NETWORK, TLS, THROTTLED, REMOTE_FAULT, BODY_SIZE, OVER. */
BKEY_MUST_CHECK bkey_err bkey_sync_request_get(bkey_sync *sync, const char *url,
                                               bkey_net_reply *out_reply);
BKEY_MUST_CHECK bkey_err bkey_sync_request_post(bkey_sync *sync, const char *url, bkey_secret *form,
                                                bkey_net_reply *out_reply);
/* True when the answer is worth another try; then *out_delay_ms is how long to wait before it.
 * `attempt` counts from 1. */
bool bkey_sync_request_retry(bkey_sync *sync, const bkey_net_reply *reply, uint32_t attempt,
                             uint64_t *out_delay_ms);
/* Opens the tick's network; cheap when it is open. */
BKEY_MUST_CHECK bkey_err bkey_sync_request_open(bkey_sync *sync);

/* ---- sync_grant.c: one request for a token ---- */
typedef struct bkey_sync_grant {
    const bkey_connection *app; /* client id and addresses */
    const sup_guid *tenant;     /* whose token it is to be */
    bkey_token_kind kind;
    bkey_secret *credential; /* as in bkey_token_request */
    bkey_secret *secret;     /* the app's own secret or PEM; NULL = a public app */
    bool is_pem;
    bkey_secret *verifier;
    const char *redirect;
} bkey_sync_grant;

/* Asks; the answer, good or bad, is the caller's to release. A certificate is tried in its older
 * form too when Microsoft does not know the newer one. Errors: those of a request, APP_CREDENTIAL,
 * LIMIT. */
BKEY_MUST_CHECK bkey_err bkey_sync_grant_ask(bkey_sync *sync, const bkey_sync_grant *grant,
                                             bkey_net_reply *out_reply);
/* Reads the answer; a refusal becomes its sentence in sync->detail, with Microsoft's number. */
BKEY_MUST_CHECK bkey_err bkey_sync_grant_read(bkey_sync *sync, const bkey_net_reply *reply,
                                              bkey_token_answer *out_answer);

/* That sentence alone, for an answer that was no token. */
void bkey_sync_grant_explain(bkey_sync *sync, const bkey_net_reply *reply, bkey_err err);

/* ---- sync_signin.c: a sign-in that a person began ---- */
/* Takes it one step further, if there is one; never waits longer than a request takes. That it
 * failed for good is kept in its row and no error of this. Errors: passing ones. */
BKEY_MUST_CHECK bkey_err bkey_sync_signin_step(bkey_sync *sync);
/* True while one of the tenant is open; false when that cannot be read. */
bool bkey_sync_signin_is_open(const bkey_sync *sync);

/* ---- sync_partner.c: customers who are reached by a partner's sign-in ---- */
/* A customer's connection takes client, addresses and grant from its partner's, every time: who
 * renews the partner's sign-in renews it for all. NOT_CONNECTED with a sentence when the partner is
 * not connected. */
BKEY_MUST_CHECK bkey_err bkey_sync_partner_resolve(bkey_sync *sync);
/* True for a partner's own connection that documents nothing itself: it needs no permission there.
 */
bool bkey_sync_partner_is_alone(const bkey_sync *sync);
/* sync_customers.c: tells sync->customers whom this sign-in could reach. PARAMETER when it is no
 * partner's. */
BKEY_MUST_CHECK bkey_err bkey_sync_customers_list(bkey_sync *sync);
/* What a refusal means when it is a partner who was refused; else leaves the detail alone. */
void bkey_sync_partner_explain(bkey_sync *sync, bkey_err err);
/* ---- sync_preview.c: what is told while a tick runs, and by a dry run ---- */
/* A phase that is over is not told again. */
void bkey_sync_preview_progress(bkey_sync *sync, bkey_phase phase, uint64_t done, uint64_t total);
/* In a dry run: plans anew, as if every key that is to be read had been. */
BKEY_MUST_CHECK bkey_err bkey_sync_preview_plan(bkey_sync *sync);
/* Counts what the plan would change into sync->counts. */
void bkey_sync_preview_count(bkey_sync *sync);
/* Every key of the plan that has something to do. */
void bkey_sync_preview_list(const bkey_sync *sync, const bkey_preview_sink *sink);

/* ---- the steps, in the order they run ---- */
/* sync_begin.c: settings, then the connection. */
BKEY_MUST_CHECK bkey_err bkey_sync_begin_settings(bkey_sync *sync);
BKEY_MUST_CHECK bkey_err bkey_sync_begin_load(bkey_sync *sync);
/* sync_organizations.c: from here on the connection names what became of merged organizations, and
 * that is stored unless this run only looks; those that are gone become a finding. */
BKEY_MUST_CHECK bkey_err bkey_sync_organizations_follow(bkey_sync *sync);
/* Do the data keys of this connection open? CANARY with a sentence that says whose does not. */
BKEY_MUST_CHECK bkey_err bkey_sync_begin_canaries(bkey_sync *sync);
/* sync_preflight.c: what this host alone can tell. Ends the run only without the add-on; all else
 * waits for what the token shows, so that everything is told at once (S1.18). */
BKEY_MUST_CHECK bkey_err bkey_sync_preflight_begin(bkey_sync *sync);
/* What a token shows that was just given. */
void bkey_sync_preflight_claims(bkey_sync *sync, const bkey_token_claims *claims);
/* The error of the first problem, with all of them in sync->detail; else `err`, which says why
 * there is no token and becomes a problem itself when somebody has to act. */
BKEY_MUST_CHECK bkey_err bkey_sync_preflight_verdict(bkey_sync *sync, bkey_err err);
/* Says more of a permission that was refused though the token names it. */
void bkey_sync_preflight_explain(bkey_sync *sync, bkey_err err);
/* sync_check.c: looks for problems, at Microsoft too, and keeps what was found (a row of kind 'F');
 * nothing else is written but a renewed credential. */
BKEY_MUST_CHECK bkey_err bkey_sync_check_run(bkey_sync *sync);
/* Clocks and lifetimes, as an answer shows them. */
void bkey_sync_check_reply(bkey_sync *sync, const bkey_net_reply *reply);
/* sync_token.c: a new access token; a renewed refresh token is durable before it is used. Waits
 * while somebody else uses the same credential. */
BKEY_MUST_CHECK bkey_err bkey_sync_token_obtain(bkey_sync *sync);
/* The same when the present one is near its end; cheap when it is not. */
BKEY_MUST_CHECK bkey_err bkey_sync_token_keep(bkey_sync *sync);
/* Remembers what a refusal asks for; true when there is something new to claim. */
bool bkey_sync_token_challenged(bkey_sync *sync, const bkey_net_reply *reply);
/* sync_listing.c: complete listings or an error, never a part. */
#define BKEY_SYNC_LISTINGS_MAX 4u
typedef struct bkey_sync_listing {
    bkey_call_kind kind;
    bool (*begin)(const char *graph_url, sup_buffer *out); /* writes the first page's address */
    const char *from; /* NULL, or that address itself: same origin, the caller's to check */
    bkey_err (*read)(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page);
    void *context; /* of `read`, which takes the rows of one page */
    bkey_err err;  /* what became of it; OK = all pages were read */
} bkey_sync_listing;
/* Lists them side by side. An error is one that ends them all (OVER, the sign-in's, NOMEM); else
 * each has its own. */
BKEY_MUST_CHECK bkey_err bkey_sync_listing_run(bkey_sync *sync, bkey_sync_listing *listings,
                                               size_t count);
/* The same for one, whose error is the result. */
BKEY_MUST_CHECK bkey_err bkey_sync_listing_one(bkey_sync *sync, bkey_sync_listing *listing);
/* sync_inventory.c: Intune's devices and the keys, then what the directory and the encryption
 * report add to the devices. A customer without Intune has the directory's devices; a directory
 * that may not be read leaves Intune's. NO_INTUNE when there is neither. */
BKEY_MUST_CHECK bkey_err bkey_sync_inventory_list(bkey_sync *sync);
/* sync_devices.c: what the inventory's listings make of device rows. */
typedef struct bkey_sync_devices bkey_sync_devices;
/* Intune's devices are complete: prepares what finds them by their ids. NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_devices_index(bkey_sync *sync, bkey_sync_devices **out);
/* Those that only the directory has are added behind Intune's; no page is read after it. NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_devices_join(bkey_sync_devices *devices);
/* NULL-safe, sets NULL. */
void bkey_sync_devices_free(bkey_sync_devices **devices);
/* The readers of a page: Intune's devices (context unused), and, with a bkey_sync_devices, the
 * directory's and the encryption report's. */
BKEY_MUST_CHECK bkey_err bkey_sync_devices_read_managed(bkey_sync *sync, void *context,
                                                        bkey_bytes body, bkey_page *out_page);
BKEY_MUST_CHECK bkey_err bkey_sync_devices_read_directory(bkey_sync *sync, void *context,
                                                          bkey_bytes body, bkey_page *out_page);
BKEY_MUST_CHECK bkey_err bkey_sync_devices_read_report(bkey_sync *sync, void *context,
                                                       bkey_bytes body, bkey_page *out_page);
/* OK when a tick goes on without this source; *out_answer says what it knows of it then. */
BKEY_MUST_CHECK bkey_err bkey_sync_devices_judge(bkey_err err, bkey_sync_answer *out_answer);
/* sync_state.c: everything that the host and our state know. */
BKEY_MUST_CHECK bkey_err bkey_sync_state_load(bkey_sync *sync);
BKEY_MUST_CHECK bkey_err bkey_sync_state_plan(bkey_sync *sync);
/* Reads the configurations again when secrets were fetched: that takes long, and no revision would
 * show that one went away. Nothing else of the plan's input changes; plan anew after it. */
BKEY_MUST_CHECK bkey_err bkey_sync_state_configurations(bkey_sync *sync);
bkey_sync_organization *bkey_sync_state_organization(const bkey_sync *sync, uint32_t index);
/* The place of rows of that organization; BKEY_NONE = none. */
bkey_place bkey_sync_state_place(const bkey_sync *sync, uint32_t organization);
/* The index of an organization that is at the host; BKEY_NONE. */
uint32_t bkey_sync_state_find(const bkey_sync *sync, const char *organization_id);
/* sync_stray.c: after a conflict, remembers that a record exists already; from then on keys whose
 * record is in an organization that the connection does not name are taken out of the plan. */
void bkey_sync_stray_notice(bkey_sync *sync);
BKEY_MUST_CHECK bkey_err bkey_sync_stray_skip(bkey_sync *sync);
/* sync_rivals.c: the devices of other tenants whose connections share an organization with this
 * one, for a plan that matches something by evidence. */
BKEY_MUST_CHECK bkey_err bkey_sync_rivals_load(bkey_sync *sync);
/* Claims what the plan matches, so that no tick of another tenant gives it away at the same time,
 * and plans anew with what is known by then. The claims end with the tick. */
BKEY_MUST_CHECK bkey_err bkey_sync_rivals_confirm(bkey_sync *sync);
/* sync_evidence.c: asks for the network addresses that could match a device and plans anew; and,
 * when all else is done, keeps what is known of every device that has no match. */
BKEY_MUST_CHECK bkey_err bkey_sync_evidence_ask(bkey_sync *sync);
BKEY_MUST_CHECK bkey_err bkey_sync_evidence_write(bkey_sync *sync);
/* sync_fetch.c: the secrets that were never committed. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_secrets(bkey_sync *sync);
/* sync_record.c: the items of one planned key, into the batch; with what they will have counted. */
void bkey_sync_record_external_id(const bkey_sync *sync, const sup_guid *id,
                                  char out[BKEY_EXTERNAL_ID_SIZE]);
#define BKEY_SYNC_RECORD_ITEMS 9u /* most items of one key */
BKEY_MUST_CHECK bkey_err bkey_sync_record_add(bkey_sync *sync, const bkey_plan_key *key,
                                              bkey_sync_counts *counts);
/* sync_publish.c: folders, records, decisions, activity. */
BKEY_MUST_CHECK bkey_err bkey_sync_publish_all(bkey_sync *sync);
/* sync_first.c: other tenants that have keys for the organization and not all of their records: a
 * publication that an earlier process began. They are in the middle of it from here on. */
BKEY_MUST_CHECK bkey_err bkey_sync_first_recall(const bkey_sync *sync, const char *organization_id);
/* sync_tracked.c: what is remembered of each device, where it changed. */
BKEY_MUST_CHECK bkey_err bkey_sync_tracked_publish(bkey_sync *sync);
/* sync_removals.c: asks the directory how devices went, through `sources`' link; rows
 * (bkey_removal) sorted by object id. Later changes are told at *link, "" = as before. Never fails
 * for what the directory answers. */
BKEY_MUST_CHECK bkey_err bkey_sync_removals_read(bkey_sync *sync, const char *from, bkey_vec *rows,
                                                 sup_buffer *link);
/* The address that tells what the directory removes from now on; "" when it gives none. */
BKEY_MUST_CHECK bkey_err bkey_sync_removals_begin(bkey_sync *sync, sup_buffer *link);

#endif
