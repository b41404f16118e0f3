package handlers

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"smartscheduler/db"
)

// searchText is what the search of a board looks at, for the server and for
// the script of the page alike.
func searchText(c db.Card) string {
	return fold(strings.Join([]string{numberOf(c.Number), c.Title, c.CustomerName, placeOf(c)}, " "))
}

// laneText is the same of a card in a lane. Of a job of another region a board
// says no more than what the card shows.
func laneText(c db.Card, board string) string {
	if board == c.Region {
		return fold(searchText(c) + " " + c.ContractorName)
	}
	return fold(strings.Join([]string{numberOf(c.Number), c.Title, c.ContractorName}, " "))
}

// found tells whether every word of a query stands in a text that is folded.
func found(query, text string) bool {
	for word := range strings.FieldsSeq(fold(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// fold makes texts alike that differ in capitals and accents only. The script
// folds what is typed in the same way.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.M, r):
			return -1
		case r == 'ς': // a sigma at the end of a word
			return 'σ'
		}
		return r
	}, norm.NFD.String(strings.ToLower(s)))
}
