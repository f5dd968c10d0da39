package planning

import (
	"context"
	"encoding/json"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Campaigns returns a library's campaigns by name.
func (s *Service) Campaigns(ctx context.Context, library string) ([]dam.Campaign, error) {
	return s.Catalog.Schedule().Campaigns(ctx, library)
}

// CreateCampaign adds a campaign.
func (s *Service) CreateCampaign(ctx context.Context, library, name string) (dam.Campaign, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Campaign, error) {
		return s.newCampaign(ctx, tx, library, name)
	})
}

func (s *Service) newCampaign(ctx context.Context, tx *catalog.Tx, library, name string) (dam.Campaign, error) {
	c := dam.Campaign{ID: dam.NewID(dam.CampaignPrefix), Library: library, Name: canon.Name(name)}
	if err := freeName(ctx, tx, c); err != nil {
		return c, err
	}
	if err := tx.Schedule().PutCampaign(ctx, &c); err != nil {
		return c, err
	}
	emitCampaign(tx, dam.CampaignCreated, c)
	return c, nil
}

func freeName(ctx context.Context, tx *catalog.Tx, c dam.Campaign) error {
	if c.Name == "" || len(c.Name) > 200 || dam.IsID(dam.CampaignPrefix, c.Name) {
		return dam.InvalidInput("name", reasons.CampaignNameLength())
	}
	id, err := tx.Schedule().CampaignNamed(ctx, c.Library, c.Name)
	if err == nil && id != "" && id != c.ID {
		err = &dam.Error{Code: dam.Conflict, Field: "name", Reason: reasons.CampaignNameTaken()}
	}
	return err
}

// campaign finds the campaign a plan names by id or name, makes it when it is a new
// name, and holds its row: a plan can't slip past a hold.
func (s *Service) campaign(ctx context.Context, tx *catalog.Tx, library, name string) (id string, held bool,
	err error) {
	if name = canon.Name(name); name == "" {
		return "", false, nil
	}
	id = name
	if !dam.IsID(dam.CampaignPrefix, name) {
		if id, err = tx.Schedule().CampaignNamed(ctx, library, name); err != nil {
			return "", false, err
		}
		if id == "" {
			c, err := s.newCampaign(ctx, tx, library, name)
			return c.ID, false, err
		}
	}
	c, err := tx.Schedule().LockCampaign(ctx, library, id)
	if dam.CodeOf(err) == dam.NotFound {
		err = dam.InvalidInput("campaign", reasons.NoCampaign(name))
	}
	return c.ID, c.Held, err
}

// RenameCampaign renames a campaign; ifMatch is the revision the caller saw, 0 for any.
func (s *Service) RenameCampaign(ctx context.Context, library, id string, ifMatch int64, name string) (dam.Campaign,
	error) {
	return s.alterCampaign(ctx, library, id, ifMatch, func(tx *catalog.Tx, c *dam.Campaign) error {
		c.Name = canon.Name(name)
		return freeName(ctx, tx, *c)
	})
}

// HoldCampaign keeps everything of a campaign from being sent until it is resumed.
// What is on the wire already arrives; recalls still run.
func (s *Service) HoldCampaign(ctx context.Context, library, id string) (dam.Campaign, error) {
	return s.holdCampaign(ctx, library, id, true)
}

// ResumeCampaign ends a hold. What was due meanwhile follows its channel's policy.
func (s *Service) ResumeCampaign(ctx context.Context, library, id string) (dam.Campaign, error) {
	return s.holdCampaign(ctx, library, id, false)
}

func (s *Service) holdCampaign(ctx context.Context, library, id string, held bool) (dam.Campaign, error) {
	return s.alterCampaign(ctx, library, id, 0, func(tx *catalog.Tx, c *dam.Campaign) error {
		c.Held = held
		_, err := tx.Publications().HoldPublications(ctx, id, held)
		return err
	})
}

func (s *Service) alterCampaign(ctx context.Context, library, id string, ifMatch int64,
	change func(*catalog.Tx, *dam.Campaign) error) (dam.Campaign, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Campaign, error) {
		c, err := tx.Schedule().LockCampaign(ctx, library, id)
		if err != nil {
			return c, err
		}
		if ifMatch != 0 && ifMatch != c.Revision {
			return c, &dam.Error{Code: dam.Stale, Reason: reasons.CampaignChangedMeanwhile()}
		}
		if err := change(tx, &c); err != nil {
			return c, err
		}
		if err := tx.Schedule().PutCampaign(ctx, &c); err != nil {
			return c, err
		}
		emitCampaign(tx, dam.CampaignUpdated, c)
		return c, nil
	})
}

// DeleteCampaign removes a campaign of which nothing is planned.
func (s *Service) DeleteCampaign(ctx context.Context, library, id string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		c, err := tx.Schedule().LockCampaign(ctx, library, id)
		if err != nil {
			return err
		}
		n, err := tx.Publications().OpenInCampaign(ctx, id)
		if err != nil {
			return err
		}
		if n > 0 {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.CampaignHasPlanned(n)}
		}
		emitCampaign(tx, dam.CampaignDeleted, c)
		return tx.Schedule().DeleteCampaign(ctx, id)
	})
}

func emitCampaign(tx *catalog.Tx, t dam.EventType, c dam.Campaign) {
	data, err := json.Marshal(map[string]bool{"held": c.Held})
	if err != nil {
		data = nil // a map of flags always marshals
	}
	tx.Emit(dam.Event{Library: c.Library, Type: t, Subject: c.ID, Data: data})
}
