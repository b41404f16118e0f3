package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	// maxUpload bounds an uploaded file, in bytes: 34,000 jobs take about 6 MB.
	maxUpload = 16 << 20
	// uploadTime bounds how long a file may take to come, checkTime how long its
	// check may take then.
	uploadTime = 2 * time.Minute
	checkTime  = time.Minute
)

// workTime bounds the work on a request, in which a file may have to come first.
func workTime(r *http.Request) time.Duration {
	switch {
	case isUpload(r):
		return turnTime + uploadTime + checkTime
	case strings.HasPrefix(r.URL.Path, exportsPath+"/"):
		return turnTime + exportTime
	case strings.HasPrefix(r.URL.Path, importsPath+"/") && strings.HasSuffix(r.URL.Path, "/bad-rows"):
		return turnTime + checkTime
	}
	return handlerTime
}

// isUpload tells whether a request brings a file, and so may be large and slow.
func isUpload(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == importsPath
}

// uploaded is a file from a form.
type uploaded struct {
	// kind is what the form says that the file holds.
	kind    string
	name    string
	content []byte
}

// uploadsAtOnce bounds the files that are read and checked at a time, because
// they are held in memory.
const uploadsAtOnce = 2

// turnTime bounds how long a file waits for its turn.
const turnTime = 3 * time.Second

// The reasons why a file has no turn.
var (
	errOwnUpload  = errors.New("another file of the same person is being read")
	errAllUploads = fmt.Errorf("files of others are being read: %w", db.ErrUnavailable)
)

// uploadTurn waits until a file may be read; the caller gives the turn back. One
// person has one turn at a time, so that nobody's slow uploads are in the way of
// everybody.
func (h *Handlers) uploadTurn(ctx context.Context, userID string) (giveBack func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	mine, _ := h.uploaders.LoadOrStore(userID, make(chan struct{}, 1))
	own := mine.(chan struct{})
	select {
	case own <- struct{}{}:
	case <-ctx.Done():
		return nil, errOwnUpload
	}
	select {
	case h.uploading <- struct{}{}:
		return func() { <-h.uploading; <-own }, nil
	case <-ctx.Done():
		<-own
		return nil, errAllUploads
	}
}

// noTurn tells in the form why a file was not read.
func (h *Handlers) noTurn(c echo.Context, err error) error {
	if errors.Is(err, errOwnUpload) {
		return h.showImports(c, http.StatusTooManyRequests, "", views.Errors{"file": "Another file of yours is being read. Upload this one when that is done."})
	}
	return h.showImports(c, http.StatusServiceUnavailable, "", views.Errors{"file": "Files of other people are being read. Try again in a minute."})
}

// upload reads the file of the form. It returns *db.Invalid when there is none
// or it is too large.
func upload(c echo.Context) (uploaded, error) {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if r.ContentLength == 0 {
		return uploaded{}, noFile()
	}
	if err != nil || kind != echo.MIMEMultipartForm {
		return uploaded{}, errNotAForm
	}
	// Test recorders have no deadlines; their error changes nothing.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(uploadTime))
	up, err := readUpload(r)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return uploaded{}, &db.Invalid{Field: "file", Message: "The file is larger than " + inMegabytes(maxUpload) + ". Split it, and upload the parts one after the other."}
	}
	return up, err
}

func noFile() error { return &db.Invalid{Field: "file", Message: "Choose a file."} }

// readUpload looks for the part of the form that is the file, and before it for
// what it holds: jobs, if nothing is said.
func readUpload(r *http.Request) (uploaded, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return uploaded{}, errMalformed
	}
	up := uploaded{kind: db.ImportOfJobs}
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return uploaded{}, brokenUpload(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return uploaded{}, brokenUpload(err)
		}
		switch part.FormName() {
		case "kind":
			up.kind = string(content)
		case "file":
			if len(bytes.TrimSpace(content)) == 0 {
				return up, &db.Invalid{Field: "file", Message: "The file is empty, or none was chosen."}
			}
			up.name, up.content = part.FileName(), content
			return up, nil
		}
	}
	return uploaded{}, noFile()
}

// brokenUpload keeps why a body could not be read where it has an answer of its
// own.
func brokenUpload(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("read upload: %v: %w", err, errMalformed)
}

// fileTrouble says why a file is no table, without the names of our acts.
func fileTrouble(err error) string {
	text := err.Error()
	text = strings.TrimSuffix(text, ": "+db.ErrFile.Error())
	for _, kind := range []string{db.ImportOfJobs, db.ImportOfContractors, db.ImportOfRegions} {
		text = strings.TrimPrefix(text, "check import of "+kind+": ")
	}
	return sentence("The file cannot be read: " + text)
}
