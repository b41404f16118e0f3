package main

import (
	"fmt"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// until is a skill that ends with a date.
func until(slug, date string) schedule.Skill { return schedule.Skill{Slug: slug, ValidUntil: date} }

// weekContractors are the people of the week. Three of them have a skill that
// ends in its middle, two work part of the time, one goes to the dentist and one
// has a holiday.
func weekContractors(c calendar) []db.WorldContractor {
	people := append(peopleOfNorth(c), peopleOfSouth(c)...)
	people = append(people, peopleFurtherOut()...)
	for i := range people {
		people[i].Phone = fmt.Sprintf("423-555-01%02d", i+1)
		people[i].Email = people[i].Key + "@example.com"
	}
	return people
}

// workdays is the same hours from Monday to Friday.
func workdays(start, end string) []schedule.Hours { return week(start, end, 1, 2, 3, 4, 5) }

func peopleOfNorth(c calendar) []db.WorldContractor {
	const home = "north"
	return []db.WorldContractor{
		{Key: tourContractor, Name: "Rosa Díaz", Home: home, Base: schedule.Point{Lat: 35.062, Lng: -85.255}, Serves: []string{"south"},
			Skills: skills("hardwood", "tile"), Hours: workdays("08:00", "17:00"),
			Exceptions: []schedule.Exception{{Day: c.date(thu), Start: "08:00", End: "13:00", Note: "Dentist at 14:00"}}},
		{Key: "lee", Name: "Lee Nguyễn", Home: home, Base: schedule.Point{Lat: 35.11, Lng: -85.33}, Serves: []string{"south"},
			Skills: append(skills("carpet"), until("tile", c.date(wed))),
			Hours:  append(workdays("08:00", "16:30"), week("09:00", "13:00", 6)...)},
		{Key: "leo", Name: "Leo D'Angelo", Home: home, Base: schedule.Point{Lat: 35.16, Lng: -85.21}, Serves: []string{"bridgeport"},
			Skills: skills("hardwood", "hvac"), Hours: week("08:00", "17:00", 3, 4, 5, 6, 7)},
		{Key: "ana", Name: "Ana Kovačević", Home: home, Base: schedule.Point{Lat: 35.05, Lng: -85.31}, Serves: []string{"south"},
			Skills: skills("gas", "hvac"), Hours: workdays("08:00", "17:00")},
		{Key: "ben", Name: "Ben Achterberg", Home: home, Base: schedule.Point{Lat: 35.09, Lng: -85.29},
			Skills: skills("plumbing", "hvac"), Hours: workdays("08:00", "17:00")},
		{Key: "siobhan", Name: "Siobhán O'Rourke", Home: home, Base: schedule.Point{Lat: 35.13, Lng: -85.34}, Serves: []string{"ridge"},
			Skills: skills("telecom", "carpet"), Hours: workdays("07:30", "16:30")},
		{Key: "friedrich", Name: "Friedrich-Wilhelm von Oberlechner-Hinterstoisser", Home: home, Base: schedule.Point{Lat: 35.04, Lng: -85.2},
			Skills: skills("tile", "hardwood"), Hours: workdays("07:00", "16:00")},
		{Key: "grace", Name: "Grace 🛠️ Adeyemi", Home: home, Base: schedule.Point{Lat: 35.15, Lng: -85.24},
			Skills: skills("plumbing", "gas"), Hours: append(workdays("08:00", "17:00"), week("09:00", "15:00", 6, 7)...)},
		{Key: "tomas", Name: "Tomás Ñuñez", Home: home, Base: schedule.Point{Lat: 35.08, Lng: -85.27},
			Skills: skills("carpet"), Hours: week("09:00", "13:00", 2, 4)},
	}
}

func peopleOfSouth(c calendar) []db.WorldContractor {
	const home = "south"
	return []db.WorldContractor{
		{Key: "kofi", Name: "Kofi Mensah", Home: home, Base: schedule.Point{Lat: 34.87, Lng: -85.29}, Serves: []string{"north"},
			Skills: skills("gas", "hvac", "plumbing"), Hours: append(workdays("07:30", "16:30"), week("10:00", "14:00", 7)...)},
		{Key: "maya", Name: "Maya Çelik", Home: home, Base: schedule.Point{Lat: 34.94, Lng: -85.24},
			Skills: skills("telecom"), Hours: workdays("09:00", "18:00")},
		{Key: "layla", Name: "ليلى حداد", Home: home, Base: schedule.Point{Lat: 34.91, Lng: -85.13}, Serves: []string{"ridge"},
			Skills: skills("tile", "carpet"), Hours: workdays("08:00", "17:00")},
		{Key: "nils", Name: "Nils Ångström", Home: home, Base: schedule.Point{Lat: 34.79, Lng: -85.01},
			Skills: append(skills("hardwood"), until("tile", c.date(thu))), Hours: workdays("08:00", "17:00")},
		{Key: "imani", Name: "Imani Brooks", Home: home, Base: schedule.Point{Lat: 34.86, Lng: -85.31}, Serves: []string{"north"},
			Skills: append(skills("hvac"), until("gas", c.date(wed))), Hours: append(workdays("08:00", "17:00"), week("08:00", "12:00", 6)...)},
		{Key: "keala", Name: "Keʻala Mahoe", Home: home, Base: schedule.Point{Lat: 34.95, Lng: -85.28},
			Skills: skills("plumbing", "telecom"), Hours: workdays("08:00", "17:00"),
			Exceptions: []schedule.Exception{{Day: c.date(thu), Off: true, Note: "Holiday"}, {Day: c.date(fri), Off: true, Note: "Holiday"}}},
	}
}

func peopleFurtherOut() []db.WorldContractor {
	return []db.WorldContractor{
		{Key: "dougal", Name: "Dougal McAllister", Home: "ridge", Base: schedule.Point{Lat: 35.16, Lng: -84.87},
			Skills: skills("hvac", "plumbing"), Hours: workdays("08:00", "17:00")},
		{Key: "wren", Name: "Wren Hollow", Home: "ridge", Base: schedule.Point{Lat: 35.2, Lng: -84.63}, Serves: []string{"north"},
			Skills: skills("hardwood", "carpet"), Hours: workdays("08:00", "17:00")},
		{Key: "otis", Name: "Otis Bell-Ferreira", Home: "ridge", Base: schedule.Point{Lat: 34.78, Lng: -84.77},
			Skills: skills("telecom", "tile"), Hours: workdays("08:00", "18:00")},
		{Key: "anais", Name: "Anaïs Lefèvre", Home: "ridge", Base: schedule.Point{Lat: 35.15, Lng: -84.86},
			Skills: skills("tile", "carpet"), Hours: week("08:00", "12:00", 1, 3, 5)},
		{Key: "juergen", Name: "Jürgen Weiß", Home: "ridge", Base: schedule.Point{Lat: 34.99, Lng: -84.55}, Serves: []string{"south"},
			Skills: skills("gas", "plumbing", "hvac"), Hours: append(workdays("07:00", "16:00"), week("08:00", "14:00", 6)...)},
		{Key: "hattie", Name: "Hattie Mae Fields", Home: "bridgeport", Base: schedule.Point{Lat: 34.95, Lng: -85.71},
			Skills: skills("carpet", "tile"), Hours: workdays("08:00", "17:00")},
		{Key: "zbigniew", Name: "Zbigniew Wójcik", Home: "bridgeport", Base: schedule.Point{Lat: 34.87, Lng: -85.83},
			Skills: skills("hvac", "gas"), Hours: workdays("08:00", "17:00")},
		{Key: "ruth", Name: "Ruth Ekström", Home: "bridgeport", Base: schedule.Point{Lat: 34.96, Lng: -85.72},
			Skills: skills("plumbing", "telecom"), Hours: workdays("08:00", "17:00")},
		{Key: "cyrus", Name: "Cyrus Bahrami", Home: "bridgeport", Base: schedule.Point{Lat: 34.88, Lng: -85.82}, Serves: []string{"south"},
			Skills: skills("hardwood"), Hours: workdays("08:00", "17:00")},
	}
}
