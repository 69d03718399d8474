package index

import (
	"context"
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scans are the statements that may look at a whole table, with the reason.
var scans = map[string]string{
	`SELECT (SELECT count(*) FROM api_keys WHERE account = $1), (SELECT count(*) FROM api_keys)`: "bounded by MaxKeys, once per key",

	`SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM private_files`: "once per private upload, over what is kept for some days",

	`DELETE FROM samples`:       "of a rebuild",
	`DELETE FROM reports`:       "of a rebuild",
	`DELETE FROM rounds`:        "of a rebuild",
	`DELETE FROM search_terms`:  "of a rebuild",
	`DELETE FROM counts`:        "of a rebuild",
	`DELETE FROM engine_counts`: "of a rebuild",
}

// smallTables have so few rows that nobody looks for an index.
var smallTables = []string{"feed_gaps", "feed_progress", "chain_progress", "schema_version"}

// TestEveryStatementUsesAnIndex asks the planner of the database about each SQL statement
// in the source of this package.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	x := newIndex(t)
	statements := statementsOfPackage(t)
	require.Greater(t, len(statements), 50)
	conn, err := x.write.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	explain := explainSQLite
	if onPostgreSQL {
		explain = explainPostgreSQL
		for _, setting := range []string{"enable_seqscan", "enable_bitmapscan"} {
			_, err = conn.ExecContext(context.Background(), "SET "+setting+" = off")
			require.NoError(t, err)
		}
		_, err = conn.ExecContext(context.Background(), "SET plan_cache_mode = force_generic_plan")
		require.NoError(t, err)
	}
	for where, statement := range statements {
		if scans[statement] != "" || strings.HasPrefix(statement, "SELECT pg_") {
			continue
		}
		for _, step := range explain(t, conn, where, statement) {
			if slices.ContainsFunc(smallTables, func(table string) bool { return strings.Contains(step, table) }) {
				continue
			}
			if reason := fullScan(step); reason != "" {
				t.Errorf("%s: %s: %s\n%s", where, reason, step, statement)
			}
		}
	}
}

func explainSQLite(t *testing.T, conn *sql.Conn, where, statement string) (steps []string) {
	args := make([]any, parameters(statement))
	rows, err := conn.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+statement, args...)
	require.NoError(t, err, "%s: %s", where, statement)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return steps
}

// explainPostgreSQL joins each node with its condition.
func explainPostgreSQL(t *testing.T, conn *sql.Conn, where, statement string) (steps []string) {
	ctx := context.Background()
	_, err := conn.ExecContext(ctx, "PREPARE explained AS "+statement)
	require.NoError(t, err, "%s: %s", where, statement)
	execute := "EXPLAIN EXECUTE explained"
	if n := parameters(statement); n > 0 {
		execute += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
	}
	rows, err := conn.QueryContext(ctx, execute)
	require.NoError(t, err, "%s: %s", where, statement)
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		if strings.Contains(line, " on ") || len(steps) == 0 {
			steps = append(steps, line)
		} else {
			steps[len(steps)-1] += line
		}
	}
	require.NoError(t, rows.Err())
	_, err = conn.ExecContext(ctx, "DEALLOCATE explained")
	require.NoError(t, err)
	return steps
}

// fullScan tells why a step of a plan looks at a whole table, or sorts one.
func fullScan(step string) string {
	switch {
	case strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW":
		return "scans a table"
	case strings.Contains(step, "Seq Scan on "):
		return "scans a table"
	case strings.Contains(step, "Index") && strings.Contains(step, " Scan ") && !strings.Contains(step, "Index Cond"):
		return "scans an index"
	}
	return ""
}

var parameter = regexp.MustCompile(`\$(\d+)`)

func parameters(statement string) (n int) {
	for _, match := range parameter.FindAllStringSubmatch(statement, -1) {
		number, _ := strconv.Atoi(match[1])
		n = max(n, number)
	}
	return n
}

var statementStart = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// statementsOfPackage finds the statements in the source, by where they stand. They are
// constants, as only those can be asked about.
func statementsOfPackage(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	s := statements{constants: make(map[string]ast.Expr), pieces: make(map[string]bool), found: make(map[string]string)}
	var sources []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		require.NoError(t, err)
		sources = append(sources, file)
	}
	for _, file := range sources {
		ast.Inspect(file, s.collect)
	}
	for _, file := range sources {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok && s.pieces[spec.Names[0].Name] {
				return false
			}
			expr, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			text, constant := s.text(expr)
			if constant && statementStart.MatchString(text) {
				position := files.Position(expr.Pos())
				s.found[fmt.Sprintf("%s:%d:%d", position.Filename, position.Line, position.Column)] = text
			}
			return !constant
		})
	}
	return s.found
}

type statements struct {
	constants map[string]ast.Expr
	pieces    map[string]bool // constants that others are made of
	found     map[string]string
}

func (s statements) collect(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.ValueSpec:
		for i, name := range node.Names {
			if i < len(node.Values) {
				s.constants[name.Name] = node.Values[i]
			}
		}
	case *ast.BinaryExpr:
		for _, side := range []ast.Expr{node.X, node.Y} {
			if name, ok := side.(*ast.Ident); ok {
				s.pieces[name.Name] = true
			}
		}
	}
	return true
}

// text evaluates a constant expression of strings.
func (s statements) text(expr ast.Expr) (string, bool) {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(expr.Value)
		return text, err == nil && expr.Kind == token.STRING
	case *ast.Ident:
		value, found := s.constants[expr.Name]
		if !found {
			return "", false
		}
		return s.text(value)
	case *ast.BinaryExpr:
		left, ok := s.text(expr.X)
		right, ok2 := s.text(expr.Y)
		return left + right, ok && ok2 && expr.Op == token.ADD
	}
	return "", false
}
