// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Seed fills an empty moto behind endpoint and gives the ids of the instances
// Systems Manager is to manage.
func Seed(ctx context.Context, endpoint string, users int) ([]string, error) {
	c := home(endpoint, Region)
	steps := []func() error{
		func() error { return seedIAM(ctx, iam.NewFromConfig(c)) },
		func() error { return seedUsers(ctx, iam.NewFromConfig(c), "user", users) },
		func() error { return seedUsers(ctx, iam.NewFromConfig(other(endpoint, Region)), "guest", 30) },
		func() error { return seedContact(ctx, account.NewFromConfig(c)) },
		func() error { return seedOrganization(ctx, organizations.NewFromConfig(c)) },
		func() error { return seedBuckets(ctx, c) },
		func() error { return seedLogging(ctx, c) },
		func() error { return seedData(ctx, c) },
		func() error { return seedElsewhere(ctx, endpoint) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("seed, step %d: %w", i, err)
		}
	}
	return seedNetwork(ctx, c)
}

// seedUsers makes users named prefix-0000 and so on: each tenth with a
// password, each seventh with a key, each fiftieth with a policy of its own.
func seedUsers(ctx context.Context, client *iam.Client, prefix string, n int) error {
	var all sync.WaitGroup
	errs := make(chan error, 8)
	for worker := range 8 {
		all.Go(func() {
			for i := worker; i < n; i += 8 {
				if err := seedUser(ctx, client, prefix, i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

func seedUser(ctx context.Context, client *iam.Client, prefix string, i int) error {
	name := fmt.Sprintf("%s-%04d", prefix, i)
	_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	if err == nil && i%10 == 0 {
		_, err = client.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: &name, Password: aws.String("a long pass-phrase 1A")})
	}
	if err == nil && i%7 == 0 {
		_, err = client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
	}
	if err == nil && i%50 == 1 && prefix == "user" {
		_, err = client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: aws.String("arn:aws:iam::" + Home + ":policy/narrow")})
	}
	return err
}

const (
	narrowPolicy  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::sextant-good/*"}]}`
	starPolicy    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	serviceTrust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	supplierTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"%s}]}`
	externalID    = `,"Condition":{"StringEquals":{"sts:ExternalId":"abc"}}`
)

func seedIAM(ctx context.Context, client *iam.Client) error {
	var arn *string
	for name, text := range map[string]string{"narrow": narrowPolicy, "everything": starPolicy} {
		out, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &text})
		if err != nil {
			return err
		}
		if name == "everything" {
			arn = out.Policy.Arn
		}
	}
	for name, text := range map[string]string{"app": serviceTrust, "supplier": fmt.Sprintf(supplierTrust, ""), "supplier-with-id": fmt.Sprintf(supplierTrust, externalID)} {
		if _, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &text}); err != nil {
			return err
		}
	}
	_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("app"), PolicyArn: arn})
	return err
}

func seedContact(ctx context.Context, client *account.Client) error {
	_, err := client.PutAlternateContact(ctx, &account.PutAlternateContactInput{
		AlternateContactType: accounttypes.AlternateContactTypeSecurity, EmailAddress: aws.String("security@example.com"),
		Name: aws.String("Security"), PhoneNumber: aws.String("+49 30 1"), Title: aws.String("Security"),
	})
	return err
}

// seedOrganization makes Home the head of an organization with one more account.
func seedOrganization(ctx context.Context, client *organizations.Client) error {
	if _, err := client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: organizationtypes.OrganizationFeatureSetAll}); err != nil {
		return err
	}
	_, err := client.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("forgotten"), Email: aws.String("forgotten@example.com")})
	return err
}
