package metadata

import "strings"

// form says how a tag holds a value.
type form uint8

const (
	plain     form = iota // a text
	languages             // a text for each language: XMP-dc:Title, XMP-dc:Title-fr
	several               // a list of texts
	separated             // a list in one text, with commas or semicolons between
	day                   // a calendar day
	moments               // a day, with its time and zone where they are known
	part                  // what completes the tag before it: a time to its day, a zone to its time
	defaulted             // as part, but whoever writes it must name a zone, so that +00:00 says nothing
	angles                // a latitude or, in the next tag, a longitude
	pair                  // latitude, longitude and perhaps altitude in one text
	number                // a number
	only                  // is written, or cleared with the rest, and not read
)

// tag is one place in files where a field's value is kept, by exiftool's name of it.
type tag struct {
	name string
	form form
	// write is for the tags that copies are given; the others are only read, and cleared when they would contradict.
	write bool
	// most is how many bytes the tag has room for; 0 is no bound.
	most int
}

// field is a field of assets, and the tags that hold it: reading takes the first that says something.
type field struct {
	name string
	tags []tag
}

// The lengths in bytes that IPTC's older standard (IIM) allows.
const (
	iimTitle, iimKeyword, iimCreator, iimCopyright, iimDescription = 64, 64, 32, 128, 2000
)

// table is the one list of fields and tags, which reading and writing both go by. XMP wins over IPTC and IPTC over
// EXIF, as the Metadata Working Group advises for files whose IPTC digest is not checked; what only some
// containers have comes last.
var table = []field{
	{"title", []tag{
		{"XMP-dc:Title", languages, true, 0}, {"IPTC:ObjectName", plain, true, iimTitle}, {"PDF:Title", plain, true, 0},
		{"ItemList:Title", plain, true, 0}, {"Keys:Title", plain, false, 0}, {"Keys:DisplayName", plain, false, 0},
		{"UserData:Title", plain, false, 0}, {"IFD0:XPTitle", plain, false, 0}, {"PNG:Title", plain, false, 0},
		{"Matroska:Title", plain, false, 0}, {"RIFF:Title", plain, false, 0}, {"ASF:Title", plain, false, 0},
		{"Vorbis:Title", plain, false, 0}, {"ID3v2_4:Title", plain, false, 0}, {"ID3v2_3:Title", plain, false, 0},
		{"ID3v2_2:Title", plain, false, 0}, {"ID3v1:Title", plain, false, 0}}},
	{"description", []tag{
		{"XMP-dc:Description", languages, true, 0}, {"IPTC:Caption-Abstract", plain, true, iimDescription},
		{"IFD0:ImageDescription", plain, true, 0}, {"PDF:Subject", plain, true, 0},
		{"ItemList:Description", plain, true, 0}, {"Keys:Description", plain, false, 0},
		{"UserData:Description", plain, false, 0}, {"IFD0:XPSubject", plain, false, 0},
		{"IFD0:XPComment", plain, false, 0}, {"PNG:Description", plain, false, 0}}},
	{"alt", []tag{{"XMP-iptcCore:AltTextAccessibility", languages, true, 0}}},
	{"tags", []tag{
		{"XMP-dc:Subject", several, true, 0}, {"IPTC:Keywords", several, true, iimKeyword},
		{"PDF:Keywords", separated, true, 0}, {"ItemList:Keyword", separated, true, 0},
		{"Keys:Keywords", separated, false, 0}, {"IFD0:XPKeywords", separated, false, 0}}},
	{"creator", []tag{
		{"XMP-dc:Creator", several, true, 0}, {"IPTC:By-line", several, true, iimCreator},
		{"IFD0:Artist", plain, true, 0}, {"PDF:Author", plain, true, 0}, {"ItemList:Artist", plain, true, 0},
		{"Keys:Artist", plain, false, 0}, {"Keys:Author", plain, false, 0}, {"UserData:Artist", plain, false, 0},
		{"UserData:Author", plain, false, 0}, {"IFD0:XPAuthor", plain, false, 0}, {"PNG:Author", plain, false, 0},
		{"PNG:Artist", plain, false, 0}, {"RIFF:Artist", plain, false, 0}, {"ASF:Author", plain, false, 0},
		{"Vorbis:Artist", plain, false, 0}, {"ID3v2_4:Artist", plain, false, 0}, {"ID3v2_3:Artist", plain, false, 0},
		{"ID3v2_2:Artist", plain, false, 0}, {"ID3v1:Artist", plain, false, 0}}},
	{"copyright", []tag{
		{"XMP-dc:Rights", languages, true, 0}, {"IPTC:CopyrightNotice", plain, true, iimCopyright},
		{"IFD0:Copyright", plain, true, 0}, {"ItemList:Copyright", plain, true, 0},
		{"Keys:Copyright", plain, false, 0}, {"UserData:Copyright", plain, false, 0},
		{"PNG:Copyright", plain, false, 0}, {"RIFF:Copyright", plain, false, 0}, {"ASF:Copyright", plain, false, 0},
		{"Vorbis:Copyright", plain, false, 0}, {"ID3v2_4:Copyright", plain, false, 0},
		{"ID3v2_3:Copyright", plain, false, 0}}},
	{"from", []tag{{"XMP-plus:LicenseStartDate", day, true, 0}, {"IPTC:ReleaseDate", day, true, 0}}},
	{"until", []tag{{"XMP-plus:LicenseEndDate", day, true, 0}, {"IPTC:ExpirationDate", day, true, 0}}},
	{"captured", []tag{
		{"XMP-photoshop:DateCreated", moments, true, 0}, {"XMP-exif:DateTimeOriginal", moments, false, 0},
		{"IPTC:DateCreated", moments, false, 0}, {"IPTC:TimeCreated", defaulted, false, 0},
		{"ExifIFD:DateTimeOriginal", moments, false, 0}, {"ExifIFD:OffsetTimeOriginal", part, false, 0},
		{"Keys:CreationDate", moments, true, 0}, {"ItemList:ContentCreateDate", moments, false, 0},
		{"UserData:DateTimeOriginal", moments, false, 0}, {"H264:DateTimeOriginal", moments, false, 0},
		{"RIFF:DateTimeOriginal", moments, false, 0}, {"Matroska:DateTimeOriginal", moments, false, 0},
		{"ASF:CreationDate", moments, false, 0}, {movieDate, moments, false, 0}}},
	{"place", []tag{
		{"XMP-exif:GPSLatitude", angles, true, 0}, {"XMP-exif:GPSLongitude", angles, true, 0},
		{gpsLatitude, angles, true, 0}, {gpsLongitude, angles, true, 0},
		{gpsLatitude + "Ref", only, true, 0}, {gpsLongitude + "Ref", only, true, 0},
		{"Keys:GPSCoordinates", pair, true, 0}, {"UserData:GPSCoordinates", pair, true, 0},
		{"ItemList:GPSCoordinates", pair, false, 0}, {"UserData:LocationInformation", pair, false, 0}}},
	{"rating", []tag{{"XMP-xmp:Rating", number, true, 0}, {"IFD0:Rating", number, true, 0}}},
}

