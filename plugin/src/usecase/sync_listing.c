/* SPDX-License-Identifier: Apache-2.0
 *
 * Complete listings, several side by side: every page or an error, because what is missing from a
 * listing is archived (S1.73). Each goes page by page, for only a page names the next one; waiting
 * for one does not hold up another. Must not know what is done with them. */
#include "usecase/sync.h"

#include <string.h>

#include "graph/endpoints.h"

/* At one row a page this is the largest tenant that we promise to serve. */
#define PAGES_MAX 1000000u
#define PAGE_SIZE_MAX (32u * 1024u * 1024u)
#define SLICE_MS 100u
#define NS_PER_MS 1000000u

/* Brent's cycle detection: one remembered link, replaced at every power of two. */
typedef struct cycle {
    uint64_t remembered;
    uint32_t steps;
    uint32_t limit;
} cycle;

typedef struct track {
    bkey_sync_listing *listing;
    sup_buffer url; /* of the page that is asked for; "" = there is none left */
    cycle seen;
    uint32_t pages;
    uint32_t attempt;  /* at this page, from 1 */
    uint32_t renewals; /* of the token, for this page */
    uint64_t not_before_ns;
    bool under_way;
} track;

typedef struct lister {
    bkey_sync *sync;
    track tracks[BKEY_SYNC_LISTINGS_MAX];
    size_t count;
    uint32_t in_flight;
    bool need_token; /* renewed when nothing is under way: every answer is to the present one */
} lister;

static bool is_repeated(cycle *seen, const char *link)
{
    uint64_t hash = bkey_plan_hash(link, "", "", "");
    if (seen->steps > 0 && hash == seen->remembered)
        return true;
    if (seen->steps == seen->limit) {
        seen->remembered = hash;
        seen->limit = seen->limit == 0 ? 1 : seen->limit * 2;
    }
    seen->steps++;
    return false;
}

static bool is_open(const track *t)
{
    return bkey_is_ok(t->listing->err) && t->url.len > 0;
}

static bool is_finished(const lister *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (is_open(&l->tracks[i]))
            return false;
    return true;
}

static uint64_t now_ns(const lister *l)
{
    return l->sync->ports->mono_ns(l->sync->ports->self);
}

static bool is_ready(const track *t, uint64_t now)
{
    return is_open(t) && !t->under_way && t->not_before_ns <= now;
}

/* A page that is asked for the first time: there must be an end to them. */
static bkey_err check_page(track *t)
{
    if (t->attempt != 1 || t->renewals > 0)
        return bkey_ok();
    return t->pages == PAGES_MAX || is_repeated(&t->seen, sup_buffer_text(&t->url))
               ? bkey_fail(BKEY_E_PAGES)
               : bkey_ok();
}

static bkey_err send_page(lister *l, size_t index)
{
    bkey_net *net = l->sync->net;
    track *t = &l->tracks[index];
    t->listing->err = check_page(t);
    if (!bkey_is_ok(t->listing->err))
        return bkey_ok();
    const bkey_net_request request = {.tag = index,
                                      .url = sup_buffer_text(&t->url),
                                      .bearer = l->sync->access_token,
                                      .max_reply = PAGE_SIZE_MAX};
    bkey_err err = net->submit(net->self, &request);
    if (!bkey_is_ok(err))
        return err;
    t->under_way = true;
    l->in_flight++;
    return bkey_ok();
}

static bkey_err send_ready(lister *l)
{
    const uint64_t now = now_ns(l);
    bkey_err err = bkey_ok();
    l->need_token = l->need_token || l->sync->access_token == NULL || now >= l->sync->renew_ns;
    for (size_t i = 0; i < l->count && bkey_is_ok(err) && !l->need_token; i++)
        if (is_ready(&l->tracks[i], now) && l->in_flight < l->sync->net->max_parallel)
            err = send_page(l, i);
    return err;
}

/* When time alone lets something be sent. */
static uint64_t next_turn_ns(const lister *l)
{
    uint64_t until = UINT64_MAX;
    for (size_t i = 0; i < l->count; i++) {
        const track *t = &l->tracks[i];
        if (is_open(t) && !t->under_way && t->not_before_ns < until)
            until = t->not_before_ns;
    }
    return until;
}

static uint64_t wait_left_ms(const lister *l)
{
    const uint64_t now = now_ns(l);
    const uint64_t until = next_turn_ns(l);
    return until > now && until != UINT64_MAX ? (until - now + NS_PER_MS - 1) / NS_PER_MS : 0;
}

/* Listings that go side by side are told in their order. */
static void tell_progress(const lister *l, const track *t)
{
    bkey_sync *sync = l->sync;
    const track *first = &l->tracks[0];
    const bkey_call_kind kind = is_open(first) ? first->listing->kind : t->listing->kind;
    if (kind == BKEY_CALL_KEYS)
        bkey_sync_preview_progress(sync, BKEY_PHASE_KEYS, sync->listed.count, 0);
    else if (kind == BKEY_CALL_USERS)
        bkey_sync_preview_progress(sync, BKEY_PHASE_CONTACTS, t->pages, 0);
    else
        bkey_sync_preview_progress(sync, BKEY_PHASE_DEVICES, sync->devices.count, 0);
}

