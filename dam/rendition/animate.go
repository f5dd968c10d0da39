package rendition

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// SplitAnimated tells the specs that a file's animation is kept in from those of its poster. An animation over the
// limit keeps its first frame, which NoteStill says.
func SplitAnimated(info Info, specs []Spec, opt Options) (moving, still []Spec) {
	moves := animated(info) && !opt.overAnimation(info)
	still = slices.Clone(specs)
	still = slices.DeleteFunc(still, func(s Spec) bool {
		if yes := moves && s.Animate; yes {
			moving = append(moving, s)
			return true
		}
		return false
	})
	return moving, still
}

func animated(info Info) bool { return info.Frames > 1 && dam.Animates(info.MediaType) }

func (o Options) overAnimation(i Info) bool {
	limit := o.MaxAnimation
	if limit <= 0 {
		limit = DefaultMaxAnimation
	}
	return i.Pixels() > limit
}

// NoteStill adds to the outputs of specs that would move that the file is too large for it.
func NoteStill(info Info, opt Options, emit func(Output) error) func(Output) error {
	if !animated(info) || !opt.overAnimation(info) {
		return emit
	}
	return func(o Output) error {
		if o.Spec.Animate {
			o.Note = o.Note.And(reasons.AnimationOverLimit())
		}
		return emit(o)
	}
}

// Animations makes each spec of a plan with write, which gets the size to make, under the spec's ceiling and with its
// credit.
func Animations(ctx context.Context, plan Plan, note reasons.Reason, write func(t Target, s Spec, w, h int) ([]byte,
	error),
	emit func(Output) error) error {
	for _, t := range plan.Targets {
		for _, s := range t.Specs {
			out, err := animation(ctx, t, s, write)
			if err != nil {
				return err
			}
			out.Note = note
			if err := emit(out); err != nil {
				return err
			}
		}
	}
	return nil
}

func animation(ctx context.Context, t Target, s Spec, write func(t Target, s Spec, w, h int) ([]byte, error)) (Output,
	error) {
	var size int
	for _, try := range attempts(s) {
		if err := ctx.Err(); err != nil {
			return Output{}, err
		}
		w, h := max(1, int(float64(t.Width)*try.scale+.5)), max(1, int(float64(t.Height)*try.scale+.5))
		coded := s
		coded.Quality = try.quality
		b, err := write(t, coded, w, h)
		if err == nil {
			b, err = s.Embed.write(b, s.Format, w, h)
		}
		if err != nil {
			return Output{}, err
		}
		if size = len(b); s.MaxBytes <= 0 || int64(size) <= s.MaxBytes {
			return Output{Spec: s, Bytes: b, Width: w, Height: h, MediaType: s.Format.MediaType()}, nil
		}
	}
	return Output{}, pastCeiling(s, size)
}
