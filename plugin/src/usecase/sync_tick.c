/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of a tick, and the single place that turns an error's category into an outcome. Must
 * not know how a step does its work. */
#include "usecase/sync_tick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usecase/findings_view.h"
#include "usecase/sync.h"
#include "usecase/sync_contacts.h"

#define EVENT_TICK_DONE 1001u
#define EVENT_TICK_ENDED 1002u
#define LEVEL_WARNING 2u
#define LEVEL_INFO 3u

/* Somebody else may write between our reading and our writing: so often we plan anew. */
#define REPLANS 2u

/* A change of a connection is over in milliseconds, unless the host's store is stuck. */
#define CHANGE_WAIT_MS 5000u
#define CHANGE_STEP_MS 50u

typedef struct step {
    bkey_err (*run)(bkey_sync *sync);
    bool writes;       /* left out of a dry run */
    bool again;        /* repeated with what comes after it when the plan was out of date */
    const char *crash; /* what a crash in here leaves behind */
} step;

static const step steps[] = {
    {bkey_sync_preflight_begin, false, false, "nothing"},
    {bkey_sync_begin_canaries, false, false, "nothing"},
    {bkey_sync_token_obtain, false, false, "the renewed credential, in force"},
    {bkey_sync_inventory_list, false, false, "nothing more"},
    {bkey_sync_state_load, false, true, "nothing more"},
    {bkey_sync_state_plan, false, true, "nothing more"},
    {bkey_sync_preview_plan, false, true, "nothing more"},
    {bkey_sync_evidence_ask, true, true, "nothing more"},
    {bkey_sync_fetch_secrets, true, true, "whole batches of held keys, invisible"},
    {bkey_sync_state_configurations, true, true, "the same"},
    {bkey_sync_state_plan, true, true, "the same"},
    {bkey_sync_rivals_confirm, true, true, "the same"},
    {bkey_sync_stray_skip, true, true, "the same"},
    {bkey_sync_publish_all, true, true, "whole devices; a first folder stays hidden"},
    {bkey_sync_evidence_write, true, true, "the same; some evidence is asked for again"},
    {bkey_sync_tracked_publish, true, true, "whole batches of what is remembered of devices"},
    {bkey_sync_contacts_run, false, true, "whole batches of contacts"},
};

#define STEP_COUNT (sizeof steps / sizeof steps[0])

static size_t first_repeated(void)
{
    size_t i = 0;
    while (i < STEP_COUNT && !steps[i].again)
        i++;
    return i;
}

static bkey_err run_steps(bkey_sync *sync)
{
    uint32_t replans = 0;
    bkey_err err = bkey_ok();
    bkey_sync_preview_progress(sync, BKEY_PHASE_SIGN_IN, 0, 0);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (sync->dry_run && steps[i].writes)
            continue;
        err = sync->ports->still_wanted(sync->ports->self, sync->call);
        if (bkey_is_ok(err))
            err = steps[i].run(sync);
        if (bkey_is(err, BKEY_E_CONFLICT) && steps[i].again && replans < REPLANS) {
            replans++;
            bkey_sync_stray_notice(sync);
            bkey_batch_clear(&sync->batch);
            i = first_repeated() - 1;
            continue;
        }
        if (!bkey_is_ok(err))
            break;
    }
    bkey_sync_preflight_explain(sync, err);
    return err;
}

static bkey_outcome outcome_of(const bkey_sync *sync, bkey_err err)
{
    bkey_category category = bkey_err_category(err);
    if (bkey_is_ok(err))
        return BKEY_OUTCOME_DONE;
    if (sync->counts.store_changes != 0)
        return BKEY_OUTCOME_FAILED;
    return bkey_is(err, BKEY_E_CANARY) || category == BKEY_CAT_CONFIG ||
                   category == BKEY_CAT_AUTH || category == BKEY_CAT_DENIED
               ? BKEY_OUTCOME_REFUSED
               : BKEY_OUTCOME_FAILED;
}

/* Whoever imported them must not go on trusting where they came from. */
static void tell_corrected(const bkey_sync *sync, bkey_tick_result *out)
{
    size_t len = strlen(out->summary);
    if (sync->corrected > 0)
        (void)snprintf(out->summary + len, sizeof out->summary - len,
                       " %" PRIu64 " imported passwords were not Microsoft's and were replaced.",
                       sync->corrected);
}

/* A person has to know: these keys are kept up to date by nobody. */
static void tell_strays(const bkey_sync *sync, bkey_tick_result *out)
{
    size_t len = strlen(out->summary);
    if (sync->strays > 0)
        (void)snprintf(out->summary + len, sizeof out->summary - len,
                       " %" PRIu64 " of the failed keys have a record in an organization that this "
                       "connection does not name: connect again and name it too.",
                       sync->strays);
}

static void tell_gone(const bkey_sync *sync, bkey_tick_result *out)
{
    size_t len = strlen(out->summary);
    if (sync->gone_organizations > 0)
        (void)snprintf(out->summary + len, sizeof out->summary - len,
                       " %" PRIu32 " of the organizations that this connection names no longer "
                       "exist: connect again and name those that do.",
                       sync->gone_organizations);
}

