package main

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// proof is a test that shows a promise, or a control: a run that must fail.
type proof struct {
	name, file string
	// shows is the first sentence of its comment.
	shows   string
	control bool
}

// named is a test that bears the numbers of promises.
var named = regexp.MustCompile(`^Test((?:P\d\d)+)(Control)?`)

// findTests returns the tests of the repository by promise, in the order of
// their names.
func findTests(root string) (map[int][]proof, error) {
	proofs := make(map[int][]proof)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return readTests(root, path, proofs)
	})
	if err != nil {
		return nil, fmt.Errorf("find the tests: %w", err)
	}
	for _, list := range proofs {
		slices.SortFunc(list, func(a, b proof) int { return strings.Compare(a.name, b.name) })
	}
	return proofs, nil
}

func readTests(root, path string, proofs map[int][]proof) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			continue
		}
		parts := named.FindStringSubmatch(f.Name.Name)
		if parts == nil {
			continue
		}
		p := proof{name: f.Name.Name, file: filepath.ToSlash(name), shows: firstSentence(f), control: parts[2] != ""}
		for digits := range strings.SplitSeq(strings.TrimPrefix(parts[1], "P"), "P") {
			number, err := strconv.Atoi(digits)
			if err != nil {
				return err
			}
			proofs[number] = append(proofs[number], p)
		}
	}
	return nil
}

// firstSentence is that of a function's comment, without the name of the
// function that it may begin with.
func firstSentence(f *ast.FuncDecl) string {
	sentence := new(doc.Package).Synopsis(f.Doc.Text())
	sentence = strings.TrimLeft(strings.TrimPrefix(sentence, f.Name.Name), ": ")
	return sentence
}
