// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"fmt"
	"strings"

	"sextant/connector"
	"sextant/connector/aws"
)

// The exact rights the connector needs can be printed before it ever runs.
func ExamplePolicy() {
	for _, line := range strings.SplitN(string(aws.Policy()), "\n", 6)[:5] {
		fmt.Println(line)
	}
	// Output:
	// {
	//   "Statement": [
	//     {
	//       "Action": [
	//         "account:GetAlternateContact",
}

// What only the operator of an installation may allow is refused with a reason.
func ExampleNew() {
	_, err := aws.New(aws.Config{Accounts: []aws.Account{{Ambient: true}}}, connector.Options{})
	fmt.Println(err)
	// Output:
	// accounts[0].ambient: what this machine offers as credentials can be used only where the operator of this installation allows it (use an access key, or the command line on your own machine)
}
