package catalog

import (
	"context"
	"errors"

	"vitrine/dam"
)

// ProofRow is a proof with its test post, which only the proving service uses.
type ProofRow struct {
	dam.Proof
	Post     dam.ProofPost
	Revision int64
}

const proofColumns = `revision,proof,post`

func scanProof(r row) (p ProofRow, err error) {
	err = r.Scan(&p.Revision, asJSON{&p.Proof}, asJSON{&p.Post})
	return p, err
}

// Proof returns one proof.
func (s Channels) Proof(ctx context.Context, library, channel, id string) (ProofRow, error) {
	p, err := one(ctx, s.db, scanProof, `SELECT `+proofColumns+
		` FROM channel_proofs WHERE id=$1 AND (library=$2 OR $2='') AND (channel_id=$3 OR $3='')`, id, library, channel)
	return oneOr(p, err, "proof", id)
}

// Proofs returns the newest proofs of a channel, newest first.
func (s Channels) Proofs(ctx context.Context, library, channel string, limit int) ([]ProofRow, error) {
	return all(ctx, s.db, scanProof, `SELECT `+proofColumns+
		` FROM channel_proofs WHERE channel_id=$1 AND library=$2 ORDER BY created_at DESC,id DESC LIMIT $3`, channel,
		library, limit)
}

// OpenProof returns the proof of a channel that has not ended; false if there is none.
func (s Channels) OpenProof(ctx context.Context, channel string) (ProofRow, bool, error) {
	p, err := one(ctx, s.db, scanProof, `SELECT `+proofColumns+
		` FROM channel_proofs WHERE channel_id=$1 AND ended_at IS NULL`, channel)
	if errors.Is(err, errNoRow) {
		return p, false, nil
	}
	return p, err == nil, err
}

// Tried returns the newest successful proof of every kind on every host, of all libraries.
func (s Channels) Tried(ctx context.Context) ([]dam.Proof, error) {
	return all(ctx, s.db, func(r row) (p dam.Proof, err error) {
		err = r.Scan(asJSON{&p})
		return p, err
	}, `SELECT proof FROM channel_proofs p WHERE outcome='proven' AND NOT EXISTS
		(SELECT 1 FROM channel_proofs n WHERE n.kind=p.kind AND n.outcome='proven' AND n.host=p.host
			AND (n.created_at>p.created_at OR n.created_at=p.created_at AND n.id>p.id)) ORDER BY kind,host`)
}

// InsertProof adds a proof.
func (s ChannelsTx) InsertProof(ctx context.Context, p *ProofRow) error {
	p.Revision, p.CreatedAt, p.CreatedBy = 1, s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx,
		`INSERT INTO channel_proofs(id,library,channel_id,kind,revision,state,outcome,host,proof,post,created_at)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		p.ID, p.Library, p.Channel, p.Kind, p.Revision, string(p.State), string(p.Outcome), p.Host, asJSON{p.Proof},
		asJSON{p.Post}, micros(p.CreatedAt))
	return err
}

// SaveProof stores a proof as its next revision, unless somebody else has changed it; then it returns false.
func (s ChannelsTx) SaveProof(ctx context.Context, p *ProofRow) (bool, error) {
	n, err := s.tx.exec(ctx,
		`UPDATE channel_proofs SET revision=revision+1,state=$3,outcome=$4,host=$5,proof=$6,post=$7,ended_at=$8
		WHERE id=$1 AND revision=$2`,
		p.ID, p.Revision, string(p.State), string(p.Outcome), p.Host, asJSON{p.Proof}, asJSON{p.Post},
		microsPtr(p.EndedAt))
	return n == 1, err
}
