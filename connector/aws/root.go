// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"context"
	"encoding/xml"
	"strings"
)

// The SDK takes any XML for the answer of EC2 and S3 and finds an empty list in
// it. So the name of its first element is checked before the SDK sees it.

// s3Roots are the first elements of S3's answers, which are not named after the
// operation.
var s3Roots = map[string]string{
	"s3:ListBuckets": "ListAllMyBucketsResult", "s3:GetBucketLocation": "LocationConstraint", "s3:GetPublicAccessBlock": "PublicAccessBlockConfiguration",
	"s3:GetBucketPolicyStatus": "PolicyStatus", "s3:GetBucketAcl": "AccessControlPolicy", "s3:GetBucketEncryption": "ServerSideEncryptionConfiguration",
	"s3:GetBucketVersioning": "VersioningConfiguration", "s3:GetBucketLogging": "BucketLoggingStatus",
	"s3:GetBucketLifecycleConfiguration": "LifecycleConfiguration", "s3:GetBucketTagging": "Tagging",
	"s3control:GetPublicAccessBlock": "PublicAccessBlockConfiguration",
}

// queried are the services that answer with an element named after the
// operation (protocols query and ec2).
var queried = map[string]bool{"ec2": true, "elasticloadbalancing": true, "iam": true, "rds": true, "sns": true, "sts": true}

type operationKey struct{}

// during notes in ctx which operation a request belongs to.
func during(ctx context.Context, op string) context.Context {
	return context.WithValue(ctx, operationKey{}, op)
}

// expectedRoot is the name of the first element of the answer, "" where it is
// not known or the answer is no XML. Systems that speak S3 without being AWS
// name some elements after the operation: that is as clear.
func expectedRoot(ctx context.Context) (name, other string) {
	op, _ := ctx.Value(operationKey{}).(string)
	service, operation, _ := strings.Cut(op, ":")
	if queried[service] {
		return operation + "Response", ""
	}
	return s3Roots[op], operation + "Response"
}

// another is the error of an answer to something else than was asked.
type another struct{ want, got string }

func (a *another) Error() string {
	return "the answer is a " + a.got + ", not a " + a.want
}

func checkRoot(ctx context.Context, body []byte) error {
	want, other := expectedRoot(ctx)
	if want == "" {
		return nil
	}
	for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
		t, err := dec.RawToken()
		if err != nil {
			return &another{want, "text without elements"}
		}
		if start, ok := t.(xml.StartElement); ok {
			if got := start.Name.Local; got != want && got != other {
				return &another{want, shorten(start.Name.Local)}
			}
			return nil
		}
	}
}
