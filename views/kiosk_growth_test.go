package views_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// TestP13WallDoesNotGrow shows that a wall display has no more nodes, listeners
// and memory after 1,000 frames, in which jobs come, move, go and are put back,
// than before them, while its pages turn. SOAK=1 makes it 10,000.
func TestP13WallDoesNotGrow(t *testing.T) {
	t.Parallel()
	frames := 1000
	if os.Getenv("SOAK") != "" {
		frames = 10_000
	}
	k := wallOf(20, func(int) int { return 2 })
	d := wallDesk(t, k)
	ctx := newBrowserFor(t, time.Duration(frames)*200*time.Millisecond+time.Minute)
	do(t, ctx, chromedp.Func(onLoad(ownTimers+`document.addEventListener('htmx:sse:after:message', (e) => { window.last = e.detail.message.id; });`)))
	openWall(t, ctx, d, 1920, 1080, "dark")
	pos := 10
	send := func(n int, places ...views.WallPlace) {
		pos++
		d.send(fmt.Sprintf("1-%d", pos), "JobRescheduled", views.Kiosk(views.KioskFragment{JobID: jobID(n), Places: places}))
	}
	// feed changes every job of the wall in turn, and leaves it as it was.
	feed := func(frames int) {
		for i := range frames {
			row, nth := i/3%20, i%2
			n := 400 + 50*row + nth
			at := func(row int) views.WallPlace {
				card := cannedWallCard(n)
				card.Skills = []string{"Hardwood", "Plumbing", nameLong}
				return views.WallPlace{ListID: views.WallID("north", contractorID(row), k.Date), Card: card}
			}
			switch {
			case i == frames-1 || i%3 == 2:
				send(n, at(row))
			case i%3 == 1:
				send(n)
			default:
				send(n, at((row+7)%20), at((row+3)%20))
			}
			if i%200 == 0 {
				do(t, ctx, chromedp.Evaluate[chromedp.Void](`turn(); nudge(); 0`))
			}
		}
		for row := range 20 {
			for nth, n := range []int{400 + 50*row, 401 + 50*row} {
				card := k.Rows[row].Cards[nth]
				send(n, views.WallPlace{ListID: views.WallID("north", contractorID(row), k.Date), Card: card})
			}
		}
		await(t, ctx, fmt.Sprintf(`window.last === '1-%d'`, pos))
		d.frames <- frame(fmt.Sprintf("1-%d", pos), "hb", `{"degraded":false}`)
		await(t, ctx, `document.querySelector('[data-fresh]') === null`)
	}
	feed(200) // what is made once is there
	before := counted(t, ctx)
	feed(frames)
	after := counted(t, ctx)
	for name, more := range map[string]float64{"Nodes": 0.01 * before["Nodes"], "JSEventListeners": 0, "JSHeapUsedSize": 20 << 20 * float64(frames) / 10_000, "cards": 0} {
		t.Logf("%s: %.0f, then %.0f", name, before[name], after[name])
		if after[name] > before[name]+more {
			t.Errorf("%s grew from %.0f to %.0f with %d frames", name, before[name], after[name], frames)
		}
	}
	if n := d.readings(); n != 1 {
		t.Errorf("the page was read %d times, so what was measured is another one", n)
	}
}

// counted are the figures of a page whose garbage was collected.
func counted(t *testing.T, ctx context.Context) map[string]float64 {
	t.Helper()
	found := map[string]float64{"cards": evaluate[float64](t, ctx, `document.querySelectorAll('.card-wall').length`)}
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for range 3 { // what a finaliser frees goes with the next
			if _, err := cdp.Call(ctx, target, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
				return err
			}
		}
		if _, err := cdp.Call(ctx, target, performance.Enable, performance.EnableParams{}); err != nil {
			return err
		}
		got, err := cdp.Call(ctx, target, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, m := range got.Metrics {
			found[m.Name] = m.Value
		}
		return nil
	}))
	if found["Nodes"] < 100 || found["JSHeapUsedSize"] == 0 {
		t.Fatalf("nothing was measured: %s", strings.Join(slices.Sorted(maps.Keys(found)), " "))
	}
	return found
}
