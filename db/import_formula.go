package db

import "strings"

// isFormula tells whether a spreadsheet would run a cell instead of showing it.
func isFormula(cell string) bool {
	if cell == "" || !strings.ContainsRune("=@+-\t\r", rune(cell[0])) {
		return false
	}
	return !plainNumber.MatchString(cell)
}

// NeutralCell returns a cell as it may stand in a file that spreadsheets open:
// what would run as a formula gets an apostrophe before it. Reading such a file
// takes the apostrophe off again.
func NeutralCell(cell string) string {
	if isFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// cellText is what a cell of a file says, without white space around it, which
// may also stand behind an apostrophe.
func cellText(cell string) string { return strings.TrimSpace(plainCell(strings.TrimSpace(cell))) }

// plainCell takes off what NeutralCell put before a cell.
func plainCell(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}
