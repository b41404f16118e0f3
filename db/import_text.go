package db

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readText reads a whole text file in UTF-8, with or without a byte order mark.
func readText(r io.Reader, most int64) ([]byte, error) {
	raw, err := readAll(r, most)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("it is not UTF-8 text, save it as UTF-8: %w", ErrFile)
	}
	return bytes.TrimPrefix(raw, []byte("\ufeff")), nil
}

func readAll(r io.Reader, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("it is larger than %d MB: %w", most>>20, ErrFile)
	}
	return raw, nil
}

// readTable reads text in the encodings that spreadsheets write: UTF-8 and
// UTF-16, known by their byte order marks, and Windows-1252 for what is no
// UTF-8. Line ends are kept but for lone CRs, which become LFs.
func readTable(r io.Reader, most int64) ([]byte, error) {
	raw, err := readAll(r, most)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) || bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")) {
		return nil, fmt.Errorf("it is a workbook, save the sheet as \"CSV UTF-8\": %w", ErrFile)
	}
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if !bytes.ContainsRune(text, '\n') {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	return text, nil
}

func decode(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return decodeUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return decodeUTF16(raw[2:], binary.BigEndian)
	case utf8.Valid(raw):
		return bytes.TrimPrefix(raw, []byte("\ufeff")), nil
	case bytes.HasPrefix(raw, []byte("\ufeff")):
		return nil, fmt.Errorf("it begins as UTF-8 and goes on as something else: %w", ErrFile)
	case bytes.IndexByte(raw, 0) >= 0:
		return nil, fmt.Errorf("it is not text, save the sheet as \"CSV UTF-8\": %w", ErrFile)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fmt.Errorf("it is in no encoding that we know, save the sheet as \"CSV UTF-8\": %w", ErrFile)
	}
	return text, nil
}

func decodeUTF16(raw []byte, order binary.ByteOrder) ([]byte, error) {
	if len(raw)%2 != 0 {
		return nil, fmt.Errorf("it is cut off in the middle of a character: %w", ErrFile)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}

// hinted takes off the line `sep=;` that spreadsheets write to name the
// separator, but leaves its line end, so that lines count as in the file. It
// returns 0 without that line.
func hinted(text []byte) ([]byte, rune) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	hint := strings.TrimSuffix(string(line), "\r")
	if len(hint) != len("sep=;") || !strings.EqualFold(hint[:4], "sep=") || !strings.Contains(separators, hint[4:]) {
		return text, 0
	}
	return text[len(hint):], rune(hint[4])
}

// separators are what may stand between cells; of equally frequent ones the
// first counts.
const separators = ",;\t"

// separator is the most frequent of the separators in the header.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n"))
	best, most := ',', 0
	for _, s := range separators {
		if n := bytes.Count(header, []byte(string(s))); n > most {
			best, most = s, n
		}
	}
	return best
}
