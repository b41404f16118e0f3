package views_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"smartscheduler/views"
)

// walk visits every element of a parsed page.
func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := range n.ChildNodes() {
		walk(child, visit)
	}
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

// TestPages checks on every canned page what the policy and assistive
// technology ask for.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, page := range cannedPages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := render(t, page)
			doc, err := html.Parse(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			ids, labelled := collectIDs(t, doc)
			walk(doc, func(n *html.Node) {
				checkPolicy(t, n)
				checkLabel(t, n, labelled)
				checkReferences(t, n, ids)
				checkForm(t, n)
			})
			if bytes.Contains(out, []byte("<script>alert")) || bytes.Contains(out, []byte("<img")) {
				t.Error("a hostile name became markup")
			}
		})
	}
}

// collectIDs returns all ids, which must be unique, and those that a label
// points to.
func collectIDs(t *testing.T, doc *html.Node) (ids, labelled map[string]bool) {
	t.Helper()
	ids, labelled = map[string]bool{}, map[string]bool{}
	walk(doc, func(n *html.Node) {
		if id, ok := attribute(n, "id"); ok {
			if ids[id] {
				t.Errorf("id %q is used twice", id)
			}
			ids[id] = true
		}
		if target, ok := attribute(n, "for"); ok {
			labelled[target] = true
		}
	})
	return ids, labelled
}

// checkPolicy refuses what the Content-Security-Policy would block, and htmx
// attributes that need eval.
func checkPolicy(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Data == "style" || n.Data == "iframe" || n.Data == "object" {
		t.Errorf("<%s> is not allowed", n.Data)
	}
	if src, _ := attribute(n, "src"); n.Data == "script" && !strings.HasPrefix(src, "/static/app.") && !strings.HasPrefix(src, "/static/phone.") {
		t.Errorf("inline or foreign script: src %q", src)
	}
	for _, a := range n.Attr {
		trigger := a.Key == "hx-trigger" && strings.Contains(a.Val, "[")
		values := strings.HasPrefix(a.Val, "js:") || strings.HasPrefix(a.Val, "javascript:")
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || trigger || values {
			t.Errorf("<%s %s=%q> is not allowed", n.Data, a.Key, a.Val)
		}
	}
}

func checkLabel(t *testing.T, n *html.Node, labelled map[string]bool) {
	t.Helper()
	if n.Data != "input" && n.Data != "select" && n.Data != "textarea" {
		return
	}
	if kind, _ := attribute(n, "type"); kind == "hidden" {
		return
	}
	if id, ok := attribute(n, "id"); !ok || !labelled[id] {
		t.Errorf("<%s> %v has no label", n.Data, n.Attr)
	}
}

func checkReferences(t *testing.T, n *html.Node, ids map[string]bool) {
	t.Helper()
	for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
		value, _ := attribute(n, key)
		for id := range strings.FieldsSeq(value) {
			if !ids[id] {
				t.Errorf("<%s %s> points to %q, which is not there", n.Data, key, id)
			}
		}
	}
	if href, _ := attribute(n, "href"); strings.HasPrefix(href, "#") && !ids[href[1:]] {
		t.Errorf("link to %q, which is not there", href)
	}
}

// checkForm makes sure that a form works without script, and that the script
// posts to the same place.
func checkForm(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Data != "form" {
		return
	}
	action, ok := attribute(n, "action")
	if !ok || action == "" {
		t.Errorf("form without action: %v", n.Attr)
	}
	if post, ok := attribute(n, "hx-post"); ok && post != action {
		t.Errorf("the script posts to %q, without it to %q", post, action)
	}
	checkNames(t, n)
}

// checkNames makes sure that no field of a form is sent twice, which is refused.
func checkNames(t *testing.T, form *html.Node) {
	t.Helper()
	seen := map[string]bool{}
	walk(form, func(n *html.Node) {
		name, ok := attribute(n, "name")
		kind, _ := attribute(n, "type")
		if !ok || kind == "radio" || kind == "checkbox" || n.Data == "button" {
			return
		}
		if seen[name] {
			t.Errorf("form %v has two fields %q", form.Attr, name)
		}
		seen[name] = true
	})
}

// TestWallTellsNobodysBusiness holds K4: a card on a public wall has no field
// for it, and the page says no more.
func TestWallTellsNobodysBusiness(t *testing.T) {
	t.Parallel()
	out := string(render(t, cannedPages()["kiosk"]))
	for _, secret := range []string{"555-", "Ridge Road", "Signal Mountain", "Refinish"} {
		if strings.Contains(out, secret) {
			t.Errorf("the wall shows %q", secret)
		}
	}
}

// TestFailureClaimsNothing: a server that failed doesn't know whether a change
// was made before.
func TestFailureClaimsNothing(t *testing.T) {
	t.Parallel()
	for _, code := range []int{500, 502, 503} {
		text := views.FailureFor(code, "req-1").Text
		if strings.Contains(text, "Nothing was saved") || !strings.Contains(text, "may not have been saved") {
			t.Errorf("%d: %s", code, text)
		}
	}
}
