// SPDX-License-Identifier: Apache-2.0

// Package aws reads Amazon Web Services accounts: read-only, with keys, a
// profile, an assumed role or what the machine offers, in all enabled regions.
//
// It sees what the calls listed in resources.yaml answer and nothing else: not
// what lies in buckets, databases, logs or secrets, not classic load balancers,
// not AWS managed policies, not the permissions a policy has in effect, not
// service control policies. The credential report is made by AWS at most every
// four hours; what a user did since is not in it. Whether a person did what an
// alarm asked for, no call tells.
package aws
