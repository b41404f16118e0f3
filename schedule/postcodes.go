package schedule

import (
	"strings"
	"unicode"
)

// postcodes finds a region by postcode.
type postcodes struct {
	whole  map[string]string // normalised postcode → slug
	prefix map[string]string // normalised beginning → slug
}

// newPostcodes reads the lists of all regions. What two regions both list goes
// to the lowest slug.
func newPostcodes(regions []Region) postcodes {
	p := postcodes{whole: make(map[string]string), prefix: make(map[string]string)}
	for _, r := range regions {
		for _, entry := range r.Postcodes {
			key, list := normalPostcode(entry), p.whole
			if beginning, ok := strings.CutSuffix(key, "*"); ok {
				key, list = beginning, p.prefix
			}
			if other, taken := list[key]; !taken || r.Slug < other {
				list[key] = r.Slug
			}
		}
	}
	return p
}

// find gives the region of a postcode: the whole one, then the longest
// beginning. Nothing claims an empty postcode.
func (p postcodes) find(postcode string) (string, bool) {
	code := normalPostcode(postcode)
	if code == "" {
		return "", false
	}
	if slug, ok := p.whole[code]; ok {
		return slug, true
	}
	for n := len(code); n >= 0; n-- {
		if slug, ok := p.prefix[code[:n]]; ok {
			return slug, true
		}
	}
	return "", false
}

// normalPostcode is upper case without spaces.
func normalPostcode(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}
