package db

// PlainCell is what a cell of a file is read as.
func PlainCell(cell string) string { return plainCell(cell) }

// BadRowsFile is the file of bad rows of an uploaded one, whose rows are named by
// the lines on which they begin.
func BadRowsFile(content []byte, reasons map[int][]string) ([]byte, error) {
	return badRowsFile(content, reasons)
}
