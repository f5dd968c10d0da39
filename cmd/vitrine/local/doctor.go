package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
)

// The results of a check.
const (
	Fine    = "ok"
	Warning = "warn"
	Failed  = "fail"
)

// Symptom is one line of the doctor's report.
type Symptom struct {
	Name   string `json:"name"`
	Status string `json:"status"` // ok, warn or fail
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

// Diagnosis is all that doctor found.
type Diagnosis struct {
	OK     bool      `json:"ok"` // nothing failed
	Checks []Symptom `json:"checks"`
}

func doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything a server stands on, and say what to do about it",
		Long: `Check settings, disk space, key file, database, storage (one small object is written, read and removed), search, public
address, clock, and the programs and libraries that make renditions. It may run beside the server and changes nothing.
The exit status is 1 when something failed; what is only worse than it could be is a warning.`,
		Example: "  vitrine doctor --data /var/lib/vitrine\n  vitrine doctor --json | jq '.checks[] | select(.status " +
			"!= \"ok\")'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			ctx := dam.AsSystem(cmd.Context(), "who runs doctor on the data folder may read all of it")
			var d Diagnosis
			for _, check := range []func(context.Context, config.Config) []Symptom{examineSettings, examineDisk,
				examineKey, examineCatalog, examineStorage, examineMirror, examineServer, examinePublic, examineTools} {
				d.Checks = append(d.Checks, check(ctx, c)...)
			}
			d.OK = !slices.ContainsFunc(d.Checks, func(f Symptom) bool { return f.Status == Failed })
			if d.OK { // it takes seconds, and what failed is more urgent
				d.Checks = append(d.Checks, examineFormats(ctx, c)...)
			}
			if err := d.print(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if !d.OK {
				return cli.ErrReported
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false,
		`print {"ok", "checks": [{"name", "status": "ok|warn|fail", "detail", "remedy"}]}`)
	config.AddFlags(cmd.Flags(), config.Keys()...)
	return cmd
}

func (d Diagnosis) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	for _, f := range d.Checks {
		if _, err := fmt.Fprintf(w, "%-5s %-13s %s\n", f.Status, f.Name, f.Detail); err != nil {
			return err
		}
		if f.Remedy != "" {
			if _, err := fmt.Fprintf(w, "%-5s %-13s → %s\n", "", "", f.Remedy); err != nil {
				return err
			}
		}
	}
	return nil
}

func ok(name, format string, args ...any) []Symptom {
	return []Symptom{{name, Fine, fmt.Sprintf(format, args...), ""}}
}

// bad words an error as a symptom.
func bad(status, name string, err error, remedy string) []Symptom {
	detail := err.Error()
	var e *dam.Error
	if errors.As(err, &e) {
		detail = e.Text()
		if e.Err != nil {
			detail += ": " + e.Err.Error()
		}
		if advice := e.Advice(); advice != "" {
			remedy = advice
		}
	}
	return []Symptom{{name, status, detail, remedy}}
}
