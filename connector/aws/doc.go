// SPDX-License-Identifier: Apache-2.0

// Package aws reads Amazon Web Services accounts: read-only, with a key, a
// profile, an assumed role or what the machine offers, in all enabled regions.
// Types (resources.yaml) lists what it observes, Policy the rights it needs.
//
// # What it cannot see
//
//   - What lies in buckets, databases, logs and secrets: it never reads content.
//   - What a policy has in effect: it reads policies one by one and weighs no
//     service control policies, boundaries or session policies.
//   - AWS managed policies, classic load balancers, database clusters'
//     snapshots, certificates of IAM.
//   - What a user did since AWS made the credential report, up to four hours
//     ago; a user made since is observed with unknown attributes.
//   - Rules of a load balancer's listener: only its default action.
//   - Whether the bucket of a trail is public where it lies in another account:
//     that attribute is unknown there.
//   - With whom a snapshot of a volume is shared by name, only whether with all.
//   - Whether anyone acted on an alarm or a finding: no call tells.
//
// # What it does when AWS does not answer
//
// A call is repeated with growing waits; then it becomes a connector.Failure
// that names it. A failed list leaves its population partial, failed or denied;
// a failed call about one resource leaves attributes unknown, named under
// connector.ErrorsKey. Answers AWS gives for "nothing of the kind is
// configured" are facts. After five failures in a row for a reason that does
// not pass, a call is not tried again within its population.
package aws
