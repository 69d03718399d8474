package pagerules

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Bounds of what is kept of a page. What goes beyond is not looked at.
const (
	maxTokenBytes = 2 << 20
	maxText       = 512 << 10
	maxScript     = 4 << 20 // of all scripts together
	maxElements   = 2000    // of each kind
	maxTitle      = 512
)

// page is what the rules see of a document.
type page struct {
	title   string
	heading string // of h1 and h2
	text    string
	scripts string   // inline code, one script per line
	sources []string // of scripts
	forms   []form
	frames  []frame
	refresh string // target of a meta refresh within maxRefreshSeconds, as written
	base    string
}

type form struct {
	action   string
	password bool
}

type frame struct {
	source string
	hidden bool
}

// maxRefreshSeconds is when people have not begun to read yet.
const maxRefreshSeconds = 5

// reading is a document that is being read.
type reading struct {
	page
	text, heading, scripts strings.Builder
	inside                 []atom.Atom // elements whose text matters
	form                   *form
}

// read takes a document apart. HTML cannot be wrong; a token that is too large ends it.
func read(body []byte) page {
	tokens := html.NewTokenizer(bytes.NewReader(body))
	tokens.SetMaxBuf(maxTokenBytes)
	var r reading
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break // the end, or a token that is too large
		}
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(tokens.Token(), kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			r.close(tokens.Token().DataAtom)
		case html.TextToken:
			r.read(string(tokens.Text()))
		}
	}
	if r.form != nil {
		r.forms = append(r.forms, *r.form)
	}
	p := r.page
	p.text, p.heading, p.scripts = r.text.String(), r.heading.String(), r.scripts.String()
	return p
}

func attributes(token html.Token) map[string]string {
	values := make(map[string]string, len(token.Attr))
	for _, a := range token.Attr {
		if _, again := values[a.Key]; !again {
			values[a.Key] = strings.TrimSpace(a.Val)
		}
	}
	return values
}

func (r *reading) open(token html.Token, closed bool) {
	a := attributes(token)
	switch token.DataAtom {
	case atom.Title, atom.H1, atom.H2, atom.Script, atom.Style:
		if !closed {
			r.inside = []atom.Atom{token.DataAtom}
		}
		if source := a["src"]; token.DataAtom == atom.Script && source != "" && len(r.sources) < maxElements {
			r.sources = append(r.sources, source)
		}
	case atom.Base:
		if r.base == "" {
			r.base = a["href"]
		}
	case atom.Meta:
		if strings.EqualFold(a["http-equiv"], "refresh") && r.refresh == "" {
			r.refresh = refreshTarget(a["content"])
		}
	case atom.Form:
		if r.form != nil && len(r.forms) < maxElements {
			r.forms = append(r.forms, *r.form)
		}
		r.form = &form{action: a["action"]}
	case atom.Input:
		if strings.EqualFold(a["type"], "password") {
			if r.form == nil {
				r.form = &form{}
			}
			r.form.password = true
		}
	case atom.Iframe, atom.Frame, atom.Embed, atom.Object:
		source := a["src"]
		if source == "" {
			source = a["data"]
		}
		if source != "" && len(r.frames) < maxElements {
			r.frames = append(r.frames, frame{source, isHidden(a)})
		}
	}
}

func (r *reading) close(element atom.Atom) {
	if element == atom.Form && r.form != nil {
		if len(r.forms) < maxElements {
			r.forms = append(r.forms, *r.form)
		}
		r.form = nil
	}
	if len(r.inside) > 0 && r.inside[0] == element {
		r.inside = nil
	}
}

func (r *reading) read(text string) {
	switch {
	case slices.Contains(r.inside, atom.Style):
	case slices.Contains(r.inside, atom.Script):
		if r.scripts.Len()+len(text) <= maxScript {
			r.scripts.WriteString(text + "\n")
		}
	case slices.Contains(r.inside, atom.Title):
		if r.title == "" {
			r.title = titleOf(html.UnescapeString(text))
		}
	default:
		text = html.UnescapeString(text) + " "
		if len(r.inside) > 0 && r.heading.Len()+len(text) <= maxText {
			r.heading.WriteString(text)
		}
		if r.text.Len()+len(text) <= maxText {
			r.text.WriteString(text)
		}
	}
}

// titleOf is a title as it can be stored and shown: on one line, without the characters that
// nobody sees, such as those that turn the direction of writing.
func titleOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return cut(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")), maxTitle)
}

func cut(text string, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "")
	}
	return strings.ToValidUTF8(text, "")
}

// refreshTarget reads "0; url=http://…".
func refreshTarget(content string) string {
	delay, target, found := strings.Cut(content, ";")
	if !found {
		delay, target, found = strings.Cut(content, ",")
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(delay), 64)
	if err != nil || !found || seconds > maxRefreshSeconds {
		return ""
	}
	name, value, found := strings.Cut(target, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "url") {
		return ""
	}
	return strings.Trim(strings.TrimSpace(value), `'"`)
}

// isHidden tells whether nobody sees a frame.
func isHidden(a map[string]string) bool {
	tiny := func(size string) bool {
		size = strings.TrimSuffix(strings.TrimSpace(size), "px")
		return size == "0" || size == "1"
	}
	style := strings.ToLower(strings.ReplaceAll(a["style"], " ", ""))
	_, hidden := a["hidden"]
	return hidden || tiny(a["width"]) && a["width"] != "" || tiny(a["height"]) && a["height"] != "" ||
		strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") ||
		strings.Contains(style, "width:0") || strings.Contains(style, "height:0") || strings.Contains(style, "left:-")
}

// resolve makes an absolute URL of a reference, as browsers do with the page's base.
func (p *page) resolve(at weburl.URL, reference string) (weburl.URL, bool) {
	base, err := url.Parse(at.String())
	if err != nil {
		return weburl.URL{}, false
	}
	if p.base != "" {
		if own, err := base.Parse(p.base); err == nil {
			base = own
		}
	}
	target, err := base.Parse(reference)
	if err != nil {
		return weburl.URL{}, false
	}
	u, err := weburl.Parse(target.String())
	return u, err == nil
}
