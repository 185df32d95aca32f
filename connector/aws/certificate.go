// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"sextant/connector"
)

func readCertificates(ctx context.Context, s *scene, r *connector.Reading) error {
	client := acm.NewFromConfig(s.config())
	// Without key types AWS leaves out all certificates but RSA 1024 and 2048.
	in := &acm.ListCertificatesInput{MaxItems: aws.Int32(1000), Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}}
	return pages(ctx, s, "acm:ListCertificates", client.ListCertificates, in, page[acm.ListCertificatesInput, acm.ListCertificatesOutput]{
		in:  func(i *acm.ListCertificatesInput, t *string) { i.NextToken = t },
		out: func(o *acm.ListCertificatesOutput) *string { return o.NextToken },
		each: func(o *acm.ListCertificatesOutput) error {
			for _, c := range o.CertificateSummaryList {
				if err := readCertificate(ctx, s, r, client, c); err != nil {
					return err
				}
			}
			r.Page()
			return nil
		},
	})
}

func readCertificate(ctx context.Context, s *scene, r *connector.Reading, client *acm.Client, c types.CertificateSummary) error {
	it := newItem(r, aws.ToString(c.CertificateArn))
	it.set("arn", aws.ToString(c.CertificateArn))
	it.set("domain", aws.ToString(c.DomainName))
	out, err := call(ctx, s, "acm:DescribeCertificate", client.DescribeCertificate, &acm.DescribeCertificateInput{CertificateArn: c.CertificateArn})
	if err == nil && out.Certificate == nil {
		err = s.broken("acm:DescribeCertificate", connector.Malformed, "the answer describes no certificate")
	}
	if err != nil {
		it.unknown(err, "names", "status", "kind", "in_use", "used_by", "expires_at", "key_algorithm", "renewal")
		return it.observe(ctx)
	}
	d := out.Certificate
	it.list("names", d.SubjectAlternativeNames)
	it.set("status", string(d.Status))
	it.set("kind", string(d.Type))
	it.set("in_use", len(d.InUseBy) > 0)
	it.list("used_by", d.InUseBy)
	it.time("expires_at", d.NotAfter)
	if d.KeyAlgorithm != "" {
		it.set("key_algorithm", string(d.KeyAlgorithm))
	}
	if d.RenewalEligibility != "" {
		it.set("renewal", string(d.RenewalEligibility))
	}
	return it.observe(ctx)
}
