package search

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Rules ask whether an asset will be public: the plan takes care of the days of its rights.
func TestAnyDay(t *testing.T) {
	for _, q := range []string{"is:live", "live:yes"} {
		for _, anyDay := range []bool{false, true} {
			tree, err := Parse(q, Env{Now: time.Now(), AnyDay: anyDay})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(fmt.Sprintf("%#v", tree), "Range"); got == anyDay {
				t.Errorf("%s, any day %t: %#v", q, anyDay, tree)
			}
		}
	}
}
