package metadata

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"vitrine/dam"
)

// XMP names are namespace + local name.
const (
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsXMP       = "http://ns.adobe.com/xap/1.0/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsEXIF      = "http://ns.adobe.com/exif/1.0/"
	nsTIFF      = "http://ns.adobe.com/tiff/1.0/"
	nsAux       = "http://ns.adobe.com/exif/1.0/aux/"
	nsLightroom = "http://ns.adobe.com/lightroom/1.0/"
	nsPLUS      = "http://ns.useplus.org/ldf/xmp/1.0/"
	nsIPTCCore  = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
)

// maxPacket bounds an XMP packet; real ones have kilobytes.
const maxPacket = 4 << 20

// maxNested bounds how deep elements stand within each other; what programs write has a dozen.
const maxNested = 200

// xmpName is a name as properties have it, "" of a namespace that nothing is read of. Each element of a packet has its
// whole namespace, however long, so names are not put together before that is known.
func xmpName(n xml.Name) string {
	if _, known := xmpGroups[n.Space]; !known && n.Space != nsRDF {
		return ""
	}
	return n.Space + n.Local
}

type xmpItem struct{ lang, text string }

// xmpProperties are the properties of a packet: one item for a plain value, one per
// li for lists and language alternatives. Structures inside are passed over.
type xmpProperties map[string][]xmpItem

// parseXMP reads a packet. What was understood before an error is returned with it.
// imagemeta's own reading drops the languages, hence this one.
func parseXMP(r io.Reader) (xmpProperties, error) {
	props := xmpProperties{}
	d := xml.NewDecoder(io.LimitReader(r, maxPacket))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var (
		inside   bool   // whether a property is open
		property string // its name, "" of one that is not read
		depth    int    // elements open inside it
		inItem   bool
		item     xmpItem
		text     strings.Builder
	)
	for open := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return props, nil
		}
		if err != nil {
			return props, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if open++; open > maxNested {
				return props, errors.New("elements are nested too deeply")
			}
			switch {
			case inside:
				depth++
				if e.Name.Space == nsRDF && e.Name.Local == "li" && depth == 2 {
					inItem, item = true, xmpItem{}
					for _, a := range e.Attr {
						if a.Name.Local == "lang" {
							item.lang = a.Value
						}
					}
					text.Reset()
				}
			case e.Name.Space == nsRDF && e.Name.Local == "Description":
				for _, a := range e.Attr {
					if a.Name.Space != nsRDF {
						props.add(xmpName(a.Name), xmpItem{text: a.Value})
					}
				}
			case e.Name.Space != nsRDF && e.Name.Local != "xmpmeta":
				inside, property, depth, inItem = true, xmpName(e.Name), 0, false
				text.Reset()
			}
		case xml.CharData:
			if inItem && depth == 2 || inside && depth == 0 {
				text.Write(e)
			}
		case xml.EndElement:
			open--
			switch {
			case !inside:
			case depth == 0:
				if len(props[property]) == 0 {
					props.add(property, xmpItem{text: text.String()})
				}
				inside = false
			default:
				if depth == 2 && inItem {
					item.text = text.String()
					props.add(property, item)
					inItem = false
				}
				depth--
			}
		}
	}
}

func (p xmpProperties) add(name string, i xmpItem) {
	if i.text = clean(i.text); i.text == "" {
		return
	}
	if name == "" { // that there is something counts
		p[name] = nil
		return
	}
	p[name] = append(p[name], i)
}

// locale writes a language tag the way the catalogue does: fr, fr-CA, zh-Hant-TW; "" for the default.
func locale(tag string) string {
	tag = strings.TrimSpace(strings.ReplaceAll(tag, "_", "-"))
	if tag == "" || strings.EqualFold(tag, "x-default") {
		return ""
	}
	return dam.Locale(tag)
}
