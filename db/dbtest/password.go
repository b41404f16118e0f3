package dbtest

import (
	"testing"

	"github.com/alexedwards/argon2id"
)

// QuickHash returns a hash of a password that is compared in no time: the work
// of a comparison stands in the hash itself. Signing in with it goes the same
// way as with any other.
func QuickHash(t testing.TB, password string) string {
	t.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
