package handlers

import "strings"

// deviceWords names the browser and the system of a User-Agent header in words
// like "Firefox on Windows", for a list in which somebody is to recognise his
// own devices. Only these words are kept.
func deviceWords(userAgent string) string {
	browser, system := firstIn(userAgent, browserMarks()), firstIn(userAgent, systemMarks())
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "":
		return "A program on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// browserMarks are what names a browser, before those that it claims to be too.
func browserMarks() [][2]string {
	return [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
}

func systemMarks() [][2]string {
	return [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"},
	}
}

func firstIn(text string, marks [][2]string) string {
	for _, mark := range marks {
		if strings.Contains(text, mark[0]) {
			return mark[1]
		}
	}
	return ""
}
