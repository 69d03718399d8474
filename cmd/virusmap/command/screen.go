package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"text/tabwriter"
	"unicode"

	"github.com/fatih/color"
	"github.com/mattn/go-isatty"
)

// screen writes results to stdout and progress to stderr. It is safe for concurrent use.
type screen struct {
	mu       sync.Mutex
	out, err io.Writer
	asJSON   bool
	colours  bool
	// live tells that stderr is a terminal.
	live bool
	// clear removes a progress bar before a line is written.
	clear func()
}

func newScreen(stdout, stderr io.Writer, asJSON bool) *screen {
	return &screen{
		out: stdout, err: stderr, asJSON: asJSON,
		colours: isTerminal(stdout) && os.Getenv("NO_COLOR") == "",
		live:    isTerminal(stderr) && !asJSON,
		clear:   func() {},
	}
}

func isTerminal(writer io.Writer) bool {
	file, ok := writer.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// put writes one result: as a line of JSON, or as text, which must be printable.
func (s *screen) put(value any, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	if !s.asJSON {
		_, err := fmt.Fprintln(s.out, text)
		return err
	}
	encoder := json.NewEncoder(s.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// table aligns rows by column and colours whole rows, so that colour codes do not
// count as width.
func (s *screen) table(rows [][]string, colour func(row int) *color.Color) string {
	var aligned strings.Builder
	writer := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', tabwriter.StripEscape)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
		}
		fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	writer.Flush()
	lines := strings.Split(strings.TrimSuffix(aligned.String(), "\n"), "\n")
	for i, line := range lines {
		lines[i] = s.paint(colour(i), strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

func (s *screen) paint(colour *color.Color, text string) string {
	if !s.colours || colour == nil {
		return text
	}
	colour.EnableColor()
	return colour.Sprint(text)
}

// verdictColour is that of a category or an outcome; nil for none.
func verdictColour(name string) *color.Color {
	switch name {
	case "malicious":
		return color.New(color.FgRed)
	case "suspicious", "invalid":
		return color.New(color.FgYellow)
	case "clean", "harmless":
		return color.New(color.FgGreen)
	case "undetected", "":
		return nil
	default:
		return color.New(color.Faint)
	}
}

// printable makes text from outside one line that is harmless for a terminal: control
// characters, escape sequences and invisible marks become the replacement character.
func printable(text string) string {
	text = strings.ReplaceAll(text, "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}
