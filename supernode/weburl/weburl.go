package weburl

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxBytes bounds a URL as it is handed in, and its canonical text.
const MaxBytes = 8 << 10

// URL is a URL in canonical form. Make one with Parse.
type URL struct {
	Scheme string // http, https or ftp
	// User is what stands before the @, as it is in the text; empty for none.
	User string
	// Host is a name in ASCII, or an IP address without brackets.
	Host string
	// Address is the host as an IP address; invalid when it is a name.
	Address netip.Addr
	// Port is empty when it is the scheme's own.
	Port string
	// Path begins with a slash.
	Path string
	// Query begins with a question mark, or is empty when there is none.
	Query string
	// Disguised tells that the host was written so that a reader could not tell it: percent
	// encoded, or as an IPv4 address that is not four decimal numbers. The canonical text
	// does not show it any more.
	Disguised bool
}

// defaultPorts of the schemes that are taken.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ftp": "21"}

// fangs are the schemes of defanged URLs.
var fangs = map[string]string{"hxxp": "http", "hxxps": "https", "fxp": "ftp"}

// Parse brings a URL into its canonical form. Errors tell what is wrong with the text.
func Parse(text string) (URL, error) {
	if len(text) > MaxBytes {
		return URL{}, fmt.Errorf("URL of %d bytes, at most %d", len(text), MaxBytes)
	}
	text = strings.Trim(text, " \t\r\n\f\v")
	if err := checkText(text); err != nil {
		return URL{}, err
	}
	scheme, rest, err := cutScheme(text)
	if err != nil {
		return URL{}, err
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, asked := strings.Cut(rest, "?")
	rest = strings.TrimLeft(strings.ReplaceAll(rest, `\`, "/"), "/")
	authority, path, _ := strings.Cut(rest, "/")

	u := URL{Scheme: scheme, Path: removeDotSegments("/" + normalise(path, inPath))}
	if asked {
		u.Query = "?" + normalise(query, inQuery)
	}
	if err := u.readAuthority(authority); err != nil {
		return URL{}, err
	}
	if size := len(u.String()); size > MaxBytes {
		return URL{}, fmt.Errorf("URL of %d bytes in its canonical form, at most %d", size, MaxBytes)
	}
	return u, nil
}

// Canonical is the text of Parse.
func Canonical(text string) (string, error) {
	u, err := Parse(text)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// String is the canonical text.
func (u URL) String() string {
	text := u.Scheme + "://"
	if u.User != "" {
		text += u.User + "@"
	}
	return text + u.HostPort() + u.Path + u.Query
}

// HostPort is the authority without userinfo, as it stands in the text.
func (u URL) HostPort() string {
	host := u.Host
	if u.Address.Is6() {
		host = "[" + host + "]"
	}
	if u.Port != "" {
		host += ":" + u.Port
	}
	return host
}

// ID is the SHA-256 of the canonical text: the URL's id in VirusTotal's API, and its
// sample's hash on chain.
func (u URL) ID() [32]byte { return sha256.Sum256([]byte(u.String())) }

// EffectivePort is the port that a client connects to.
func (u URL) EffectivePort() string {
	if u.Port != "" {
		return u.Port
	}
	return defaultPorts[u.Scheme]
}

func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("URL is not UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return fmt.Errorf("URL holds white space or a control character (%U)", r)
		}
	}
	return nil
}

// cutScheme splits off the scheme. What stands before a colon is only one when it is known,
// or when it can be nothing else: "host:8080/" has none.
func cutScheme(text string) (scheme, rest string, err error) {
	text = strings.Replace(text, "[://]", "://", 1)
	head := text[:len(text)-len(strings.TrimLeft(text, "/\\"))]
	end := strings.IndexAny(text[len(head):], `/\?#@`)
	if end < 0 {
		end = len(text) - len(head)
	}
	first := refang(text[len(head) : len(head)+end])
	name, after, found := strings.Cut(first, ":")
	name = strings.ToLower(name)
	if real, fanged := fangs[name]; fanged {
		name = real
	}
	rest = text[len(head)+end:]
	switch _, known := defaultPorts[name]; {
	case found && known && head == "":
		return name, after + rest, nil
	case found && !strings.HasPrefix(first, "[") && (!isPort(after) || after == "" && strings.HasPrefix(rest, "//")):
		return "", "", fmt.Errorf("scheme %.32q is none of http, https, ftp", name)
	case len(head) == 1:
		return "", "", errors.New("URL has no host")
	}
	return "http", first + rest, nil
}

func isPort(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}

// refang undoes how people write URLs that nobody shall click on.
var refang = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", "(DOT)", ".",
	"[:]", ":", "(:)", ":",
).Replace

func (u *URL) readAuthority(authority string) error {
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		u.User, authority = normalise(authority[:at], inUser), authority[at+1:]
	}
	host, port, err := splitPort(refang(authority))
	if err != nil {
		return err
	}
	if port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("port %.16q is not in 0..65535", port)
		}
		if port = strconv.FormatUint(number, 10); port != defaultPorts[u.Scheme] {
			u.Port = port
		}
	}
	return u.readHost(host)
}

// splitPort knows that the colons of an IPv6 address are none before a port.
func splitPort(authority string) (host, port string, err error) {
	if inside, ok := strings.CutPrefix(authority, "["); ok {
		address, after, closed := strings.Cut(inside, "]")
		port, colon := strings.CutPrefix(after, ":")
		if !closed || (after != "" && !colon) || !isPort(port) {
			return "", "", fmt.Errorf("host %.64q is not an address in brackets", authority)
		}
		return "[" + address + "]", port, nil
	}
	host, port, _ = strings.Cut(authority, ":")
	if !isPort(port) {
		return "", "", fmt.Errorf("port %.16q is not a number", port)
	}
	return host, port, nil
}
