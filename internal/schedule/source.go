// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/evidence"
	"sextant/register"
)

// open makes the connector of a source with the credentials kept for it.
// operator says whether what belongs to this machine may be used.
func (s *Schedule) open(ctx context.Context, org sextant.Organisation, key string, o connector.Options) (conn connector.Connector, source register.Of[evidence.Source], err error) {
	o.Source, o.Clock, o.Operator = key, s.config.Clock, o.Operator || s.config.Ambient
	err = s.config.Kernel.Read(ctx, access.SystemActor(org, Collect), 0, func(v *register.View) (err error) {
		if source, err = evidence.Sources.Get(v, key); err != nil {
			return err
		}
		conn, err = s.config.Openers[source.Fields.Connector](v, source, o)
		return err
	})
	return conn, source, err
}

// Opener makes a connector from the fields of a source. It reaches no network.
type Opener func(*register.View, register.Of[evidence.Source], connector.Options) (connector.Connector, error)

var openers = map[string]Opener{
	"aws": openAWS,
}

func openAWS(v *register.View, source register.Of[evidence.Source], o connector.Options) (connector.Connector, error) {
	f := source.Fields
	account := aws.Account{ID: f.Account, AccessKeyID: f.AccessKeyID, Profile: f.Profile, RoleARN: f.RoleARN, Ambient: f.AccessKeyID == "" && f.Profile == ""}
	if f.RoleARN != "" {
		account.ExternalID = f.ExternalID
	}
	if f.AccessKeyID != "" {
		plain, err := v.Secret(source.Entry, "secret_access_key")
		if err != nil {
			return nil, err
		}
		account.SecretAccessKey = aws.Secret(plain)
	}
	return aws.New(aws.Config{Accounts: []aws.Account{account}, Regions: f.Regions, Endpoint: f.Endpoint}, o)
}

// Test tries a source: who we are there, which rights are missing, and the
// policy that is needed. It keeps nothing and moves no state. Whoever may
// collect may call it.
func (s *Schedule) Test(ctx context.Context, actor access.Actor, key string) (connector.Trial, error) {
	if err := access.May(actor, access.Collect, access.Subject{Register: "source"}, s.config.Clock()); err != nil {
		return connector.Trial{}, err
	}
	conn, _, err := s.open(ctx, actor.Organisation, key, connector.Options{Operator: actor.Holds(access.Operator)})
	if err != nil {
		return connector.Trial{}, err
	}
	tester, ok := conn.(connector.Tester)
	if !ok {
		return connector.Trial{}, sextant.Errorf(sextant.Invalid, "a source of this kind cannot be tested").WithHint("collect from it")
	}
	return tester.Test(ctx)
}

// Ambient says whether sources may use what belongs to this machine.
func (s *Schedule) Ambient() bool { return s.config.Ambient }
