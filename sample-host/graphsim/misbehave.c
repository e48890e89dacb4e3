/* SPDX-License-Identifier: Apache-2.0
 *
 * What faults do to answers. Must not know when a rule is due. */
#include "misbehave.h"

#include "errors.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

#define OTHER_ORIGIN "http://graph.attacker.example"

bool sim_misbehave_instead(sim_call *call, const sim_fault *fault)
{
    sim_response *response = call->response;
    bool instead = true;
    if (fault->error[0] != '\0' && sim_errors_named(call->world, response, fault->error)) {
        if (fault->status != 0)
            response->status = fault->status;
    } else if ((fault->kinds & SIM_FAULT_HTML) != 0) {
        response->status = fault->status != 0 ? fault->status : 200;
        response->content_type = "text/html; charset=utf-8";
        sup_buffer_add_str(&response->body, "<!DOCTYPE html><html><head><title>Service</title>"
                                            "</head><body>Please come back later.</body></html>");
    } else if ((fault->kinds & SIM_FAULT_GARBAGE) != 0) {
        response->status = fault->status != 0 ? fault->status : 200;
        sup_buffer_add_str(&response->body, "{\"value\": [\x01\xff not json");
    } else if (fault->status >= 400) {
        sim_errors_graph(call->world, response, fault->status, "SimulatedFault",
                         "The simulator was told to fail.");
    } else {
        instead = (fault->kinds & SIM_FAULT_RESET) != 0;
    }
    if (fault->retry_after[0] != '\0') {
        sim_http_drop(response, "retry-after");
        sim_http_header(response, "retry-after", fault->retry_after);
    }
    return instead;
}

static json_t *of_another_type(const json_t *value)
{
    if (json_is_string(value))
        return json_integer(12345);
    if (json_is_array(value))
        return json_string("not a list");
    return json_array();
}

static void swap_types(json_t *object)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, name, value)(void)
        json_object_set_new(object, name, of_another_type(value));
}

/* The page is asked for again under another address, so that a client which follows nextLink gets
 * its rows and one that counts rows per page does not stop. */
static void empty_page(const sim_call *call, json_t *object)
{
    char url[2048];
    const sim_request *request = call->request;
    (void)snprintf(url, sizeof url, "%s://%s%s%spage=%u", request->scheme, request->host,
                   request->target, strchr(request->target, '?') == NULL ? "?" : "&",
                   ++call->world->id_sequence);
    (void)json_object_set_new(object, "@odata.nextLink", json_string(url));
    (void)json_object_set_new(object, "value", json_array());
}

static void other_host(const sim_call *call, json_t *object)
{
    char url[2048];
    (void)snprintf(url, sizeof url, "%s%s", OTHER_ORIGIN, call->request->target);
    (void)json_object_set_new(object, "@odata.nextLink", json_string(url));
}

static void change_body(sim_call *call, unsigned kinds)
{
    sup_buffer *body = &call->response->body;
    json_t *object = json_loadb(sup_buffer_text(body), body->len, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return;
    }
    json_t *rows = json_object_get(object, "value");
    if ((kinds & SIM_FAULT_DUPLICATE_ROWS) != 0 && json_is_array(rows)) {
        json_t *copy = json_copy(rows);
        (void)json_array_extend(rows, copy);
        json_decref(copy);
    }
    if ((kinds & SIM_FAULT_EMPTY_PAGE) != 0 && json_is_array(rows))
        empty_page(call, object);
    if ((kinds & SIM_FAULT_NEXT_LINK_OTHER_HOST) != 0 && json_is_array(rows))
        other_host(call, object);
    if ((kinds & SIM_FAULT_WRONG_TYPE) != 0)
        swap_types(object);
    sup_buffer_reset(body);
    sim_json_value(body, object);
    json_decref(object);
}

void sim_misbehave_after(sim_call *call, const sim_fault *fault)
{
    unsigned shaped = SIM_FAULT_WRONG_TYPE | SIM_FAULT_DUPLICATE_ROWS | SIM_FAULT_EMPTY_PAGE |
                      SIM_FAULT_NEXT_LINK_OTHER_HOST;
    if ((fault->kinds & shaped) != 0 && call->response->status == 200)
        change_body(call, fault->kinds);
    if ((fault->kinds & SIM_FAULT_CLOSE) != 0)
        call->response->ending = SIM_ENDING_CLOSE;
    call->response->go_away = (fault->kinds & SIM_FAULT_GO_AWAY) != 0;
    if ((fault->kinds & SIM_FAULT_CUT_BODY) != 0)
        call->response->ending = SIM_ENDING_CUT;
    if ((fault->kinds & SIM_FAULT_RESET) != 0)
        call->response->ending = SIM_ENDING_RESET;
    call->response->delay_ms += fault->latency_ms;
}
