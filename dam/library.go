package dam

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// DefaultLibrary is the library every installation starts with.
const DefaultLibrary = "main"

// Library is a brand. Assets, roles, search and streams never cross from one library into another.
type Library struct {
	ID       string   `json:"id"`
	Revision int64    `json:"revision"`
	Name     string   `json:"name"`
	Locale   string   `json:"locale" doc:"Default BCP 47 locale of texts"`
	Locales  []string `json:"locales" nullable:"false" doc:"Further locales that texts are written in"`
	Zone     string   `json:"zone" doc:"IANA time zone in which rights dates are read"`
	// Colors are how the library looks to people.
	Colors LibraryColors `json:"colors"`
	Logo   string        `json:"logo,omitempty" doc:"Id of the asset that is its logo; shown to who may see that asset"`
	// Hosts are the host names under which product URLs mean this library, in the form of Host.
	Hosts []string `json:"hosts" nullable:"false" doc:"Host names of product URLs"`
	// Quota bounds the bytes of all versions, 0 is none; Used is how many there are, those in the bin included.
	Quota int64 `json:"quota,omitempty" doc:"Bytes that the files of all versions may have, assets in the bin included; absent for no limit"`
	Used  int64 `json:"used" doc:"Bytes of the files of all versions, assets in the bin included"`
	// ProductTerms name the vocabularies of brands and categories.
	ProductTerms ProductTerms `json:"product_terms" doc:"Vocabularies that brands and categories of products are taken from"`
	// ArchivedAt is set while the library is archived: it can be seen, downloaded and recalled, and changes no more.
	ArchivedAt *time.Time `json:"archived_at,omitempty" doc:"Set while the library is archived: nothing in it changes, and what is public stays public"`
	ArchivedBy string     `json:"archived_by,omitempty" doc:"Id of who archived it"`
	// SetupDue is true from the first start until somebody has said what the library is called, or that it may stay.
	SetupDue bool `json:"setup_due,omitempty" doc:"Nobody has said yet what it is called and in which zone its days begin"`
}

// LibraryColors are colours as #rrggbb, "" where none was chosen.
type LibraryColors struct {
	Accent     string `json:"accent,omitempty" maxLength:"7" doc:"#rrggbb of buttons and links"`
	Background string `json:"background,omitempty" maxLength:"7" doc:"#rrggbb behind pictures on pages that show this library to others"`
}

const (
	maxFurtherLocales = 50
	maxHosts          = 100
	// MaxQuota is the largest quota: an exabyte.
	MaxQuota = 1 << 60
)

var (
	libraryID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,38}[a-z0-9]$`)
	anyColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// CheckLibraryID refuses an id that a new library can't have.
func CheckLibraryID(id string) error {
	if !libraryID.MatchString(id) {
		return InvalidInput("id", reasons.LibraryIdForm())
	}
	return nil
}

// Check returns an error about the first setting that can't be, and puts names, locales and hosts into the form in
// which they are stored.
func (l *Library) Check() error {
	if err := CheckLine("name", l.Name); err != nil {
		return err
	}
	l.Name = strings.Join(strings.Fields(l.Name), " ")
	if n := len([]rune(l.Name)); n == 0 || n > 200 {
		return InvalidInput("name", reasons.UserNameLength())
	}
	if err := l.checkLocales(); err != nil {
		return err
	}
	if _, err := Zone(l.Zone); err != nil || len(l.Zone) > 64 {
		return InvalidInput("zone", reasons.NoTimeZone(Cut(l.Zone, 64)))
	}
	for field, c := range map[string]string{"accent": l.Colors.Accent, "background": l.Colors.Background} {
		if c != "" && !anyColour.MatchString(c) {
			return InvalidInput("colors."+field, reasons.BackgroundForm())
		}
	}
	if l.Quota < 0 || l.Quota > MaxQuota {
		return InvalidInput("quota", reasons.QuotaForm())
	}
	return l.checkHosts()
}

func (l *Library) checkLocales() error {
	if err := CheckLocale("locale", l.Locale); err != nil {
		return err
	}
	l.Locale = Locale(l.Locale)
	if len(l.Locales) > maxFurtherLocales {
		return InvalidInput("locales", reasons.TooManyListEntries(maxFurtherLocales))
	}
	list := []string{}
	for _, x := range l.Locales {
		if err := CheckLocale("locales", x); err != nil {
			return err
		}
		if x = Locale(x); x != l.Locale && !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	l.Locales = list
	return nil
}

func (l *Library) checkHosts() error {
	if len(l.Hosts) > maxHosts {
		return InvalidInput("hosts", reasons.TooManyListEntries(maxHosts))
	}
	list := []string{}
	for _, written := range l.Hosts {
		host, err := HostName(written)
		if err != nil {
			return InvalidInput("hosts", reasons.NotAHostName(Cut(written, 100)))
		}
		if !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	l.Hosts = list
	return nil
}

// Room refuses n more bytes than the library's quota has room for.
func (l *Library) Room(n int64) error {
	if l.Quota > 0 && l.Used+n > l.Quota {
		return &Error{Code: NoSpace, Field: "file", Reason: reasons.LibraryQuotaReached(l.Name, l.Used, l.Quota)}
	}
	return nil
}

// ZoneChange is what another time zone would change in public: days stay the days they are, and begin and end at other
// instants.
type ZoneChange struct {
	From string `json:"from" doc:"IANA zone of now"`
	To   string `json:"to"`
	// Dated is how many assets have days or times that begin or end at other instants.
	Dated int `json:"dated" doc:"Assets whose rights begin or end at other instants"`
	// Shown and Hidden are how many the public would see, and would see no more, at once.
	Shown  int `json:"shown" doc:"Assets that the public would see at once, and doesn't see now"`
	Hidden int `json:"hidden" doc:"Assets that the public sees now, and would see no more"`
	// Assets are the first of those.
	Assets []ZoneChangedAsset `json:"assets" nullable:"false" doc:"The first 200 of those"`
}

// ZoneChangedAsset is an asset that another zone shows or hides.
type ZoneChangedAsset struct {
	ID     string `json:"id"`
	Title  Text   `json:"title"`
	Shown  bool   `json:"shown" doc:"The public would see it; otherwise it would see it no more"`
	Rights Rights `json:"rights"`
}

// LibraryArchival is what archiving a library touches.
type LibraryArchival struct {
	Assets int `json:"assets" doc:"Assets outside the bin: nothing of them can be changed"`
	Public int `json:"public" doc:"Of those, how many the public sees today: it goes on seeing them"`
	Binned int `json:"binned" doc:"Assets in the bin: they stay until they expire"`
	// Channels send nothing while the library is archived; recalls still run.
	Channels []NamedItem `json:"channels" nullable:"false" doc:"Channels, which send nothing more; what is to be taken back still is"`
	// Planned are publications that wait until the library is restored.
	Planned int `json:"planned" doc:"Planned publications, which wait until the library is restored"`
	// Hosts go on meaning the library.
	Hosts []string `json:"hosts" nullable:"false" doc:"Host names, which go on showing its products"`
}

// NamedItem is something with a name.
type NamedItem struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}
