package api

import (
	"context"

	"vitrine/dam"
	"vitrine/publishers/proving"
)

// Proofs is the part of proving.Service that has addresses.
type Proofs interface {
	Plan(ctx context.Context, library, channel string) (dam.ProofPlan, error)
	Prove(ctx context.Context, library, channel string, in proving.Input) (dam.Proof, error)
	Proofs(ctx context.Context, library, channel string) ([]dam.Proof, error)
	Proof(ctx context.Context, library, channel, id string) (dam.Proof, error)
}

type proofPlanOut struct{ Body dam.ProofPlan }

func (s *API) proofPlan(ctx context.Context, in *ByID) (*proofPlanOut, error) {
	plan, err := s.Proofs.Plan(ctx, requestOf(ctx).library, in.ID)
	return &proofPlanOut{plan}, err
}

type proveIn struct {
	ByID
	Body proving.Input
}

type proofOut struct{ Body dam.Proof }

func (s *API) proveChannel(ctx context.Context, in *proveIn) (*proofOut, error) {
	p, err := s.Proofs.Prove(ctx, requestOf(ctx).library, in.ID, in.Body)
	return &proofOut{p}, err
}

func (s *API) listProofs(ctx context.Context, in *ByID) (*items[dam.Proof], error) {
	return listOf(s.Proofs.Proofs(ctx, requestOf(ctx).library, in.ID))
}

type proofIn struct {
	ByID
	Proof string `path:"proof" maxLength:"64"`
}

func (s *API) getProof(ctx context.Context, in *proofIn) (*proofOut, error) {
	p, err := s.Proofs.Proof(ctx, requestOf(ctx).library, in.ID, in.Proof)
	return &proofOut{p}, err
}
