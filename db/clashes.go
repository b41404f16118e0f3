package db

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Clashes is the error of a command that would go against jobs which are
// booked, and that nobody has confirmed yet. It changed nothing.
type Clashes struct {
	// Cards are the jobs, by start.
	Cards []Card
}

// Error implements error.
func (c *Clashes) Error() string { return fmt.Sprintf("%d booked jobs are in the way", len(c.Cards)) }

// Digest stands for exactly these jobs at these times: who confirms it has
// seen them all.
func (c *Clashes) Digest() string {
	var b strings.Builder
	for _, card := range c.Cards {
		fmt.Fprintf(&b, "%s %d %d\n", card.AssignmentID, card.Start.Time.Unix(), card.End.Time.Unix())
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// unless is nil when there is no clash, or when exactly these were confirmed.
func (c *Clashes) unless(confirmed string) error {
	if len(c.Cards) == 0 || confirmed == c.Digest() {
		return nil
	}
	return c
}
