// Report adds up the results of the soak tests' shards for the commit that is checked out.
package main

import (
	"fmt"
	"log"
	"maps"
	"os"
	"slices"

	"vitrine/test/soak"
)

// whole are how many cases each test has.
var whole = map[string]int{"kills": soak.Kills, "s3faults": soak.S3Faults, "corpus": soak.Corpus}

func main() {
	dir, err := soak.Dir()
	if err != nil {
		log.Fatal(err)
	}
	results, err := soak.Read(dir)
	if err != nil {
		log.Fatal(err)
	}
	type sum struct{ ran, lost, twice, asked, failed int }
	sums := map[string]sum{}
	seen := map[string]bool{}
	for _, r := range results {
		s := sums[r.Test]
		if !seen[r.Test+r.Case] {
			s.ran++
		}
		seen[r.Test+r.Case] = true
		s.lost += r.Lost
		s.twice += r.Twice
		s.asked += r.Asked
		if r.Failed() {
			s.failed++
			fmt.Printf("FAILED %s %s: %d lost, %d doubled %s\n", r.Test, r.Case, r.Lost, r.Twice, r.Wrong)
		}
		sums[r.Test] = s
	}
	fmt.Println(dir)
	bad := false
	for _, test := range slices.Sorted(maps.Keys(whole)) {
		s := sums[test]
		fmt.Printf("%-9s %5d of %5d cases: %d lost, %d doubled, %d asked of a person, %d failed\n", test, s.ran,
			whole[test], s.lost, s.twice, s.asked, s.failed)
		bad = bad || s.failed > 0
	}
	if bad {
		os.Exit(1)
	}
}
