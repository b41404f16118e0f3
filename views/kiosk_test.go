package views_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// bigWall has 20 contractors and 79 jobs with the guest's, forty of them of one
// contractor, who alone fills more than a screen.
func bigWall() views.KioskPage {
	k := views.KioskPage{Region: "north", RegionName: "North", Date: "2027-03-09", DateLabel: "Tuesday 9 March"}
	n := 0
	for i := range 20 {
		row := views.WallRow{ContractorID: contractorID(i), Contractor: cannedNames()[i%len(cannedNames())], Idle: "Free"}
		jobs := 2
		if i == 7 {
			jobs = 40
		}
		for range jobs {
			card := cannedWallCard(400 + n)
			card.Skills = []string{"Hardwood", "Plumbing", nameLong}
			row.Cards = append(row.Cards, card)
			n++
		}
		k.Rows = append(k.Rows, row)
	}
	guest := cannedWallCard(600)
	guest.Contractor = nameLong
	k.GuestCards = []views.WallCard{guest}
	return k
}

// TestWallShowsEverything turns the pages of a wall that holds more than fits:
// each card is at some time wholly to be seen, and nothing is small.
func TestWallShowsEverything(t *testing.T) {
	t.Parallel()
	page := cannedLivePage("North", "", "kiosk", "/streams/kiosk/north?after=1-10")
	page.User = nil
	d := newDesk(t, views.KioskWall(page, bigWall()))
	ctx := newBrowser(t)
	do(t, ctx, chromedp.Func(onLoad(`window.turns = []; const every = setInterval; setInterval = (f, ms) => ms === 15e3 ? turns.push(f) : every(f, ms);`)))
	for _, size := range []struct{ width, height, text int64 }{{1280, 720, 18}, {1920, 1080, 28}, {3840, 2160, 56}} {
		do(t, ctx, look(size.width, size.height, "dark"), chromedp.Navigate(d.url+"/desk"))
		await(t, ctx, `document.getElementById('state').dataset.state === 'live' && turns.length > 0`)
		seen := evaluate[string](t, ctx, `(() => {
			const cards = [...document.querySelectorAll('.card-wall')], view = document.getElementById('wall-rows');
			const shown = new Set(), labels = [], cut = [];
			let turned = 0;
			do {
				const box = view.getBoundingClientRect();
				cards.forEach((c) => { const r = c.getBoundingClientRect(); if (r.top >= box.top - 1 && r.bottom <= box.bottom + 1 && r.right <= box.right) shown.add(c.id); });
				const [above, , below = above] = getComputedStyle(view).clipPath.match(/[\d.]+/g).map(Number);
				cards.forEach((c) => { const r = c.getBoundingClientRect(), [top, bottom] = [box.top + above, box.bottom - below];
					if (r.bottom > top + 2 && r.top < bottom - 2 && (r.top < top - 2 || r.bottom > bottom + 2)) cut.push(c.id); });
				labels.push(document.getElementById('wall-page').textContent);
				turns[0]();
				turned += 1;
			} while (view.scrollTop > 0 && turned < 50);
			return [shown.size + ' of ' + cards.length, turned < 50 && turned > 1, new Set(labels).size === turned, cut.length].join(', ');
		})()`)
		if want := "79 of 79, true, true, 0"; seen != want {
			t.Errorf("%d × %d: %s, want %s", size.width, size.height, seen, want)
		}
		small := evaluate[[]string](t, ctx, fmt.Sprintf(`[...document.querySelectorAll('body *')].filter((el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !el.closest('.sr-only, [hidden]') && parseFloat(getComputedStyle(el).fontSize) < %d).map((el) => el.className + ' ' + getComputedStyle(el).fontSize)`, size.text))
		if len(small) > 0 {
			t.Errorf("%d × %d: under %d px: %v", size.width, size.height, size.text, small)
		}
	}
}
