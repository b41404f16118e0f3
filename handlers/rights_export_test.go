package handlers

import "context"

// CheckRights is one look of WatchRights.
func (h *Handlers) CheckRights(ctx context.Context) error { return h.checkRights(ctx) }
