package views

import (
	"fmt"
	"net/url"
	"strings"
)

// joinSlugs writes slugs as one attribute value that the script can split.
func joinSlugs(slugs []string) string {
	return strings.Join(slugs, " ")
}

// joinNames writes names as people list them.
func joinNames(names []string) string {
	return strings.Join(names, ", ")
}

// shownOf says how many of a list are visible, and nothing more when all are.
func shownOf(shown, all int) string {
	if shown == all {
		return fmt.Sprint(all)
	}
	return fmt.Sprintf("%d of %d", shown, all)
}

// twoDigits writes an hour as a clock does.
func twoDigits(n int) string {
	return fmt.Sprintf("%02d", n)
}

// queryEscape makes a text safe inside of a URL's query.
func queryEscape(s string) string {
	return url.QueryEscape(s)
}

// refusedShown is up to how many contractors who cannot take a job are listed
// without a click.
const refusedShown = 8

// refusedLabel counts those who cannot take a job.
func refusedLabel(n int) string {
	if n == 1 {
		return "1 contractor can't take it: why?"
	}
	return fmt.Sprintf("%d contractors can't take it: why?", n)
}

// joinReasons writes the broken rules of one contractor as one line.
func joinReasons(reasons []string) string {
	return strings.Join(reasons, "; ")
}
