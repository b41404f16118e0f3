package broker

import "net/http"

// WrapLibrary puts a handler of a test between the taps and the SSE library.
// Call it before the first connection.
func WrapLibrary(b *Broker, wrap func(http.Handler) http.Handler) {
	b.library.handler = wrap(b.library.handler)
}

// Topics counts the topics that are kept.
func Topics(b *Broker) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.topics)
}
