/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sync_cases.h"

const sync_case_list *const sync_case_lists[] = {
    &sync_cases_usual,  &sync_cases_dialects,  &sync_cases_refusals, &sync_cases_fetch,
    &sync_cases_match,  &sync_cases_preflight, &sync_cases_signin,   &sync_cases_truth,
    &sync_cases_import, &sync_cases_contacts,
};

const size_t sync_case_list_count = sizeof sync_case_lists / sizeof sync_case_lists[0];
