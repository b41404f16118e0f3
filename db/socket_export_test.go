package db

import "database/sql/driver"

// NewConnector is what the pool of a DB opens its connections with.
func NewConnector(dsn string) (driver.Connector, error) {
	dsn, err := withSettings(dsn)
	if err != nil {
		return nil, err
	}
	return newConnector(dsn, true)
}
