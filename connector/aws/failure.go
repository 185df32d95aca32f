// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"sextant/connector"
	"sextant/connector/outbound"
)

// causes maps AWS's error codes. Codes that are not here are judged by their
// HTTP status.
var causes = map[string]connector.Cause{
	"AccessDenied": connector.Denied, "AccessDeniedException": connector.Denied, "UnauthorizedOperation": connector.Denied,
	"AuthorizationError": connector.Denied, "AuthorizationErrorException": connector.Denied, "NotAuthorized": connector.Denied,
	"UnauthorizedAccess": connector.Denied, "Forbidden": connector.Denied, "AllAccessDisabled": connector.Denied, "KMSAccessDeniedException": connector.Denied,

	"InvalidClientTokenId": connector.Unauthentic, "UnrecognizedClientException": connector.Unauthentic, "AuthFailure": connector.Unauthentic,
	"SignatureDoesNotMatch": connector.Unauthentic, "InvalidSignatureException": connector.Unauthentic, "InvalidAccessKeyId": connector.Unauthentic,
	"MissingAuthenticationToken": connector.Unauthentic, "MissingAuthenticationTokenException": connector.Unauthentic,
	"IncompleteSignature": connector.Unauthentic, "InvalidToken": connector.Unauthentic, "NotSignedUp": connector.Unauthentic,

	"ExpiredToken": connector.Expired, "ExpiredTokenException": connector.Expired, "RequestExpired": connector.Expired, "TokenRefreshRequired": connector.Expired,

	"Throttling": connector.Throttled, "ThrottlingException": connector.Throttled, "ThrottledException": connector.Throttled,
	"RequestThrottled": connector.Throttled, "RequestThrottledException": connector.Throttled, "TooManyRequestsException": connector.Throttled,
	"RequestLimitExceeded": connector.Throttled, "SlowDown": connector.Throttled, "PriorRequestNotComplete": connector.Throttled,
	"BandwidthLimitExceeded": connector.Throttled, "LimitExceededException": connector.Throttled, "EC2ThrottledException": connector.Throttled,

	"InternalError": connector.ServerError, "InternalFailure": connector.ServerError, "InternalServerError": connector.ServerError,
	"InternalServerErrorException": connector.ServerError, "InternalServiceError": connector.ServerError, "InternalServerException": connector.ServerError,
	"ServiceUnavailable": connector.ServerError, "ServiceUnavailableException": connector.ServerError, "Unavailable": connector.ServerError,

	"OptInRequired": connector.RegionOff, "RegionDisabledException": connector.RegionOff, "InvalidRegionException": connector.RegionOff,
	"PermanentRedirect": connector.RegionOff, "ReportInProgress": connector.NotReady,
	"ReportNotPresent": connector.NotReady, "ReportExpired": connector.NotReady,
}

var hints = map[connector.Cause]string{
	connector.Unclear:      "Look the code up in AWS's documentation of this call.",
	connector.Denied:       "Grant the identity this action; the exact policy needed can be printed. A service control policy can refuse it too.",
	connector.Unauthentic:  "Check the access key and its secret, or the role and its external id; a region that is disabled answers like this too.",
	connector.Expired:      "Get new temporary credentials and run again.",
	connector.Throttled:    "Lower requests_per_second, or run at another time.",
	connector.Unreachable:  "Check the network, name resolution and whether the service exists in this region.",
	connector.Blocked:      "The address lies inside this machine or network; only the operator can allow it.",
	connector.TimedOut:     "Check the network, and run again.",
	connector.Cut:          "Something between here and AWS ends answers early; run again.",
	connector.Malformed:    "The answer did not come from AWS, or the interface changed; check the endpoint and proxies.",
	connector.TooLarge:     "One answer was over the limit for answers; please report it.",
	connector.RepeatedPage: "AWS answered with a page it had already sent; run again.",
	connector.ServerError:  "The fault lies with AWS; run again later.",
	connector.RegionOff:    "Enable the region in the account, or take it off the list.",
	connector.NotReady:     "Run again in a few minutes.",
	connector.OtherAccount: "Check which account the key or role belongs to.",
	connector.Cancelled:    "Run it again; what is complete can be skipped.",
}

