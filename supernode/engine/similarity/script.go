package similarity

import (
	"bytes"
	"strings"
)

const (
	// minTokens of a script, and how many kinds of them: prose has few.
	minTokens     = 60
	minTokenKinds = 8
	// maxScriptBytes of a script are read.
	maxScriptBytes = 4 << 20
)

// scriptTags are the types that are read as scripts; csv is what code may look like.
var scriptTags = setOf("shell python perl ruby php javascript powershell html text csv lua")

func isScript(tag string) bool { return scriptTags[tag] }

// isWide tells UTF-16 by its mark.
func isWide(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
}

// Comments of all languages together: what a text says of its language is too easy to
// change. What is lost where a sign means something else is lost in all copies.
var (
	lineComments      = []string{"#", "//"}
	lineStartComments = []string{"'", "::", "rem "} // Visual Basic and batch
	blockComments     = [3][2]string{{"/*", "*/"}, {"<!--", "-->"}, {"<#", "#>"}}
)

// keywords are the words of the languages themselves, which nobody can rename.
var keywords = setOf(`and as async await begin break byref byval case catch class const continue declare def default del delete dim do done
	echo elif else elseif elsif end endif except exit export extends false fi finally for foreach from function global goto if import in
	instanceof is lambda let local loop my namespace new next nil none not null on or package param pass print private process
	public raise redim require rescue resume return select self set static step sub super switch then this throw to true try type
	typeof undef unless until use using var void wend while with yield`)

// Classes of tokens; keywords and signs stand for themselves.
const (
	identifier = "i"
	literal    = "s"
)

// structureOfScript is the skeleton of its text: names, strings and numbers become
// classes, comments and white space go, and a list or sum of literals is one literal.
func structureOfScript(content []byte, tag string) (structure, bool) {
	s := structure{kind: "script"}
	text := withoutTail(content, tag)
	if formatEnd(text, tag) < len(text) {
		return s, false // what unpacks itself begins like all that do
	}
	text = text[:min(len(text), maxScriptBytes)]
	if isWide(text) {
		text = bytes.ReplaceAll(text[2:], []byte{0}, nil)
	}
	l := lexer{text: lower(text)}
	for {
		token, ok := l.next()
		if !ok {
			break
		}
		s.parts = appendToken(s.parts, token)
	}
	return s, len(s.parts) >= minTokens && len(sorted(s.parts)) >= minTokenKinds
}

// lower changes ASCII only: what is beyond depends on the version of Unicode.
func lower(text []byte) []byte {
	text = bytes.Clone(text)
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
	}
	return text
}

// appendToken joins literals that are only listed or put together.
func appendToken(tokens []string, token string) []string {
	n := len(tokens)
	if token != literal || n == 0 {
		return append(tokens, token)
	}
	if tokens[n-1] == literal {
		return tokens
	}
	if n >= 2 && tokens[n-2] == literal && strings.Contains(",+.&", tokens[n-1]) {
		return tokens[:n-1]
	}
	return append(tokens, token)
}

// lexer splits lower-cased text in the way that all the languages have in common.
type lexer struct {
	text []byte
	at   int
	// unclosed tells which block comments have no end any more.
	unclosed [3]bool
}

// next skips white space and comments and returns a token.
func (l *lexer) next() (string, bool) {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case l.comment():
		case c <= ' ' || c == 0x7f:
			l.at++
		case isDigit(c):
			l.word()
			return literal, true
		case isWord(c):
			if word := l.word(); keywords[word] {
				return word, true
			}
			return identifier, true
		case c == '"' || c == '\'' || c == '`':
			l.quoted(c)
			return literal, true
		default:
			l.at++
			return string(rune(c)), true
		}
	}
	return "", false
}

// comment skips one comment, if one begins here. A sign inside of a word or expression
// begins none: $#, http://, a[#b].
func (l *lexer) comment() bool {
	rest := l.text[l.at:]
	if l.at > 0 && l.text[l.at-1] > ' ' && strings.IndexByte(";{}),", l.text[l.at-1]) < 0 {
		return false
	}
	for i, pair := range blockComments {
		if l.unclosed[i] || !bytes.HasPrefix(rest, []byte(pair[0])) {
			continue
		}
		if end := bytes.Index(rest, []byte(pair[1])); end >= 0 {
			l.at += end + len(pair[1])
			return true
		}
		l.unclosed[i] = true
	}
	if !hasAnyPrefix(rest, lineComments) && !(l.atLineStart() && hasAnyPrefix(rest, lineStartComments)) {
		return false
	}
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	l.at += end
	return true
}

func (l *lexer) atLineStart() bool {
	before := bytes.TrimRight(l.text[max(0, l.at-64):l.at], " \t")
	return len(before) == 0 || before[len(before)-1] == '\n'
}

func hasAnyPrefix(text []byte, prefixes []string) bool {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return true
		}
	}
	return false
}

// word reads letters, digits, underscores and whatever is not ASCII.
func (l *lexer) word() string {
	start := l.at
	for l.at < len(l.text) && isWord(l.text[l.at]) {
		l.at++
	}
	return string(l.text[start:min(l.at, start+32)])
}

// quoted reads a string to its end or, in one that is not closed, to that of its line.
// Three quotes enclose several lines.
func (l *lexer) quoted(quote byte) {
	three := bytes.Repeat([]byte{quote}, 3)
	if bytes.HasPrefix(l.text[l.at:], three) {
		if end := bytes.Index(l.text[l.at+3:], three); end >= 0 {
			l.at += end + 6
			return
		}
	}
	for l.at++; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case quote:
			l.at++
			return
		case '\n':
			if quote != '`' {
				return
			}
		}
	}
	l.at = len(l.text)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'z' || c == '_' || c >= 0x80 }
