package handlers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// typedContractor keeps what was typed into the form of a contractor.
func typedContractor(f Form) views.ContractorForm {
	shown := views.ContractorForm{
		Name: f.Get("name"), Phone: f.Get("phone"), Email: f.Get("email"), Home: f.Get("home"), From: f.Get("from"), Serves: ticked(f, "serves"),
		Lat: f.Get("lat"), Lng: f.Get("lng"), Active: f.Get("active") != "", AutoAccept: f.Get("auto_accept") != "",
	}
	for i, day := range dayNames() {
		name := db.HoursField(i + 1)
		shown.Week = append(shown.Week, views.WeekField{Name: name, Label: day, Value: f.Get(name)})
	}
	return shown
}

// ticked are the check boxes of a field of many that were set.
func ticked(f Form, name string) map[string]bool {
	set := make(map[string]bool)
	for _, value := range f.All(name) {
		set[value] = true
	}
	return set
}

// storedContractor is the form of a contractor as he is.
func storedContractor(r db.ContractorRecord) views.ContractorForm {
	fields := r.Fields()
	shown := views.ContractorForm{
		ID: r.ID, Name: fields.Name, Phone: fields.Phone, Email: fields.Email, Home: fields.Home, Serves: make(map[string]bool),
		Active: fields.Active, AutoAccept: fields.AutoAccept, Version: r.Version,
	}
	for _, slug := range fields.Serves {
		shown.Serves[slug] = true
	}
	if fields.Base != nil {
		shown.Lat, shown.Lng = degrees(fields.Base.Lat), degrees(fields.Base.Lng)
	}
	for i, day := range dayNames() {
		shown.Week = append(shown.Week, views.WeekField{Name: db.HoursField(i + 1), Label: day, Value: typedHours(fields.Hours, i+1)})
	}
	return shown
}

// degrees writes a coordinate as the forms take it.
func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// typedHours writes the hours of an ISO weekday as the form takes them.
func typedHours(hours []schedule.Hours, weekday int) string {
	var parts []string
	for _, h := range hours {
		if h.Weekday == weekday {
			parts = append(parts, h.Start+"–"+h.End)
		}
	}
	return strings.Join(parts, ", ")
}

// parseContractor reads the fields of a contractor, and says for each bad one
// what is wrong.
func parseContractor(f Form) (db.ContractorFields, views.Errors) {
	errs := views.Errors{}
	fields := db.ContractorFields{
		Name: oneLine(f.Get("name")), Phone: oneLine(f.Get("phone")), Email: oneLine(f.Get("email")),
		Home: f.Get("home"), Serves: f.All("serves"), Active: f.Get("active") != "", AutoAccept: f.Get("auto_accept") != "",
	}
	required(f, errs, "name", 200, "Say who it is.")
	if fields.Home == "" {
		errs["home"] = "Choose a home region."
	}
	if lat, lng := f.Get("lat"), f.Get("lng"); lat != "" || lng != "" {
		fields.Base = &schedule.Point{Lat: parseDegrees(lat, 90, "lat", errs), Lng: parseDegrees(lng, 180, "lng", errs)}
	}
	for _, slug := range f.All("skills") {
		fields.Skills = append(fields.Skills, schedule.Skill{Slug: slug, ValidUntil: f.Get("until-" + slug)})
	}
	for weekday := 1; weekday <= 7; weekday++ {
		name := db.HoursField(weekday)
		spans, ok := parseHours(f.Get(name))
		if !ok {
			errs[name] = hoursHint
		}
		for _, s := range spans {
			fields.Hours = append(fields.Hours, schedule.Hours{Weekday: weekday, Start: s[0], End: s[1]})
		}
	}
	return fields, errs
}

// oneLine makes every white space in a text one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

const hoursHint = "Write hours like 08:00–12:00, 13:00–17:00."

var stretch = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.](\d{2}))?$`)

// parseHours reads stretches of hours as people type them: 8-12, 13:00–17:30.
// It returns pairs of "15:04", "24:00" for the end of the day, and whether the
// text could be read; whether there is such a time is not looked at.
func parseHours(text string) (spans [][2]string, ok bool) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		m := stretch.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, false
		}
		spans = append(spans, [2]string{clockOf(m[1], m[2]), clockOf(m[3], m[4])})
	}
	return spans, true
}

// clockOf writes an hour and minutes, which may be missing, as "15:04".
func clockOf(hour, minutes string) string {
	return fmt.Sprintf("%02s:%02s", hour, minutes)
}

// skillFields are all skills, with those that are held.
func skillFields(skills []db.Skill, held []schedule.Skill) []views.SkillField {
	until := make(map[string]string, len(held))
	for _, s := range held {
		until[s.Slug] = s.ValidUntil
	}
	list := make([]views.SkillField, len(skills))
	for i, s := range skills {
		day, has := until[s.Slug]
		list[i] = views.SkillField{Slug: s.Slug, Name: s.Name, Until: day, Held: has}
	}
	return list
}

// typedSkills are all skills, as the form was filled in.
func typedSkills(skills []db.Skill, f Form) []views.SkillField {
	held := ticked(f, "skills")
	list := make([]views.SkillField, len(skills))
	for i, s := range skills {
		list[i] = views.SkillField{Slug: s.Slug, Name: s.Name, Until: f.Get("until-" + s.Slug), Held: held[s.Slug]}
	}
	return list
}
