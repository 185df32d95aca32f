// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import "sextant/risk/scenario"

func scenarios() []scenario.Scenario { return scenario.Library().Scenarios() }