// classify says why a call gave no answer. The message holds nothing that
// changes from run to run, and nothing of what was sent.
func classify(err error) (cause connector.Cause, code, message string) {
	if f, ok := errors.AsType[connector.Failure](err); ok {
		return f.Cause, f.Code, f.Message
	}
	if cause, message = classifyWire(err); cause != connector.Unclear {
		return cause, "", message
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return classifyAnswer(err, api)
	}
	return connector.Unclear, "", shorten(innermost(err).Error())
}

func classifyWire(err error) (connector.Cause, string) {
	refused := (*outbound.Refused)(nil)
	broken, web, wrong := (*cut)(nil), (*foreign)(nil), (*another)(nil)
	quota := ratelimit.QuotaExceededError{}
	switch {
	case errors.Is(err, context.Canceled):
		return connector.Cancelled, "the run was stopped"
	case errors.As(err, &refused):
		return connector.Blocked, refused.Error()
	case errors.Is(err, outbound.ErrTooLarge):
		return connector.TooLarge, outbound.ErrTooLarge.Error()
	case errors.As(err, &broken):
		return connector.Cut, broken.Error()
	case errors.As(err, &web):
		return connector.Malformed, web.Error()
	case errors.As(err, &wrong):
		return connector.Malformed, wrong.Error()
	case errors.As(err, &quota):
		return connector.Throttled, "too many attempts failed"
	}
	return classifyNetwork(err)
}

func classifyNetwork(err error) (connector.Cause, string) {
	decode, network := (*smithy.DeserializationError)(nil), (net.Error)(nil)
	resp := (*smithyhttp.ResponseError)(nil)
	switch {
	case errors.As(err, &decode) && errors.As(err, &resp) && resp.HTTPStatusCode() >= 400 && byStatus(resp.HTTPStatusCode()) != connector.Unclear:
		return byStatus(resp.HTTPStatusCode()), fmt.Sprintf("the answer has status %d and says nothing AWS would", resp.HTTPStatusCode())
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return connector.Cut, "the connection ended before the answer"
	case errors.Is(err, context.DeadlineExceeded):
		return connector.TimedOut, "no answer in time"
	case errors.As(err, &decode):
		return connector.Malformed, "the answer cannot be read: " + shorten(innermost(err).Error())
	case errors.As(err, &network) && network.Timeout():
		return connector.TimedOut, "no answer in time"
	case errors.As(err, &network):
		return connector.Unreachable, shorten(innermost(err).Error())
	}
	return connector.Unclear, ""
}

func classifyAnswer(err error, api smithy.APIError) (connector.Cause, string, string) {
	code, message := api.ErrorCode(), shorten(api.ErrorMessage())
	cause := causes[strings.TrimPrefix(strings.TrimSuffix(code, "Fault"), "Client.")]
	resp := (*smithyhttp.ResponseError)(nil)
	if cause == "" && errors.As(err, &resp) {
		cause = byStatus(resp.HTTPStatusCode())
		if message == "" {
			message = fmt.Sprintf("AWS answered with status %d", resp.HTTPStatusCode())
		}
	}
	switch cause {
	case "":
		cause = connector.Unclear
	case connector.Unauthentic: // AWS repeats the signed request here, with the session token
		message = "AWS does not accept the credentials"
	}
	return cause, code, message
}

func byStatus(status int) connector.Cause {
	switch {
	case status == 401:
		return connector.Unauthentic
	case status == 403:
		return connector.Denied
	case status == 408 || status == 504:
		return connector.TimedOut
	case status == 429:
		return connector.Throttled
	case status >= 500:
		return connector.ServerError
	}
	return connector.Unclear
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func shorten(s string) string {
	const most = 300
	if s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?"); len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// answered reports whether AWS answered with one of the codes: a fact (nothing
// of the kind is configured), not a failure.
func answered(err error, codes ...string) bool {
	f, ok := errors.AsType[connector.Failure](err)
	for _, c := range codes {
		if ok && f.Code == c {
			return true
		}
	}
	return false
}
