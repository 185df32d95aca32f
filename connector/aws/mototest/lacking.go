// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// State is what the proxy's own answers say, for calls moto lacks. It concerns
// Home in Region; elsewhere the answers are empty.
type State struct {
	RootMFA         bool      // of AccountMFAEnabled
	RootLastUsed    time.Time // zero: never
	HighFindings    int       // unarchived GuardDuty findings of severity 8
	FindingsMade    time.Time
	Vulnerabilities int // active critical Inspector findings
	Managed         []string
	MissingPatches  int // critical, of every managed instance
	LastRestore     time.Time
}

// Home is the account moto takes an unknown key for, and Region the one the
// seed puts most of its resources in.
const (
	Home   = "123456789012"
	Region = "us-east-1"
)

// ModelAnswered lists the calls whose answers are the proxy's own: made after
// the service model, and checked against it, because moto has none.
var ModelAnswered = []string{
	"backup:ListProtectedResources", "backup:ListRecoveryPointsByBackupVault", "backup:ListRestoreJobs",
	"guardduty:GetFindings", "guardduty:ListFindings", "inspector2:ListFindings",
	"ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates",
	"s3:GetBucketPolicyStatus", // worked out from the policy moto keeps
}

// ModelledChecks are the checks of the catalogue whose facts come, wholly or in
// part, from ModelAnswered or from what the proxy adds to moto's answers. All
// others run against moto alone.
var ModelledChecks = []string{
	"aws-backup-restore-test", "aws-guardduty-triaged", "aws-inspector-crit", "aws-patch-state",
	"aws-root-mfa", "aws-root-unused", "aws-s3-public", "aws-trail-integrity",
}

// Set changes the state.
func (p *Proxy) Set(change func(*State)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.State)
}

func (p *Proxy) own(q *request) *answer {
	p.mu.Lock()
	s := p.State
	p.mu.Unlock()
	if q.region != Region || strings.HasPrefix(q.key, "ASIA") {
		s = State{}
	}
	switch q.call {
	case "s3:GetBucketPolicyStatus":
		return p.policyStatus(q)
	case "iam:GetCredentialReport":
		return p.reportWithRoot(q, s)
	case "iam:GetAccountSummary":
		return p.summary(q, s)
	case "inspector2:BatchGetAccountStatus":
		return p.scanning(q)
	}
	v := s.modelled(q)
	if v == nil {
		return nil
	}
	return p.modelValid(q, v)
}

func (p *Proxy) modelValid(q *request, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		return failure(q, http.StatusInternalServerError, "InternalFailure")
	}
	var plain any
	if err := json.Unmarshal(body, &plain); err == nil {
		p.note(q.model.CheckOutput(q.op, plain)...)
	}
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

type object = map[string]any

func (s State) modelled(q *request) any {
	switch q.call {
	case "guardduty:ListFindings":
		ids := []string{}
		for i := range s.HighFindings {
			ids = append(ids, fmt.Sprintf("f%03d", i))
		}
		return object{"findingIds": ids}
	case "guardduty:GetFindings":
		return object{"findings": s.threats(q)}
	case "inspector2:ListFindings":
		return object{"findings": s.vulnerabilities()}
	case "ssm:DescribeInstanceInformation":
		return object{"InstanceInformationList": s.managed()}
	case "ssm:DescribeInstancePatchStates":
		return object{"InstancePatchStates": s.patches(q)}
	case "backup:ListProtectedResources":
		return object{"Results": s.protected()}
	case "backup:ListRestoreJobs":
		return object{"RestoreJobs": s.restores()}
	case "backup:ListRecoveryPointsByBackupVault":
		return object{"RecoveryPoints": s.points()}
	}
	return nil
}

func (s State) threats(q *request) []any {
	var in struct {
		FindingIds []string `json:"findingIds"`
	}
	_ = json.Unmarshal(q.body, &in)
	all := []any{}
	for _, id := range in.FindingIds {
		made := s.FindingsMade.UTC().Format(time.RFC3339)
		all = append(all, object{
			"accountId": Home, "arn": "arn:aws:guardduty:" + Region + ":" + Home + ":detector/d/finding/" + id, "id": id, "region": Region,
			"createdAt": made, "updatedAt": made, "resource": object{"resourceType": "Instance"}, "schemaVersion": "2.0", "severity": 8.0,
			"title": "An instance is asking a known bad domain", "type": "Backdoor:EC2/C&CActivity.B!DNS", "service": object{"archived": false, "count": 3},
		})
	}
	return all
}

func (s State) vulnerabilities() []any {
	all := []any{}
	for i := range s.Vulnerabilities {
		seen := float64(s.FindingsMade.Unix())
		all = append(all, object{
			"awsAccountId": Home, "description": "A flaw", "findingArn": fmt.Sprintf("arn:aws:inspector2:%s:%s:finding/%03d", Region, Home, i),
			"firstObservedAt": seen, "lastObservedAt": seen, "remediation": object{}, "resources": []any{object{"id": "i-1", "type": "AWS_EC2_INSTANCE"}},
			"severity": "CRITICAL", "status": "ACTIVE", "type": "PACKAGE_VULNERABILITY", "title": "CVE-2026-0001", "fixAvailable": "YES", "inspectorScore": 9.8,
			"packageVulnerabilityDetails": object{"source": "NVD", "vulnerabilityId": "CVE-2026-0001"},
		})
	}
	return all
}

