package urlrules

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// credentials are words around a log-in, as phishing names have them.
var credentials = []string{
	"login", "logon", "signin", "signon", "verify", "verification", "account", "accounts", "password", "passwort", "secure",
	"security", "wallet", "ebanking", "banking", "auth", "authenticate", "confirm", "confirmation", "unlock", "recover",
	"recovery", "billing", "suspended", "webscr", "validate", "validation", "support", "helpdesk", "connexion", "anmelden",
}

var (
	replicas  = []string{"replica", "replicas", "fake", "fakes", "knockoff", "superclone", "copy"}
	discounts = []string{"outlet", "outlets", "cheap", "discount", "discounts", "sale", "sales", "clearance", "factory", "wholesale", "soldes", "billig"}
)

// programs are extensions of what runs on a click and is offered for download; scripts of
// what runs and is not.
var (
	programs = []string{".exe", ".msi", ".apk", ".dmg", ".pkg", ".jar", ".bat", ".cmd", ".ps1", ".dll", ".sh", ".bin", ".elf", ".arm", ".arm7", ".mips", ".x86"}
	scripts  = []string{".scr", ".pif", ".hta", ".vbs", ".vbe", ".jse", ".wsf", ".wsh", ".cpl", ".lnk", ".com.exe"}
	// documents are what a program is disguised as.
	documents = []string{".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".txt", ".rtf", ".jpg", ".jpeg", ".png", ".gif", ".mp3", ".mp4", ".csv"}
)

// words splits text at everything that is neither letter nor digit.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
}

// count is the number of different words of a table in a text.
func count(text []string, table []string) int {
	var found []string
	for _, word := range text {
		if slices.Contains(table, word) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return len(found)
}

// composedOf tells whether a text is nothing but words of a table, one after the other.
func composedOf(text string, table []string) bool {
	if text == "" {
		return true
	}
	return slices.ContainsFunc(table, func(word string) bool {
		rest, ok := strings.CutPrefix(text, word)
		return ok && composedOf(rest, table)
	})
}

// unescaped is a path or query as its server reads it, or as it stands when it cannot.
func unescaped(text string) string {
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}

// fileName is the last segment of a path in lower case, with its extension.
func fileName(urlPath string) (name, extension string) {
	name = strings.ToLower(unescaped(path.Base(urlPath)))
	return name, path.Ext(name)
}

// Scripts that mine in a visitor's browser, by the names that they were spread under.
var minerScripts = regexp.MustCompile(`(?i)(coin-?hive|crypto-?night|crypto-?loot|deep-?miner|web-?mine-?pool|coin-?imp|jse-?coin|webmr|minero\.cc|perfekt\.js|xmr-?miner|monero-?miner|browser-?miner|web-?miner|authedmine)[\w.-]*(/|\.(js|wasm)|$)`)

// minerNames are weaker: mines and miners are also something else.
var minerNames = regexp.MustCompile(`(?i)(^|/)(miner|mining|cryptonight|randomx|xmrig|nicehash|ccminer|ethminer)([.-][\w.-]*)?\.(js|wasm|exe|sh|zip|tar\.gz)$`)
