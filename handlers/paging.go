package handlers

import (
	"net/url"
	"strconv"

	"smartscheduler/views"
)

// pagerOf leads to the pages beside one of a list, under the same filter. Pages
// count from 1; more says that there is one after it.
func pagerOf(path string, filter map[string]string, page int, more bool) (p views.Pager) {
	at := func(page int) string {
		query := url.Values{"page": {strconv.Itoa(page)}}
		for name, value := range filter {
			if value != "" {
				query.Set(name, value)
			}
		}
		return path + "?" + query.Encode()
	}
	if page > 1 {
		p.Previous = at(page - 1)
	}
	if more {
		p.Next = at(page + 1)
	}
	return p
}