/* Names the first failed keys, so that somebody can look at them at Microsoft (S1.28). */
static void tell_failed(const bkey_sync *sync, bkey_tick_result *out)
{
    for (size_t i = 0; i < sync->failure_count; i++) {
        const bkey_sync_failure *failure = &sync->failures[i];
        size_t len = strlen(out->summary);
        char id[SUP_GUID_TEXT_LEN + 1];
        if (i == BKEY_SYNC_FAILURES) {
            (void)snprintf(out->summary + len, sizeof out->summary - len, " More failed too.");
            return;
        }
        sup_guid_format(&failure->id, id);
        (void)snprintf(out->summary + len, sizeof out->summary - len, " Failed: %s, %s.", id,
                       failure->why);
    }
}

static void summarize(const bkey_sync *sync, bkey_err err, bkey_tick_result *out)
{
    const bkey_sync_counts *counts = &sync->counts;
    if (!bkey_is_ok(err)) {
        const char *said = bkey_call_said(sync->call, err);
        const char *text = sync->detail[0] != '\0' ? sync->detail : bkey_err_text(err);
        if (sync->detail[0] == '\0' && bkey_findings_view_at(sync->connection.graph_url, err,
                                                             out->summary, sizeof out->summary))
            return;
        (void)snprintf(out->summary, sizeof out->summary, "%s", said != NULL ? said : text);
        return;
    }
    if (sync->is_check) {
        (void)snprintf(out->summary, sizeof out->summary, "Checked: %" PRIu32 " findings.",
                       sync->preflight.count);
        return;
    }
    if (sync->customers.add != NULL) {
        (void)snprintf(out->summary, sizeof out->summary, "%" PRIu64 " customers.",
                       sync->customer_count);
        return;
    }
    (void)snprintf(out->summary, sizeof out->summary,
                   "%s%" PRIu64 " created, %" PRIu64 " updated, %" PRIu64 " archived, %" PRIu64
                   " waiting for a configuration, %" PRIu64 " failed.",
                   sync->dry_run ? "Dry run, nothing was written: " : "", counts->created,
                   counts->updated, counts->archived, counts->unmatched, counts->failed);
    tell_failed(sync, out);
    tell_strays(sync, out);
    tell_gone(sync, out);
    tell_corrected(sync, out);
    bkey_sync_contacts_tell(sync, out->summary, sizeof out->summary);
}

static void fill_result(bkey_sync *sync, bkey_err err, bkey_tick_result *out)
{
    sync->counts.store_changes = sync->batch.rows;
    out->outcome = outcome_of(sync, err);
    out->error = err;
    out->created = sync->counts.created;
    out->updated = sync->counts.updated;
    out->archived = sync->counts.archived;
    out->unmatched = sync->counts.unmatched;
    out->failed = sync->counts.failed;
    out->key_reads = sync->counts.key_reads;
    out->store_changes = sync->counts.store_changes;
    /* Whoever just signed in wants to see keys, not the next full hour. */
    if (sync->jobs_only && sync->signin_landed)
        out->next_due_ms = sync->ports->wall_ms(sync->ports->self);
    summarize(sync, err, out);
}

static bkey_err open_sync(bkey_sync *sync, const bkey_tick *tick)
{
    sync->ports = tick->ports;
    sync->call = tick->call;
    sync->slab = tick->slab;
    sync->vault = tick->vault;
    sync->busy = tick->busy;
    sync->recall = tick->recall;
    sync->dry_run = tick->dry_run;
    sync->is_check = tick->is_check;
    sync->jobs_only = tick->jobs_only;
    sync->progress = tick->progress;
    sync->customers = tick->customers;
    bkey_arena_init(&sync->listing_texts);
    bkey_arena_init(&sync->state_texts);
    bkey_arena_init(&sync->configuration_texts);
    bkey_vec_init(&sync->devices, sizeof(bkey_device));
    bkey_vec_init(&sync->listed, sizeof(bkey_listed_key));
    bkey_vec_init(&sync->organizations, sizeof(bkey_sync_organization));
    bkey_vec_init(&sync->held, sizeof(bkey_held_key));
    bkey_vec_init(&sync->decisions, sizeof(bkey_decision));
    bkey_vec_init(&sync->imports, sizeof(bkey_import));
    bkey_vec_init(&sync->rivals, sizeof(bkey_rival));
    bkey_vec_init(&sync->evidence, sizeof(bkey_evidence));
    bkey_vec_init(&sync->records, sizeof(bkey_record));
    bkey_vec_init(&sync->configurations, sizeof(bkey_configuration));
    return bkey_batch_init(&sync->batch, tick->ports, tick->call, true);
}

