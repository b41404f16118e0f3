package main

import (
	"bytes"
	"fmt"
	"strings"
)

const preface = `# What delivery promises

` + "`make promises`" + ` writes this page from the names and comments of the tests and from the tables that ` + "`make crash`, `make soak`\nand `make bench`" + ` leave beside it; ` + "`make check`" + ` fails when it is out of date, or when a promise has no test. A control is the
same run without the guard that keeps the promise: it must fail, else the test proves nothing.

| promise | what it says | tests | figure | control that fails |
|---|---|---|---|---|
`

// draw returns the page: a table of all promises, and below it the tests and
// figures of each.
func draw(list []promise, proofs map[int][]proof, figures map[int][]figure) []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	for _, p := range list {
		tests, controls := split(proofs[p.number])
		fmt.Fprintf(&b, "| [%s](#%s) | **%s.** %s | %s | %s | %s |\n", p, anchor(p), p.name, p.says,
			counted(len(tests)), headline(figures[p.number]), names(controls))
	}
	for _, p := range list {
		tests, controls := split(proofs[p.number])
		fmt.Fprintf(&b, "\n## %s: %s\n\n", p, p.name)
		listed(&b, "", tests)
		listed(&b, "control: ", controls)
		measured(&b, figures[p.number])
	}
	return b.Bytes()
}

func split(all []proof) (tests, controls []proof) {
	for _, p := range all {
		if p.control {
			controls = append(controls, p)
		} else {
			tests = append(tests, p)
		}
	}
	return tests, controls
}

// anchor is what GitHub makes of the heading of a promise.
func anchor(p promise) string {
	return strings.ReplaceAll(strings.ToLower(fmt.Sprintf("%s %s", p, p.name)), " ", "-")
}

func counted(n int) string {
	if n == 1 {
		return "1 test"
	}
	return fmt.Sprintf("%d tests", n)
}

// headline is the first figure, and whether any limit was missed.
func headline(list []figure) string {
	if len(list) == 0 {
		return "in the tests"
	}
	missed := 0
	for _, f := range list {
		if strings.Contains(f.kept, "no") {
			missed++
		}
	}
	text := fmt.Sprintf("%s: %s", list[0].what, list[0].value)
	if missed > 0 {
		text += fmt.Sprintf("; **%d of %d limits missed**", missed, len(list))
	}
	return text
}

func names(list []proof) string {
	var quoted []string
	for _, p := range list {
		quoted = append(quoted, "`"+p.name+"`")
	}
	if quoted == nil {
		return "–"
	}
	return strings.Join(quoted, ", ")
}

func listed(b *bytes.Buffer, kind string, list []proof) {
	for _, p := range list {
		fmt.Fprintf(b, "- %s[`%s`](../%s): %s\n", kind, p.name, p.file, p.shows)
	}
}

// measured is the table of the figures of one promise.
func measured(b *bytes.Buffer, list []figure) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n| measured | figure | limit | kept | by |\n|---|---|---|---|---|\n")
	for _, f := range list {
		fmt.Fprintf(b, "| %s | %s | %s | %s | [%s](%s) |\n", f.what, f.value, f.limit, f.kept, strings.TrimSuffix(f.file, ".md"), f.file)
	}
}
