// SPDX-License-Identifier: Apache-2.0

// Package evidence keeps what machines observed: sources, runs with their
// manifests, resources and their versions over time. It judges nothing: checks
// do that, and controls draw the conclusion.
package evidence
