// Package views draws the pages and the live fragments as templ components.
// Each component takes a view model that stands on top of its .templ file:
// texts, numbers and flags that are ready to be shown, with times already
// written as wall time of the job's zone. Nothing here reads a clock, a
// database or a request.
package views
