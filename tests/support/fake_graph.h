/* SPDX-License-Identifier: Apache-2.0
 *
 * A Microsoft tenant in one struct, answered through bkey_net: what the sync's use cases ask, and
 * nothing else. Plain data in shared memory, so that a forked child's reads are counted after it
 * died. For tests only. */
#ifndef FAKE_GRAPH_H
#define FAKE_GRAPH_H

#include "domain/model.h"
#include "tests/support/fake_ports.h"

#define FAKE_GRAPH_DEVICES 512u
#define FAKE_GRAPH_KEYS 512u
#define FAKE_GRAPH_USERS 16u
#define FAKE_GRAPH_FAULTS 8u

typedef enum fake_route {
    FAKE_ROUTE_TOKEN = 1,
    FAKE_ROUTE_DEVICES,
    FAKE_ROUTE_KEYS,
    FAKE_ROUTE_SECRET, /* alone, and each item of a batch */
    FAKE_ROUTE_BATCH,
    FAKE_ROUTE_ITEM, /* of a batch, for faults alone */
    FAKE_ROUTE_ADDRESSES,
    FAKE_ROUTE_DIRECTORY,
    FAKE_ROUTE_REMOVALS,
    FAKE_ROUTE_REPORT,
    FAKE_ROUTE_LICENCES,
    FAKE_ROUTE_USERS,
    FAKE_ROUTE_COUNT
} fake_route;

typedef struct fake_device {
    char id[40], name[128], serial[64];
    bool gone;       /* from Intune */
    char join[16];   /* trustType; "" = null */
    char owner[40];  /* primary user's id */
    char seen[32];   /* last contact; "" = not told */
    char backup[64]; /* advancedBitLockerStates */
    bool not_encrypted;
    bool not_in_entra;        /* never was */
    char removed[16];         /* from the directory: "changed" or "deleted"; "" = listed there */
    char wired[32], wifi[32]; /* network addresses, given to who asks for the one device */
    bool twice;               /* listed a second time with another serial number */
} fake_device;

typedef struct fake_key {
    char id[40], device_id[40], created[32], volume[32], password[72];
    bool gone;
    int32_t status; /* of a secret read; 0 = 200 */
    uint32_t reads; /* that gave the secret */
} fake_key;

typedef struct fake_user {
    char id[40], name[128], first[64], last[64], sign_in[128], mail[128];
    char proxies[256];  /* of a JSON array, without its brackets */
    char licences[256]; /* the same, of assignedLicenses */
    bool disabled;
    bool guest;
    bool gone;
} fake_user;

/* A licence with Intune's plan, and the plan itself. */
#define FAKE_SKU "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
#define FAKE_PLAN "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"

/* The next `count` requests of the route after `skip` others are answered with this. */
typedef struct fake_graph_fault {
    fake_route route;
    uint32_t skip;
    int32_t count;  /* -1 = for ever */
    int32_t status; /* 0 = the connection breaks */
    int64_t retry_after_ms;
    char body[320]; /* of the answer */
} fake_graph_fault;

typedef struct fake_graph {
    char tenant[40];
    fake_device devices[FAKE_GRAPH_DEVICES];
    fake_key keys[FAKE_GRAPH_KEYS];
    fake_user users[FAKE_GRAPH_USERS];
    uint32_t device_count, key_count, user_count;
    bool no_plan;             /* the tenant's subscription has no plan of Intune's */
    uint32_t odd_device;      /* whose row is odd_device_row */
    char odd_device_row[256]; /* "" = made from the device */
    char odd_key_row[256];    /* of the first key, as it is listed; "" = made from the key */
    char odd_answer[512];     /* to a read of the first key; "" = made from the key */
    uint32_t page_size;
    bool duplicate_rows;    /* the first row of a page comes on the page before, too */
    bool empty_page;        /* the first page is empty and has a next link */
    bool loop_pages;        /* the next link of the last page leads back */
    bool foreign_link;      /* next links lead to another host */
    bool long_link;         /* next links of 9,000 characters */
    bool renews;            /* a token answer brings a new refresh token */
    bool application;       /* permissions come as roles */
    bool directory;         /* the directory's devices may be read; else 403 */
    bool report;            /* so may the encryption report */
    bool no_intune;         /* the tenant has no such licence */
    bool lost_changes;      /* addresses of removals from before are refused */
    bool opaque;            /* access tokens cannot be looked into */
    bool extra_rows;        /* a batch's answer names an item twice, and an unknown one */
    uint32_t lose_items;    /* so many items of each batch get no answer */
    int32_t batch_status;   /* of each item of a batch; 0 = as it would be alone */
    uint32_t batched;       /* items of batches that gave a secret */
    char scopes[256];       /* "" = the usual three */
    char token_answer[320]; /* what follows the access token; "" = made from the above */
    uint32_t token_uses;    /* a token is refused after so many reads; 0 = never */
    uint32_t token_number;  /* of the newest token */
    uint32_t used;          /* reads with the newest token */
    uint32_t requests[FAKE_ROUTE_COUNT];
    uint32_t key_reads;
    void (*on_secret)(void *context); /* when a secret is given; NULL = nothing */
    void *context;
    uint32_t most_in_flight;
    uint32_t answer_ms; /* from one answer to the next; 0 = 1 */
    fake_graph_fault faults[FAKE_GRAPH_FAULTS];
    uint32_t fault_count;
    uint32_t silence;       /* BKEY_E_* of a connection that a fault breaks; 0 = NETWORK */
    char challenge[128];    /* of a 401 that a fault gives; "" = none */
    char device_answer[64]; /* word that a poll for a device code gets; "" = a token, once */
    bool device_used;
    uint32_t device_codes; /* given */
} fake_graph;

/* Shared memory; aborts when there is none. */
fake_graph *fake_graph_new(const char *tenant);
void fake_graph_free(fake_graph *graph);
/* Device ids and key ids are made from their numbers; the password from the key's. created_day
 * counts from 2026-01-01. Returns the new row. */
fake_device *fake_graph_add_device(fake_graph *graph, const char *name, const char *serial);
fake_key *fake_graph_add_key(fake_graph *graph, const fake_device *device, const char *volume,
                             uint32_t created_day);
/* Licensed, enabled, with that sign-in name and mail address. */
fake_user *fake_graph_add_user(fake_graph *graph, const char *name, const char *address);
void fake_graph_add_fault(fake_graph *graph, const fake_graph_fault *fault);
/* Connects `fake`'s network to `graph`. */
void fake_graph_plug(fake_graph *graph, fake_ports *fake);

#endif
