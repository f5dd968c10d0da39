package dam_test

import (
	"fmt"
	"time"

	"vitrine/dam"
)

// What the public sees is decided in one place from approval, recall, rights and the bin.
func ExampleVisibilityAt() {
	day := func(d int) time.Time { return time.Date(2026, time.November, d, 12, 0, 0, 0, time.UTC) }
	approved, recalled := day(2), day(20)
	shoe := dam.PublicFacts{Published: true, Live: true, ApprovedAt: &approved, Until: day(28)}

	fmt.Println(dam.VisibilityAt(shoe, day(10), dam.AudienceIn()).Status)
	fmt.Println(dam.VisibilityAt(shoe, day(29), dam.AudienceIn()).Status)
	shoe.RecalledAt = &recalled
	v := dam.VisibilityAt(shoe, day(21), dam.AudienceIn())
	fmt.Println(v.Status, "was public:", v.Gone)
	// Output:
	// public
	// expired
	// recalled was public: true
}

// The times of a channel's queue are wall-clock times: nine o'clock stays nine o'clock when the clocks change.
func ExampleSchedule_SlotsBetween() {
	paris, err := dam.Zone("Europe/Paris")
	if err != nil {
		panic(err)
	}
	s := dam.Schedule{Slots: []dam.QueueSlot{{Day: "sat", At: "09:00"}, {Day: "sun", At: "09:00"}}}
	from := time.Date(2026, time.October, 24, 0, 0, 0, 0, paris)
	for _, t := range s.SlotsBetween(from, from.Add(48*time.Hour), paris) {
		fmt.Println(t.UTC().Format("Mon 15:04 MST"))
	}
	// Output:
	// Sat 07:00 UTC
	// Sun 08:00 UTC
}
