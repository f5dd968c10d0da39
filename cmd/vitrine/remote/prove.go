package remote

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/publishers/proving"
)

// kindsCommand prints the kinds of channels. What they were tried on is known to a server only.
func (r *connection) kindsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "kinds", Short: "Print the kinds of channels, one a line", Args: cobra.NoArgs,
		Long: `Print the kinds of channels, one a line.

With --json, each with the version of the remote's interface (api), when that ends (ends) and what the kind was tried on (tried: the newest
proof, see vitrine channel prove). A server knows the last: without a token nothing is asked, and tried is null.`,
		Example: `  vitrine channel kinds
  vitrine channel kinds --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list struct {
				Items []dam.ChannelKind `json:"items"`
			}
			if asJSON && cmp.Or(r.token, os.Getenv("VITRINE_TOKEN")) != "" {
				if err := r.object(cmd.Context(), http.MethodGet, "/api/channels/kinds", nil, &list); err != nil {
					return err
				}
			} else {
				for _, k := range server.ChannelKinds(config.Config{}, nil) {
					list.Items = append(list.Items, k.Described())
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			for _, k := range list.Items {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), k.Kind); err != nil {
					return err
				}
			}
			return nil
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what is known of each as JSON")
	return cmd
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// proofPoll is how often a proof that is under way is read.
const proofPoll = 500 * time.Millisecond

// proofNews is after how long a step that takes its time is heard of.
const proofNews = 10 * time.Second

// proveCommand tries a channel on its real service.
func (r *connection) proveCommand() *cobra.Command {
	var in proving.Input
	var options []string
	var yes, asJSON bool
	cmd := &cobra.Command{
		Use: "prove CHANNEL", Short: "Try a channel on its real service: post, look up and take back a test post",
		Long: `Try a channel on its real service: one test post is made on the account, looked up, and taken back.

It says first what it will touch, and asks. Others may see the test post until it is taken back. Kinds that can't take anything back need
--leave; the post then stays until somebody deletes it by hand. The result is kept: vitrine channel kinds --json tells what each kind was tried
on. The command fails unless the channel is proven.`,
		Example: `  vitrine channel prove Brand
  vitrine channel prove Shop --sku TEST-1 --yes
  vitrine channel prove Instagram --leave`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			raw, err := parseOptions(options)
			if err != nil {
				return err
			}
			if raw != nil {
				if err := json.Unmarshal(raw, &in.Options); err != nil {
					return err
				}
			}
			path := "/api/channels/" + url.PathEscape(id)
			if agreed, err := r.agree(cmd, path, args[0], in.Leave, yes); err != nil || !agreed {
				return err
			}
			var p dam.Proof
			if err := r.object(cmd.Context(), http.MethodPost, path+"/prove", in, &p); err != nil {
				return err
			}
			p, err = r.followProof(cmd.Context(), cmd.ErrOrStderr(), path, p)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), p)
			} else {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), concluded(p))
			}
			if err == nil && p.Outcome != dam.Proven {
				err = fmt.Errorf("%s is not proven: the steps above say why", args[0])
			}
			return err
		}}
	f := cmd.Flags()
	f.BoolVar(&yes, "yes", false, "don't ask")
	f.BoolVar(&in.Leave, "leave", false, "leave the test post there; needed for kinds that can't take it back")
	f.StringSliceVar(&in.SKUs, "sku", nil, "the product of a shop that gets the test picture for a moment")
	f.StringArrayVar(&options, "option", nil,
		"what the channel lets one say about a publication, NAME=VALUE (repeatable)")
	f.BoolVar(&asJSON, "json", false, "print the proof as JSON")
	return cmd
}

// agree says what a proof will touch, and asks unless yes has been said.
func (r *connection) agree(cmd *cobra.Command, path, name string, leave, yes bool) (bool, error) {
	var plan dam.ProofPlan
	if err := r.object(cmd.Context(), http.MethodGet, path+"/prove", nil, &plan); err != nil {
		return false, err
	}
	if len(plan.Problems) > 0 {
		return false, errors.New(strings.Join(plan.Problems, "; "))
	}
	after := "It is looked up, and taken back; until then others may see it."
	if leave || !plan.Recall {
		after = "It stays there: somebody has to delete it by hand."
	}
	if plan.SKUs {
		after += " The picture goes on the product of --sku."
	}
	w := cmd.ErrOrStderr()
	if _, err := fmt.Fprintf(w, "This makes a test post on the real account:\n  channel  %s (%s)\n  account  %s %s\n"+
		"  text     %s\n  media    %s\n%s\n", name, plan.Title, plan.Account, plan.URL, plan.Text,
		strings.Join(plan.Media, ", "), after); err != nil {
		return false, err
	}
	if yes {
		return true, nil
	}
	return agreed(cmd, "prove", "Go on? [y/N] ", "nothing was posted")
}

// agreed asks; without an answer, as in a script, it is an error.
func agreed(cmd *cobra.Command, name, question, otherwise string) (bool, error) {
	w := cmd.ErrOrStderr()
	if _, err := fmt.Fprint(w, question); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	case "":
		if errors.Is(err, io.EOF) {
			return false, cli.Usage(fmt.Errorf("%s: nobody answered; --yes goes on without asking", name))
		}
	}
	_, err = fmt.Fprintln(w, otherwise)
	return false, err
}

// followProof prints the steps of a proof as they are taken, until it has ended.
func (r *connection) followProof(ctx context.Context, w io.Writer, path string, p dam.Proof) (dam.Proof, error) {
	printed, said := 0, time.Now()
	for {
		for _, s := range p.Steps[printed:] {
			result := "ok"
			if !s.OK {
				result = "failed"
			}
			if _, err := fmt.Fprintf(w, "%s  %-8s %-7s %6.1f s  %s\n", s.At.Local().Format(time.TimeOnly),
				s.Step, result,
				s.Took, s.Note); err != nil {
				return p, err
			}
		}
		if printed < len(p.Steps) {
			printed, said = len(p.Steps), time.Now()
		} else if time.Since(said) >= proofNews {
			if _, err := fmt.Fprintf(w, "%s  under way\n", time.Now().Format(time.TimeOnly)); err != nil {
				return p, err
			}
			said = time.Now()
		}
		if p.State == dam.ProofEnded {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return p, fmt.Errorf("the proof %s goes on at the server: %w", p.ID, ctx.Err())
		case <-time.After(proofPoll):
		}
		if err := r.object(ctx, http.MethodGet, path+"/proofs/"+p.ID, nil, &p); err != nil {
			return p, err
		}
	}
}

// concluded says in a line what a proof came to.
func concluded(p dam.Proof) string {
	where := p.Host
	if p.Foreign {
		where += ", which is not the vendor's own service"
	}
	switch {
	case p.Outcome == dam.Proven && p.Leave:
		return "proven on " + where + "; the test post is left at " + cmp.Or(p.URL, p.Remote)
	case p.Outcome == dam.Proven:
		return "proven on " + where + "; the test post is gone"
	case p.Outcome == dam.ProofLeft && p.Remote == "":
		return "not proven; the test post may be on the account " + p.Account + ": look, and delete it by hand"
	case p.Outcome == dam.ProofLeft:
		return "not proven; the test post is left at " + cmp.Or(p.URL, p.Remote) + ": delete it by hand"
	}
	return "not proven; nothing is left there"
}
