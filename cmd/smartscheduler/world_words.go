package main

import "math/rand/v2"

// demoTitles is what there is to do, by trade.
func demoTitles() map[string][]string {
	return map[string][]string{
		"hardwood": {"Refinish the hall floor", "Lay oak in the dining room", "Replace cupped boards by the sink", "Sand and seal the stairs", "Repair the gym floor under the south basket"},
		"tile":     {"Tile the shower", "Regrout the entrance", "Replace cracked kitchen tiles", "Lay slate on the porch", "Set a mosaic in the lobby"},
		"carpet":   {"Carpet two bedrooms", "Stretch the office carpet", "Replace the stair runner", "Carpet tiles for the call centre", "Take up water-damaged carpet"},
		"hvac":     {"Service the heat pump", "Rooftop unit does not cool", "Balance the ducts on floor two", "Replace the thermostat", "Furnace short-cycles"},
		"gas":      {"Pressure-test the gas line", "Connect a gas range", "Gas smell at the meter", "Move the gas fireplace line", "Yearly check of the boiler"},
		"plumbing": {"Replace a leaking water heater", "Clear the kitchen drain", "Fit two basins", "Toilet runs all night", "Backflow test, certificate needed"},
		"telecom":  {"Connect a fibre line", "Move the router cabinet", "No dial tone on three desks", "Survey for a new line", "Label and test the patch panel"},
	}
}

// demoStreets are invented.
func demoStreets() []string {
	return []string{
		"Lantern Row", "Quarry Bend", "Heron Street", "Sycamore Walk", "Ferry Lane", "Mill Race", "Garnet Avenue", "Chapel Hill Lane",
		"Signal View", "Orchard Close", "Depot Square", "Kettle Creek Road", "Painted Bluff Drive", "Tanner's Alley", "Old Rope Walk",
		"Millstone Court", "Saint Brigid's Way", "Fiddler's Green Boulevard Northwest", "Clay Pigeon Road", "Nine Oaks",
	}
}

// demoCustomer is an invented person or business, written as people write their
// names.
func demoCustomer(random *rand.Rand) string {
	if random.IntN(4) > 0 {
		return demoPerson(random)
	}
	return pick(random, []string{
		"Ridge Diner", "Bäckerei Süßkind", "مكتبة الياسمين", "Pine & Parcel 📦", "N'Diaye Books", "Ångström Optics", "The Velvet Anvil",
		"Moss Hollow School", "D'Souza & Daughters", "Familie von Oberlechner-Hinterstoisser", "مخبز دمشق الصغير", "Café Às Duas",
		"Wohnungsbaugenossenschaft Donaudampfschifffahrt eG", "Third Kettle Brewing 🍺", "Saint Elmo's Reading Room", "Łódź Deli",
	})
}

// demoPerson is the name of an invented person.
func demoPerson(random *rand.Rand) string {
	first := pick(random, []string{
		"Zoë", "José Ángel", "Chloé", "Tallulah", "Wěi", "Siân", "Bartholomew", "Ingrid", "Ömer", "Nguyệt", "Pádraig", "Renée", "Kwame",
		"Soledad", "Mei-Ling", "Jürgen", "Aoife", "Dmitri", "Hana", "Lucía", "Thaddeus", "Bronwyn", "Yusuf", "Élodie",
	})
	return first + " " + pick(random, []string{
		"O'Malley", "Ibáñez", "Barr", "Chén", "Featherstonehaugh", "Løvstrøm", "Yıldız", "Trần", "Mac Giolla Bhríde", "D'Amico", "Osei",
		"Quiñones", "Groß", "Petrović", "Vance", "al-Masri", "Škoda", "Whitlock", "Nakagawa", "Delacroix-Thibodeaux", "Hurst", "Pew",
	})
}

// demoNotes are what is said about the work; most often nothing.
func demoNotes() []string {
	return []string{
		"", "", "", "", "", "Ring twice; the bell is slow.", "Dog in the yard, friendly.", "Park behind the building.\nThe gate closes at 17:00.",
		"The customer works nights: please call before you come.", "Bring shoe covers.",
	}
}
