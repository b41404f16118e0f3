package db

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// ErrPassword: the password breaks the rule; the text around it says how.
var ErrPassword = errors.New("password refused")

// The bounds of a password, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckPasswordRule returns an ErrPassword that says why password is not good
// enough for the account of email, or nil. It is asked when a password is
// chosen, never when one is tried.
func CheckPasswordRule(password, email string) error {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(strings.TrimSpace(password))
	switch {
	case !utf8.ValidString(password):
		return fmt.Errorf("not valid text: %w", ErrPassword)
	case n < MinPassword:
		return fmt.Errorf("shorter than %d characters: %w", MinPassword, ErrPassword)
	case n > MaxPassword:
		return fmt.Errorf("longer than %d characters: %w", MaxPassword, ErrPassword)
	case distinct(lower) < 5:
		return fmt.Errorf("too few different characters: %w", ErrPassword)
	case lower == strings.ToLower(email), slices.Contains(strings.Fields(commonPasswords), lower):
		return fmt.Errorf("among the first that others would try: %w", ErrPassword)
	}
	return nil
}

func distinct(s string) int {
	seen := make(map[rune]bool)
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// HashPassword returns the argon2id hash of a password. It takes 19 MiB and
// some 20 ms of a core, so callers that strangers can reach bound how many run
// at once.
func HashPassword(password string) (string, error) {
	// The library's own defaults follow the machine's core count.
	hash, err := argon2id.CreateHash(password, &argon2id.Params{
		Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32,
	})
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// nobodysHash has the cost of a real hash and no known password.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// PasswordMatches tells whether password is the one of hash. An empty hash
// never matches and takes as long, so that the time does not tell whether an
// account exists.
func PasswordMatches(password, hash string) (bool, error) {
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, nobodysHash)
		return false, err
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return match, nil
}