static void close_sync(bkey_sync *sync)
{
    if (sync->net != NULL)
        sync->ports->net_free(sync->ports->self, &sync->net);
    bkey_secret_free(&sync->access_token);
    bkey_plan_free(&sync->plan);
    bkey_batch_done(&sync->batch);
    bkey_vec_done(&sync->configurations);
    bkey_vec_done(&sync->records);
    bkey_vec_done(&sync->imports);
    bkey_vec_done(&sync->rivals);
    bkey_vec_done(&sync->evidence);
    bkey_vec_done(&sync->decisions);
    bkey_vec_done(&sync->held);
    bkey_vec_done(&sync->organizations);
    bkey_vec_done(&sync->listed);
    bkey_vec_done(&sync->devices);
    bkey_arena_done(&sync->configuration_texts);
    bkey_arena_done(&sync->state_texts);
    bkey_arena_done(&sync->listing_texts);
}

static bkey_err begin_tick(bkey_sync *sync)
{
    bkey_err err = bkey_busy_tick_begin(sync->busy, &sync->tenant);
    for (uint32_t waited = 0; bkey_is(err, BKEY_E_UNIT_BUSY) && waited < CHANGE_WAIT_MS;
         waited += CHANGE_STEP_MS) {
        err = sync->ports->wait_ms(sync->ports->self, sync->call, CHANGE_STEP_MS);
        if (bkey_is_ok(err))
            err = bkey_busy_tick_begin(sync->busy, &sync->tenant);
    }
    return err;
}

/* A partner's own connection without an organization: its sign-in is kept alive, and that is all.
 */
static bkey_err keep_alive(bkey_sync *sync)
{
    const bkey_err err = bkey_sync_preflight_begin(sync);
    return bkey_is_ok(err) ? bkey_sync_token_obtain(sync) : err;
}

static bkey_err run_purpose(bkey_sync *sync)
{
    if (sync->is_check)
        return bkey_sync_check_run(sync);
    if (sync->customers.add != NULL)
        return bkey_sync_customers_list(sync);
    return bkey_sync_partner_is_alone(sync) ? keep_alive(sync) : run_steps(sync);
}

static bkey_err run_connection(bkey_sync *sync)
{
    bkey_err err = bkey_sync_begin_load(sync);
    if (bkey_is(err, BKEY_E_NOT_CONNECTED) && sync->is_check && bkey_sync_signin_is_open(sync))
        return bkey_ok(); /* there is nothing to look at; the doctor tells that it waits */
    if (bkey_is(err, BKEY_E_NOT_CONNECTED) && sync->signin_waits) {
        (void)snprintf(sync->detail, sizeof sync->detail,
                       "The sign-in of this tenant is not completed yet, so nothing is synced.");
        return bkey_fail(BKEY_E_SIGN_IN);
    }
    if (bkey_is_ok(err))
        err = bkey_sync_partner_resolve(sync);
    if (bkey_is_ok(err))
        err = run_purpose(sync);
    if (!bkey_is_ok(err))
        bkey_sync_partner_explain(sync, err);
    return err;
}

static bkey_err run_work(bkey_sync *sync)
{
    const bool looks_only = sync->dry_run || sync->is_check || sync->customers.add != NULL;
    const bkey_err first = looks_only ? bkey_ok() : bkey_sync_signin_step(sync);
    /* A sign-in that cannot go on right now does not hold up the sync with the credential so far.
     */
    if (sync->jobs_only || bkey_err_category(first) == BKEY_CAT_OVER)
        return first;
    const bkey_err err = run_connection(sync);
    return !bkey_is_ok(first) && bkey_is(err, BKEY_E_SIGN_IN) ? first : err;
}

/* With nobody changing the connection from its reading to the last write. */
static bkey_err run_alone(bkey_sync *sync)
{
    bkey_err err = begin_tick(sync);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_sync_begin_settings(sync);
    if (bkey_is_ok(err))
        err = run_work(sync);
    bkey_busy_tick_end(sync->busy, &sync->tenant);
    return err;
}

bkey_err bkey_sync_tick_run(const bkey_tick *tick, bkey_tick_result *out)
{
    memset(out, 0, sizeof *out);
    out->outcome = BKEY_OUTCOME_FAILED;
    bkey_sync *sync = calloc(1, sizeof *sync); /* too large for a stack */
    if (sync == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = open_sync(sync, tick);
    if (bkey_is_ok(err) && !sup_guid_parse(tick->tenant, strlen(tick->tenant), &sync->tenant))
        err = bkey_fail(BKEY_E_NOT_CONNECTED);
    if (bkey_is_ok(err)) {
        sup_guid_format(&sync->tenant, sync->tenant_text);
        err = run_alone(sync);
    }
    const bool known = !bkey_is(err, BKEY_E_NOT_CONNECTED);
    if (bkey_is_ok(err) && sync->dry_run && !sync->is_check) {
        bkey_sync_preview_count(sync);
        bkey_sync_preview_list(sync, &tick->preview);
    }
    fill_result(sync, err, out);
    tick->ports->log(tick->ports->self, tick->call, bkey_is_ok(err) ? LEVEL_INFO : LEVEL_WARNING,
                     bkey_is_ok(err) ? EVENT_TICK_DONE : EVENT_TICK_ENDED, out->summary);
    close_sync(sync);
    free(sync);
    return known ? bkey_ok() : err;
}
