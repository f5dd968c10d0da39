package people

import (
	"context"
	"encoding/json"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// grantData returns the data of an event about a grant.
func grantData(g *dam.FurtherGrant) json.RawMessage {
	raw, err := json.Marshal(map[string]string{"grant": g.ID, "role": string(g.Role), "collection": g.Collection})
	if err != nil {
		panic(err) // strings only
	}
	return raw
}

// Explained is the answer to why somebody can, or can't, see an asset or do something to it.
type Explained struct {
	Holder string `json:"holder" doc:"Id of the person or token"`
	Name   string `json:"name"`
	// Permissions are all those about assets, in the order of dam.Permissions.
	Permissions []ExplainedPermission `json:"permissions" nullable:"false"`
}

// ExplainedPermission is one decision, with its reason in words.
type ExplainedPermission struct {
	Permission dam.Permission `json:"permission"`
	dam.AccessDecision
	Text   string `json:"text" doc:"The reason in words"`
	Remedy string `json:"remedy,omitempty" doc:"What would change it"`
}

// Explain says why a person or token of the library can, or can't, do something to an asset that the actor sees: by the
// decision that everything asks. The error is dam.NotFound.
func (s *Service) Explain(ctx context.Context, library, asset, holder string) (Explained, error) {
	out := Explained{Holder: holder, Permissions: []ExplainedPermission{}}
	a, err := s.catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return out, err
	}
	known, err := s.catalog.People().Belongs(ctx, library, holder, false)
	if err != nil {
		return out, err
	}
	if !known {
		return out, &dam.Error{Code: dam.NotFound, Reason: reasons.NoUser(holder)}
	}
	names, err := s.catalog.People().PrincipalNames(ctx, []string{holder})
	if err != nil {
		return out, err
	}
	out.Name = names[holder]
	who, err := s.catalog.People().Principal(ctx, holder)
	if err != nil {
		return out, err
	}
	for _, p := range dam.Permissions {
		if p.Scope != dam.ScopeAsset {
			continue
		}
		d := dam.AccessDecision{Reason: reasons.AccountDisabled()}
		if who.Name != "" { // Principal knows only those in force
			d = who.Decide(p.Name, library, &a, time.Now())
		}
		out.Permissions = append(out.Permissions, ExplainedPermission{Permission: p.Name, AccessDecision: d,
			Text: d.Reason.Text(), Remedy: d.Reason.Advice()})
	}
	return out, nil
}
