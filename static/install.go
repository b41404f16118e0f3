package static

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed src/worker.js
var worker string

// phoneFiles are what the contractor's page loads.
func phoneFiles() []string { return []string{URL("app.css"), URL("phone.js")} }

// Worker returns the script of the phone's service worker, which differs with
// each build, so that browsers notice a new one.
func Worker(build string) []byte {
	return fmt.Appendf(nil, "const build = %s;\nconst files = %s;\n%s", mustJSON(build), mustJSON(phoneFiles()), worker)
}

// Manifest returns what a phone needs to know to put the contractor's page on its
// home screen, as JSON of a web app manifest.
func Manifest() []byte {
	icon := func(name, sizes, kind, purpose string) map[string]string {
		return map[string]string{"src": URL(name), "sizes": sizes, "type": kind, "purpose": purpose}
	}
	return mustJSON(map[string]any{
		"id": "/contractor", "name": "SmartScheduler: my jobs", "short_name": "My jobs", "lang": "en",
		// The account and the sign-in belong to it, so the scope is the whole site.
		"start_url": "/contractor", "scope": "/", "display": "standalone",
		"background_color": "#f2f4f6", "theme_color": "#ffffff",
		"icons": []map[string]string{
			icon("icon-192.png", "192x192", "image/png", "any"), icon("icon-512.png", "512x512", "image/png", "any"),
			icon("icon-maskable-512.png", "512x512", "image/png", "maskable"), icon("icon.svg", "any", "image/svg+xml", "any"),
		},
	})
}

// mustJSON panics for what JSON cannot say, which here is nothing.
func mustJSON(value any) []byte {
	out, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("static: %v", err))
	}
	return out
}
