package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

// TestBoardSearch: every word that is typed must occur in number, title,
// customer or place; capitals, accents and the order of the words don't matter.
func TestBoardSearch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	ann.header.Del("HX-Request-Type")
	j := o.addJob("north", soonDay(), func(n *db.NewJob) {
		n.Title, n.CustomerName, n.Site.Address = "Refinish the Oak floor", "Séamus ΟΔΥΣΣΕΥΣ Díaz", "12 Ridge Road"
	})
	for query, want := range map[string]bool{
		"": true, "  ": true, "floor diaz": true, "DÍAZ\toak": true, "Díaz": true, "seamus ridge": true,
		j.number: true, strings.ToLower(j.number) + " 37401": true, "οδυσσευς": true, "Οδυσσεύς": true,
		"floor maple": false, "assign": false, "open": false, "normal": false, "minutes": false,
	} {
		page := ann.get("/dispatch/north?q=" + url.QueryEscape(query)).Body.String()
		card := cardIn(page, j.id)
		if card == "" {
			t.Fatalf("%q: no card", query)
		}
		if got := !strings.Contains(card[:strings.IndexByte(card, '>')], " hidden"); got != want {
			t.Errorf("%q finds the job: %v, want %v", query, got, want)
		}
	}
	if card := cardIn(ann.get("/dispatch/north").Body.String(), j.id); !strings.Contains(card, `data-text="`+strings.ToLower(j.number)+` refinish the oak floor seamus οδυσσευσ diaz 12 ridge road, 37401"`) {
		t.Errorf("the script is given %.600s", card)
	}
}
