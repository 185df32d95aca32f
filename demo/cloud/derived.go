// SPDX-License-Identifier: Apache-2.0

package cloud

import "slices"

// derived fills what the connector computes from what it read, so that the two
// never disagree.
var derived = map[string]func(map[string]any){
	"aws:s3_bucket":          bucket,
	"aws:security_group":     group,
	"aws:iam_user":           user,
	"aws:iam_policy":         policy,
	"aws:ec2_instance":       instance,
	"aws:load_balancer":      balancer,
	"aws:guardduty_detector": detector,
	"aws:kms_key":            key,
	"aws:root_usage_alarm":   rootAlarm,
	"aws:vpc":                network,
	"aws:inspector_account":  inspector,
	"aws:iam_role":           role,
}

func bucket(a map[string]any) {
	all := true
	for _, flag := range []string{"block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"} {
		all = all && (a[flag] == true || a["account_"+flag] == true)
	}
	a["public_access_blocked"] = all
	a["account_public_access_blocked"] = a["account_block_public_acls"] == true && a["account_ignore_public_acls"] == true && a["account_block_public_policy"] == true && a["account_restrict_public_buckets"] == true
}

// group derives what the world reaches from the rules.
func group(a map[string]any) {
	world, admin, data := []any{}, []any{}, []any{}
	open := false
	for _, rule := range a["ingress"].([]any) {
		r := rule.(map[string]any)
		if r["cidr"] != "0.0.0.0/0" && r["cidr"] != "::/0" {
			continue
		}
		world = append(world, r)
		open = open || r["protocol"] == "-1"
		admin = append(admin, within(r, 22, 3389)...)
		data = append(data, within(r, 1433, 3306, 5432, 6379, 9200, 27017)...)
	}
	a["world_ingress"], a["open_admin_ports"], a["open_database_ports"], a["open_all_ports"] = world, admin, data, open
	n, _ := a["interfaces"].(int64)
	a["attached"] = n > 0
}

func within(rule map[string]any, ports ...int64) []any {
	from, _ := rule["from_port"].(int64)
	to, _ := rule["to_port"].(int64)
	list := []any{}
	for _, port := range ports {
		if rule["protocol"] == "-1" || (from <= port && port <= to) {
			list = append(list, port)
		}
	}
	return list
}

func user(a map[string]any) {
	attached, inline := a["attached_policies"].([]string), a["inline_policies"].([]string)
	a["direct_policies"] = int64(len(attached) + len(inline))
	var active int64
	var activities, uses []string
	if a["password_enabled"] == true {
		activities = append(activities, latest(a["password_last_used_at"], a["password_last_changed_at"], a["created_at"]))
		a["password_last_activity_at"] = activities[0]
	}
	for _, k := range []string{"key_1_", "key_2_"} {
		if a[k+"active"] != true {
			continue
		}
		active++
		activities = append(activities, latest(a[k+"last_used_at"], a[k+"rotated_at"]))
		a[k+"last_activity_at"] = activities[len(activities)-1]
		if rotated, ok := a[k+"rotated_at"].(string); ok && (a["oldest_active_key_at"] == nil || rotated < a["oldest_active_key_at"].(string)) {
			a["oldest_active_key_at"] = rotated
		}
	}
	a["active_keys"] = active
	if len(activities) > 0 {
		a["stalest_active_at"] = slices.Min(activities)
	}
	for _, used := range []string{"password_last_used_at", "key_1_last_used_at", "key_2_last_used_at"} {
		if at, ok := a[used].(string); ok {
			uses = append(uses, at)
		}
	}
	if len(uses) > 0 {
		a["last_activity_at"] = slices.Max(uses)
	}
}

// latest gives the first moment that is known: last use, else last change, else
// creation.
func latest(candidates ...any) string {
	for _, c := range candidates {
		if at, ok := c.(string); ok {
			return at
		}
	}
	return ""
}

func policy(a map[string]any) {
	n, _ := a["attachments"].(int64)
	a["attached"] = n > 0
	if a["allow_all"] == true {
		a["document"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}}}
	}
}

func instance(a map[string]any) {
	a["running"] = a["state"] == "running"
	a["imdsv2_required"] = a["http_tokens"] == "required" || a["metadata_enabled"] == false
}

func balancer(a map[string]any) {
	a["public"] = a["scheme"] == "internet-facing"
	plain, policies := []any{}, []string{}
	for _, l := range a["listeners"].([]any) {
		listener := l.(map[string]any)
		if p, ok := listener["ssl_policy"].(string); ok {
			policies = append(policies, p)
		} else if listener["redirects_to_https"] != true {
			plain = append(plain, listener["port"])
		}
	}
	slices.Sort(policies)
	a["plaintext_ports"], a["ssl_policies"] = plain, slices.Compact(policies)
}

func detector(a map[string]any) {
	if a["exists"] != true {
		a["enabled"] = false
		for _, name := range []string{"detector_id", "finding_frequency", "high_findings", "oldest_high_finding_at"} {
			delete(a, name)
		}
	}
}

func key(a map[string]any) {
	a["customer_managed"] = a["manager"] == "CUSTOMER"
	a["symmetric"] = a["spec"] == "SYMMETRIC_DEFAULT"
	a["enabled"] = a["state"] == "Enabled"
	a["rotatable"] = a["customer_managed"] == true && a["symmetric"] == true && a["origin"] == "AWS_KMS"
	if a["rotatable"] != true {
		delete(a, "rotation_enabled")
		delete(a, "rotation_period_days")
	}
}

func rootAlarm(a map[string]any) {
	alarms := a["alarms"].([]string)
	n, _ := a["confirmed_subscriptions"].(int64)
	a["exists"] = len(a["filters"].([]any)) > 0
	a["effective"] = a["exists"] == true && len(alarms) > 0 && n > 0
}

func network(a map[string]any) {
	active := false
	for _, l := range a["flow_logs"].([]any) {
		active = active || l.(map[string]any)["status"] == "ACTIVE"
	}
	a["active_flow_log"] = active
}

func inspector(a map[string]any) {
	a["enabled"] = a["status"] == "ENABLED"
	if n, _ := a["active_critical_findings"].(int64); n == 0 {
		delete(a, "oldest_critical_finding_at")
	}
}

func role(a map[string]any) {
	if _, told := a["trust_policy"].(map[string]any)["Statement"]; !told {
		services := []any{}
		for _, s := range a["trusted_services"].([]string) {
			services = append(services, s)
		}
		a["trust_policy"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": services}}}}
	}
}
