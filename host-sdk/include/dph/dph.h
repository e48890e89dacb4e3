/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole plugin ABI in one include. */
#ifndef DPH_DPH_H
#define DPH_DPH_H

#include "dph/base.h"
#include "dph/call.h"
#include "dph/error.h"
#include "dph/hook_access.h"
#include "dph/hook_action.h"
#include "dph/hook_folder.h"
#include "dph/hook_guard.h"
#include "dph/hook_secret.h"
#include "dph/hook_settings.h"
#include "dph/hook_sync.h"
#include "dph/plugin.h"
#include "dph/service_assets.h"
#include "dph/service_audit.h"
#include "dph/service_clock.h"
#include "dph/service_entitlement.h"
#include "dph/service_http_policy.h"
#include "dph/service_keyring.h"
#include "dph/service_log.h"
#include "dph/service_records.h"
#include "dph/service_settings.h"
#include "dph/service_state.h"
#include "dph/service_store.h"

#endif
