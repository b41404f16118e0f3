package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	peoplePath = "/admin/people"
	// customersShown bounds what a search shows, jobsShown the jobs of a
	// customer, erasuresShown the list of who was erased.
	customersShown = 50
	jobsShown      = 50
	erasuresShown  = 50
)

// people is the page to look for customers.
func (h *Handlers) people(c echo.Context) error {
	view := views.PeoplePage{}
	if c.QueryParam("done") != "" {
		view.Done = "Erased. Pages that are open show it."
	}
	return h.showPeople(c, http.StatusOK, view)
}

// findPeople looks for customers. It changes nothing; it is posted so that names
// stay out of addresses.
func (h *Handlers) findPeople(c echo.Context) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	view := views.PeoplePage{Text: f.Get("text")}
	errs := views.Errors{}
	required(f, errs, "text", 200, "Say whom to look for.")
	if view.Error = errs["text"]; view.Error != "" {
		return h.showPeople(c, http.StatusUnprocessableEntity, view)
	}
	found, err := h.db.FindCustomers(c.Request().Context(), func(k db.Customer) bool { return customerFound(view.Text, k) }, customersShown+1)
	if err != nil {
		return err
	}
	view.Searched, view.More = true, len(found) > customersShown
	for _, k := range found[:min(len(found), customersShown)] {
		view.Rows = append(view.Rows, views.CustomerRow{
			Href: peoplePath + "/" + k.ID, Name: k.Name, Phone: k.Phone, Email: k.Email, Jobs: k.Jobs,
		})
	}
	return h.showPeople(c, http.StatusOK, view)
}

// customerFound looks for words anywhere, whatever the accents, and for a phone
// number however it is written, by four digits of it at least.
func customerFound(text string, k db.Customer) bool {
	digits := digitsOf(text)
	return found(text, fold(strings.Join([]string{k.Name, k.Phone, k.Email}, " "))) ||
		len(digits) >= 4 && strings.Contains(digitsOf(k.Phone), digits)
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (h *Handlers) showPeople(c echo.Context, status int, view views.PeoplePage) error {
	list, err := h.db.Erasures(c.Request().Context(), erasuresShown)
	if err != nil {
		return err
	}
	for _, e := range list {
		view.Erased = append(view.Erased, views.ErasedRow{
			Who: statusWords(e.Kind) + " " + e.SubjectID[:8], Reason: e.Reason, By: e.By, At: h.moment(e.At),
		})
	}
	page, err := h.page(c, "Personal data", "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.PeopleAdminPage(page, view))
}

// heldJobs lists jobs with what they say of a customer.
func heldJobs(cards []db.Card) ([]views.HeldJob, error) {
	list := make([]views.HeldJob, len(cards))
	for i, card := range cards {
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		list[i] = views.HeldJob{
			Href: "/jobs/" + card.JobID, Number: numberOf(card.Number), When: card.WindowStart.In(z.job).Format("Mon 2 Jan 2006"),
			Region: card.RegionName, Status: strings.ToLower(statusWords(string(card.Status))), Title: card.Title, Address: placeOf(card),
		}
	}
	return list, nil
}
