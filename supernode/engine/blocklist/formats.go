package blocklist

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// Formats of list files. In all of them empty lines and lines that begin with # or ; are
// comments; ! begins one in AdBlock lists.
var Formats = []string{
	"hosts",   // hosts(5): an address and names; names of this machine are skipped
	"domains", // one name or address per line, "*." before it is fine
	"urls",    // one URL per line
	"hashes",  // one SHA-256 or MD5 per line, then optionally a name, as sha256sum prints
	"adblock", // ||domain^ rules; rules of other forms and exceptions (@@) are skipped
	"rpz",     // response policy zone: owner names of CNAME, A and AAAA records
	"csv",     // a header line, as a comment too, and a column; quoted as in URLhaus
	"misp",    // JSON of a MISP warning list: the strings of "list"
}

const maxLineBytes = 64 << 10

// reader turns one line into entries. It returns false for a line it cannot read.
type reader func(b *builder, line string) (bool, error)

var readers = map[string]reader{
	"hosts":   readHosts,
	"domains": func(b *builder, line string) (bool, error) { return b.addHost(firstWord(line)) },
	"urls":    func(b *builder, line string) (bool, error) { return b.addURL(firstWord(line)) },
	"hashes": func(b *builder, line string) (bool, error) {
		hash, name, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
		return b.addHash(hash, strings.TrimLeft(name, " *"))
	},
	"adblock": readAdblock,
	"rpz":     readZone,
}

// headBytes of a file decide its format.
const headBytes = 16 << 10

// recognise names the format of a file by its beginning; empty when nothing fits.
func recognise(head []byte) string {
	if strings.HasPrefix(strings.TrimSpace(string(head)), "{") {
		return "misp"
	}
	for line := range strings.Lines(string(head)) {
		line = strings.TrimSpace(line)
		header := strings.Split(strings.ToLower(strings.TrimLeft(line, "# ")), ",")
		switch {
		case len(header) > 2 && slices.Contains(header, "url"), strings.HasPrefix(line, `"`):
			return "csv"
		case strings.HasPrefix(line, "||"), strings.HasPrefix(strings.ToLower(line), "[adblock"):
			return "adblock"
		case isComment(line):
			continue
		case strings.HasPrefix(line, "$TTL"), strings.HasPrefix(line, "$ORIGIN"), strings.Contains(line, " SOA "), strings.Contains(line, " CNAME "):
			return "rpz"
		}
		words := strings.Fields(line)
		if _, err := netip.ParseAddr(words[0]); err == nil && len(words) > 1 {
			return "hosts"
		}
		var trial builder
		if ok, _ := trial.addHash(words[0], ""); ok {
			return "hashes"
		}
		if strings.Contains(words[0], "/") {
			return "urls"
		}
		return "domains"
	}
	return ""
}

func isComment(line string) bool {
	return line == "" || strings.IndexByte("#;!", line[0]) >= 0
}

// readList adds the entries of one file. Of the lines, nine of ten have to make sense:
// what came instead of a list, such as an error page, is refused.
func readList(b *builder, list List, from io.Reader) error {
	in := bufio.NewReaderSize(from, maxLineBytes)
	head, err := in.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) == 0 {
		return errors.New("file is empty")
	}
	if isHTML(head) {
		return errors.New("file is a web page")
	}
	b.begin(list)
	format := list.Format
	if format == "" {
		format = recognise(head)
	}
	switch format {
	case "":
		return nil // comments only
	case "csv":
		err = readCSV(b, in)
	case "misp":
		err = readWarningList(b, in)
	default:
		err = readLines(b, in, readers[format])
	}
	if err != nil {
		return fmt.Errorf("as %s: %w", format, err)
	}
	if b.unread > 0 && b.read < 9*b.unread {
		return fmt.Errorf("as %s: %d of %d lines cannot be read", format, b.unread, b.read+b.unread)
	}
	return nil
}

func (b *builder) count(ok bool) {
	if ok {
		b.read++
	} else {
		b.unread++
	}
}

func readLines(b *builder, in io.Reader, read reader) error {
	return eachLine(in, func(line string) error {
		if isComment(line) {
			return nil
		}
		ok, err := read(b, line)
		b.count(ok)
		return err
	})
}

// eachLine leaves out empty lines, white space around others, and a byte order mark.
func eachLine(in io.Reader, do func(line string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" {
			continue
		}
		if err := do(line); err != nil {
			return err
		}
	}
	return lines.Err()
}

func firstWord(line string) string {
	if i := strings.IndexAny(line, " \t,"); i >= 0 {
		return line[:i]
	}
	return line
}

// ownNames stand in every hosts file.
var ownNames = []string{"localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0"}

func readHosts(b *builder, line string) (bool, error) {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if _, err := netip.ParseAddr(words[0]); err != nil || len(words) == 1 {
		return false, nil
	}
	for _, name := range words[1:] {
		if slices.Contains(ownNames, name) {
			continue
		}
		if ok, err := b.addHost(name); !ok || err != nil {
			return ok, err
		}
	}
	return true, nil
}

// readAdblock takes the rules that block a whole domain.
func readAdblock(b *builder, line string) (bool, error) {
	rule, ok := strings.CutPrefix(line, "||")
	if !ok {
		return true, nil // cosmetic rules, exceptions, headers: another matter
	}
	rule, options, _ := strings.Cut(rule, "$")
	if strings.Contains(options, "domain=") {
		return true, nil // only on some pages
	}
	domain, rest, _ := strings.Cut(rule, "^")
	if rest != "" || strings.ContainsAny(domain, "*/:") {
		return true, nil
	}
	return b.addHost(domain)
}

// readZone takes the owners of records that change an answer. A passthru is an exception.
func readZone(b *builder, line string) (bool, error) {
	line, _, _ = strings.Cut(line, ";")
	words := strings.Fields(line)
	if len(words) == 0 || strings.HasPrefix(words[0], "$") || strings.HasPrefix(words[0], "@") {
		return true, nil
	}
	at := slices.IndexFunc(words, func(w string) bool { return slices.Contains([]string{"CNAME", "A", "AAAA"}, strings.ToUpper(w)) })
	if at < 1 || at+1 >= len(words) || strings.HasPrefix(words[at+1], "rpz-passthru") {
		return true, nil // SOA, NS and what continues them
	}
	owner := strings.TrimSuffix(words[0], ".")
	if strings.Contains(owner, ".rpz-") || !strings.Contains(owner, ".") {
		return true, nil // triggers by address or name server
	}
	return b.addHost(owner)
}

// isHTML tells an error page from a list that only looks odd.
func isHTML(head []byte) bool {
	head = bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 512)]))
	return bytes.HasPrefix(head, []byte("<!doctype")) || bytes.HasPrefix(head, []byte("<html"))
}