static bkey_err read_page(lister *l, track *t, const bkey_net_reply *reply)
{
    bkey_page page;
    memset(&page, 0, sizeof page);
    if (reply->status != 200)
        return bkey_decode_failure(t->listing->kind, reply->status, reply->body);
    bkey_err err = t->listing->read(l->sync, t->listing->context, reply->body, &page);
    if (!bkey_is_ok(err))
        return err;
    /* A managed device without a directory identity is usual, a key without an id is damage. */
    if (t->listing->kind == BKEY_CALL_KEYS)
        l->sync->unreadable_rows += page.skipped;
    sup_buffer_reset(&t->url);
    sup_buffer_add_str(&t->url, sup_buffer_text(&page.next));
    bkey_page_done(&page);
    t->pages++;
    t->attempt = 1;
    t->renewals = 0;
    tell_progress(l, t);
    return sup_buffer_failed(&t->url) ? bkey_fail(BKEY_E_NEXT_LINK) : bkey_ok();
}

static void take_reply(lister *l, const bkey_net_reply *reply)
{
    track *t = &l->tracks[reply->tag];
    uint64_t delay_ms = 0;
    t->under_way = false;
    l->in_flight--;
    if (bkey_is_ok(reply->error) && reply->status == 401 && t->renewals++ == 0) {
        (void)bkey_sync_token_challenged(l->sync, reply);
        l->need_token = true;
        return;
    }
    if (bkey_sync_request_retry(l->sync, reply, t->attempt, &delay_ms)) {
        t->attempt++;
        t->not_before_ns = now_ns(l) + delay_ms * NS_PER_MS;
        return;
    }
    t->listing->err = bkey_is_ok(reply->error) ? read_page(l, t, reply) : reply->error;
}

static bkey_err receive(lister *l)
{
    bkey_net *net = l->sync->net;
    const uint64_t left_ms = wait_left_ms(l);
    const uint32_t slice_ms = left_ms > 0 && left_ms < SLICE_MS ? (uint32_t)left_ms : SLICE_MS;
    bkey_net_reply reply;
    bool got = false;
    memset(&reply, 0, sizeof reply);
    bkey_err err = net->next(net->self, slice_ms, &reply, &got);
    if (!bkey_is_ok(err) || !got)
        return err;
    take_reply(l, &reply);
    net->release(net->self, &reply);
    return bkey_ok();
}

static bkey_err go_on(lister *l)
{
    const bkey_ports *ports = l->sync->ports;
    bkey_err err = ports->still_wanted(ports->self, l->sync->call);
    if (bkey_is_ok(err) && l->need_token && l->in_flight == 0) {
        l->need_token = false;
        err = bkey_sync_token_obtain(l->sync);
    }
    if (bkey_is_ok(err))
        err = send_ready(l);
    if (!bkey_is_ok(err))
        return err;
    if (l->in_flight > 0)
        return receive(l);
    const uint64_t left_ms = l->need_token || is_finished(l) ? 0 : wait_left_ms(l);
    return left_ms > 0 ? ports->wait_ms(ports->self, l->sync->call, left_ms) : bkey_ok();
}

static void open_track(lister *l, bkey_sync_listing *listing)
{
    track *t = &l->tracks[l->count++];
    t->listing = listing;
    t->attempt = 1;
    sup_buffer_init(&t->url, BKEY_SYNC_URL_MAX);
    const bool named = listing->from != NULL
                           ? sup_buffer_add_str(&t->url, listing->from)
                           : listing->begin(l->sync->connection.graph_url, &t->url);
    listing->err = named ? bkey_ok() : bkey_fail(BKEY_E_URL);
}

bkey_err bkey_sync_listing_run(bkey_sync *sync, bkey_sync_listing *listings, size_t count)
{
    lister l;
    memset(&l, 0, sizeof l);
    l.sync = sync;
    if (count > BKEY_SYNC_LISTINGS_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    for (size_t i = 0; i < count; i++)
        open_track(&l, &listings[i]);
    bkey_err err = bkey_sync_request_open(sync);
    while (bkey_is_ok(err) && !is_finished(&l))
        err = go_on(&l);
    if (!bkey_is_ok(err) && sync->net != NULL)
        sync->net->cancel_all(sync->net->self);
    for (size_t i = 0; i < count; i++)
        sup_buffer_done(&l.tracks[i].url);
    return err;
}

bkey_err bkey_sync_listing_one(bkey_sync *sync, bkey_sync_listing *listing)
{
    bkey_err err = bkey_sync_listing_run(sync, listing, 1);
    return bkey_is_ok(err) ? listing->err : err;
}
