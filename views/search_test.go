package views_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLiveSearch: the script finds what the server finds, see TestBoardSearch
// in handlers, and not the words of buttons and labels.
func TestLiveSearch(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)
	for query, want := range map[string]string{
		"": "14", "valve": "2 of 14", "  GAS  replace": "2 of 14", "díaz J-1000": "1 of 14", "Οδυσσεύς valve": "2 of 14",
		"valve maple": "0 of 14", "assign": "0 of 14", "open": "0 of 14", "10:00": "0 of 14",
	} {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`{ const q = document.getElementById('filter-q'); q.value = '`+query+`'; q.dispatchEvent(new Event('input', {bubbles: true})); } 0`))
		if got := evaluate[string](t, ctx, `document.getElementById('count-shown').textContent`); got != want {
			t.Errorf("%q shows %s, want %s", query, got, want)
		}
	}
}
