package handlers

import (
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
)

const (
	// maxFields leaves room for a contractor with every skill and its last day.
	maxFields = 500
	// maxText bounds one text but the notes of a job and the postcodes of a
	// region, in characters; maxPostcodes fits into a body with every line end
	// written as six bytes.
	maxText      = 2000
	maxPostcodes = 24000
)

// Form is the checked fields of a request: each was given once, is valid text
// of at most as many characters as mostText says, and has no control character but LF. The values
// of a field of many, see isList, stand one a line.
type Form map[string]string

// isList tells which fields may be given more than once: check boxes.
func isList(name string) bool {
	return name == "skills" || name == "serves" || name == "regions" || name == "release" || name == "receipt"
}

// All returns the values of a field of many.
func (f Form) All(name string) []string {
	if f[name] == "" {
		return nil
	}
	return strings.Split(f[name], "\n")
}

// Get returns a field without the white space around it, "" when it is absent.
func (f Form) Get(name string) string { return strings.TrimSpace(f[name]) }

// Raw returns a field as it was typed; for passwords.
func (f Form) Raw(name string) string { return f[name] }

// form reads the fields of the body. Its error is answered with 400, 413, 415
// or 422.
func form(c echo.Context) (Form, error) {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if r.ContentLength != 0 && (err != nil || kind != echo.MIMEApplicationForm) {
		return nil, errNotAForm
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	f, err := parseFields(string(body))
	if err != nil {
		return nil, err
	}
	f.takeInstead()
	c.Set(formKey, f)
	return f, nil
}

// formKey keeps the form that was read, because a body can be read only once.
const formKey = "form"

// query reads the fields of the address by the same rules.
func query(c echo.Context) (Form, error) { return parseFields(c.Request().URL.RawQuery) }

func parseFields(encoded string) (Form, error) {
	if strings.Count(encoded, "&") >= maxFields {
		return nil, &db.Invalid{Message: fmt.Sprintf("more than %d fields", maxFields)}
	}
	values, err := url.ParseQuery(encoded)
	if err != nil {
		return nil, errMalformed
	}
	f := make(Form, len(values))
	for name, list := range values {
		if _, err := cleanText(name, maxText); err != nil {
			return nil, &db.Invalid{Message: "a field's name is not plain text"}
		}
		if isList(name) {
			list = []string{strings.Join(list, "\n")}
		}
		if len(list) > 1 {
			return nil, &db.Invalid{Field: name, Message: "given more than once"}
		}
		text, err := cleanText(list[0], mostText(name))
		if err != nil {
			return nil, &db.Invalid{Field: name, Message: err.Error()}
		}
		f[name] = text
	}
	return f, nil
}

// mostText is how many characters a field may have.
func mostText(name string) int {
	switch name {
	case "notes":
		return db.MaxNotes
	case "postcodes":
		return maxPostcodes
	case "receipt":
		return maxReceipts * 80
	}
	return maxText
}

// cleanText returns s with line ends as LF, or says what is wrong with it.
func cleanText(s string, most int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("not valid text")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if utf8.RuneCountInString(s) > most {
		return "", fmt.Errorf("longer than %d characters", most)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		return "", fmt.Errorf("contains a control character")
	}
	return s, nil
}

// pathID returns a UUID from the route, or ErrNotFound for anything else.
func pathID(c echo.Context, name string) (string, error) {
	id, err := uuid.Parse(c.Param(name))
	if err != nil {
		return "", fmt.Errorf("id in the address: %w", db.ErrNotFound)
	}
	return id.String(), nil
}
