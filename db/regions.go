package db

// regionMapCache is filled in regions.go.
type regionMapCache struct{}
