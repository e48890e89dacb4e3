/* SPDX-License-Identifier: Apache-2.0
 *
 * What Graph says of a tenant: its policy and its subscriptions. Must not know who asks. */
#ifndef BKEY_DECODE_TENANT_H
#define BKEY_DECODE_TENANT_H

#include "base/json.h"
#include "base/ports.h"

/* Whether owners may read the keys of their devices, from an authorizationPolicy. An absent or null
 * value is Microsoft's default, true. False: the body is no such policy. */
bool bkey_decode_tenant_policy(bkey_bytes body, bool *out_allowed);
/* Whether an enabled subscription has one of the service plans (names in upper case, one space
 * between), from subscribedSkus. Decided by plan, never by the subscription's own name. False: the
 * body is no such list, or the list has more pages. */
bool bkey_decode_tenant_licences(bkey_bytes body, const char *plans, bool *out_found);
/* Does this subscription give service? A suspended one does not. */
bool bkey_decode_tenant_in_force(const bkey_json *sku);
/* Is this service plan one of `plans`, and switched on? */
bool bkey_decode_tenant_is_plan(const bkey_json *plan, const char *plans);

#endif