func (s State) managed() []any {
	all := []any{}
	for _, id := range s.Managed {
		all = append(all, object{"InstanceId": id, "PingStatus": "Online", "PlatformName": "Amazon Linux", "PlatformType": "Linux"})
	}
	return all
}

func (s State) patches(q *request) []any {
	var in struct{ InstanceIds []string }
	_ = json.Unmarshal(q.body, &in)
	all, at := []any{}, float64(1_790_000_000)
	for _, id := range in.InstanceIds {
		if slices.Contains(s.Managed, id) {
			all = append(all, object{
				"InstanceId": id, "PatchGroup": "all", "BaselineId": "pb-0123456789abcdef0", "OperationStartTime": at, "OperationEndTime": at,
				"Operation": "Scan", "CriticalNonCompliantCount": s.MissingPatches, "SecurityNonCompliantCount": 0, "MissingCount": s.MissingPatches, "FailedCount": 0,
			})
		}
	}
	return all
}

func (s State) protected() []any {
	if s.LastRestore.IsZero() && len(s.Managed) == 0 {
		return []any{}
	}
	return []any{object{"ResourceArn": "arn:aws:ec2:" + Region + ":" + Home + ":volume/vol-1", "ResourceType": "EBS", "LastBackupTime": float64(1_790_000_000)}}
}

func (s State) restores() []any {
	if s.LastRestore.IsZero() {
		return []any{}
	}
	return []any{object{"RestoreJobId": "r1", "Status": "COMPLETED", "ResourceType": "EBS", "CompletionDate": float64(s.LastRestore.Unix())}}
}

func (s State) points() []any {
	if len(s.Managed) == 0 {
		return []any{}
	}
	return []any{object{"RecoveryPointArn": "arn:aws:ec2:" + Region + "::snapshot/snap-1", "Status": "COMPLETED", "ResourceType": "EBS", "CompletionDate": float64(1_790_000_000)}}
}

// policyStatus works out from moto's policy of the bucket what AWS would say.
func (p *Proxy) policyStatus(q *request) *answer {
	got := p.forward(q, q.Header, q.URL.Path+"?"+url.Values{"policy": {""}}.Encode(), nil)
	if got.status != http.StatusOK {
		return got
	}
	public := bytes.Contains(got.body, []byte(`"Allow"`)) && bytes.Contains(bytes.ReplaceAll(got.body, []byte(" "), nil), []byte(`"Principal":"*"`))
	body := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>%t</IsPublic></PolicyStatus>`, public)
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte(body)}
}

var content = regexp.MustCompile(`<Content>([^<]*)</Content>`)

// reportWithRoot adds the row of the root user, which moto leaves out.
func (p *Proxy) reportWithRoot(q *request, s State) *answer {
	got := p.forward(q, q.Header, q.URL.RequestURI(), q.body)
	m := content.FindSubmatch(got.body)
	if got.status != http.StatusOK || m == nil {
		return got
	}
	text, err := base64.StdEncoding.DecodeString(string(m[1]))
	if err != nil {
		return got
	}
	used := "no_information"
	if !s.RootLastUsed.IsZero() {
		used = s.RootLastUsed.UTC().Format(time.RFC3339)
	}
	head, rows, _ := strings.Cut(string(text), "\n")
	root := "<root_account>,arn:aws:iam::" + Home + ":root,2020-01-01T00:00:00+00:00,not_supported," + used + ",not_supported,not_supported," +
		fmt.Sprint(s.RootMFA) + ",false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
	whole := base64.StdEncoding.EncodeToString([]byte(head + "\n" + root + "\n" + rows))
	got.body = content.ReplaceAll(got.body, []byte("<Content>"+whole+"</Content>"))
	return got
}

var rootMFA = regexp.MustCompile(`(<key>AccountMFAEnabled</key>\s*<value>)[01](</value>)`)

// summary adds the figure moto leaves out, and the root user's MFA, which
// nothing in moto can turn on.
func (p *Proxy) summary(q *request, s State) *answer {
	got := p.forward(q, q.Header, q.URL.RequestURI(), q.body)
	n := "0"
	if s.RootMFA {
		n = "1"
	}
	got.body = rootMFA.ReplaceAll(got.body, []byte("${1}"+n+"${2}"))
	if !bytes.Contains(got.body, []byte("AccountPasswordPresent")) {
		got.body = bytes.Replace(got.body, []byte("<SummaryMap>"), []byte("<SummaryMap><entry><key>AccountPasswordPresent</key><value>1</value></entry>"), 1)
	}
	return got
}

// scanning says DISABLED for accounts moto knows nothing of, as AWS does.
func (p *Proxy) scanning(q *request) *answer {
	got := p.forward(q, q.Header, q.URL.RequestURI(), q.body)
	var out struct{ Accounts []any }
	var in struct{ AccountIds []string }
	if json.Unmarshal(got.body, &out) != nil || len(out.Accounts) > 0 || json.Unmarshal(q.body, &in) != nil {
		return got
	}
	off := object{"errorCode": "ALREADY_ENABLED", "errorMessage": "", "status": "DISABLED"}
	accounts := []any{}
	for _, id := range in.AccountIds {
		accounts = append(accounts, object{"accountId": id, "state": off, "resourceState": object{"ec2": off, "ecr": off, "lambda": off}})
	}
	return p.modelValid(q, object{"accounts": accounts, "failedAccounts": []any{}})
}