const (
	gpsLatitude, gpsLongitude = "GPS:GPSLatitude", "GPS:GPSLongitude"
	// movieDate is in UTC by the standard, and says no zone.
	movieDate = "QuickTime:CreateDate"
	// branches are Lightroom's nested keywords, "Places|Europe|France".
	branches = "XMP-lr:HierarchicalSubject"
)

// facts are tags of the camera's, which are read and never written, and those that say how others are to be read.
// All of IPTC is among them, as copies need its letters.
var facts = []string{"IPTC:all", "IPTC:CodedCharacterSet", "IFD0:Orientation", "XMP-tiff:Orientation", "IFD0:Make",
	"IFD0:Model",
	"XMP-tiff:Make", "XMP-tiff:Model", "Keys:Make", "Keys:Model", "UserData:Make", "UserData:Model",
	"ExifIFD:LensModel", "XMP-aux:Lens", "ExifIFD:ExposureTime", "ExifIFD:FNumber", "ExifIFD:ISO",
	"ExifIFD:FocalLength", "ExifIFD:ColorSpace", interopIndex, "XMP-photoshop:ICCProfileName", branches,
	"XMP-photoshop:LegacyIPTCDigest", usageTerms, productInImage, "File:Comment"}

const (
	interopIndex               = "InteropIFD:InteropIndex"
	usageTerms, productInImage = "XMP-xmpRights:UsageTerms", "XMP-iptcExt:ProductInImage"
)

// fieldNamed is an entry of the table.
func fieldNamed(name string) field {
	for _, f := range table {
		if f.name == name {
			return f
		}
	}
	panic("metadata: no field " + name)
}

// Wanted lists the tags that tell all that is read of a file, as exiftool's arguments without the hyphen.
func Wanted() []string {
	var out []string
	for _, f := range table {
		for _, t := range f.tags {
			if t.form == languages {
				out = append(out, t.name+"*")
				continue
			}
			out = append(out, t.name)
		}
	}
	return append(out, facts...)
}

func group(tagName string) string {
	g, _, _ := strings.Cut(tagName, ":")
	return g
}
