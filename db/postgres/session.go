package postgres

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
)

// maxMessage bounds one message of the server; ours are a few bytes.
const maxMessage = 1 << 20

// ensureDatabase makes Database if the cluster has none.
func (s *Server) ensureDatabase(ctx context.Context) error {
	found, err := s.ask(ctx, "postgres", "select 1 from pg_database where datname = '"+Database+"'")
	if err != nil {
		return fmt.Errorf("look for database %s: %w", Database, err)
	}
	if found != "" {
		return nil
	}
	if _, err := s.ask(ctx, "postgres", "create database "+Database); err != nil {
		return fmt.Errorf("create database %s: %w", Database, err)
	}
	return nil
}

// ask runs one statement in a session of its own and returns the first column
// of the first row, or "". It speaks the few words of the wire protocol that
// this takes, so that the supervisor needs no driver, which belongs to db.
func (s *Server) ask(ctx context.Context, database, statement string) (string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join(s.socket, ".s.PGSQL."+s.port))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()

	startup := binary.BigEndian.AppendUint32(nil, 3<<16) // protocol 3.0
	startup = append(startup, "user\x00"+Owner+"\x00database\x00"+database+"\x00\x00"...)
	if _, err := conn.Write(sized(startup)); err != nil {
		return "", err
	}
	r := bufio.NewReader(conn)
	if _, err := readAnswer(r); err != nil {
		return "", err
	}
	if _, err := conn.Write(append([]byte{'Q'}, sized([]byte(statement+"\x00"))...)); err != nil {
		return "", err
	}
	return readAnswer(r)
}

// sized puts the length, which counts itself, before a message.
func sized(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message)+4)), message...)
}

// readAnswer reads to the end of the server's answer and returns the first
// column of the first row.
func readAnswer(r *bufio.Reader) (string, error) {
	value := ""
	var failed error
	for {
		kind, body, err := readMessage(r)
		if err != nil {
			return "", errors.Join(failed, err)
		}
		switch kind {
		case 'R':
			if len(body) < 4 || binary.BigEndian.Uint32(body) != 0 {
				return "", errors.New("the server wants a password")
			}
		case 'D':
			if value == "" {
				value = firstColumn(body)
			}
		case 'E':
			failed = errors.New(errorText(body))
		case 'Z':
			return value, failed
		}
	}
}

func readMessage(r *bufio.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > maxMessage {
		return 0, nil, fmt.Errorf("message of %d bytes", size)
	}
	body = make([]byte, size-4)
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}

func firstColumn(row []byte) string {
	if len(row) < 6 {
		return ""
	}
	size := int(int32(binary.BigEndian.Uint32(row[2:])))
	if size < 0 || size > len(row)-6 {
		return ""
	}
	return string(row[6 : 6+size])
}

// errorText is the message field of an error.
func errorText(body []byte) string {
	for _, field := range strings.Split(string(body), "\x00") {
		if text, ok := strings.CutPrefix(field, "M"); ok {
			return text
		}
	}
	return "the server answered with an error"
}
