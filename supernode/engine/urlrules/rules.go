// Package urlrules judges a URL by its text alone, by documented rules. README.md explains
// every one. Lexical looks at how a URL is built, Lookalike at whose name it pretends to
// be. They read hostile input and run in workers.
package urlrules

import (
	"fmt"
	"strings"
)

// Version of the rule tables; it changes whenever a rule does.
const Version = "1.0.0"

// Strength of a rule's finding.
type Strength int

const (
	// Hint says nothing alone; three hints make a URL suspicious.
	Hint Strength = iota
	Suspicious
	Malicious
)

// Rule is one documented observation.
type Rule struct {
	ID       string
	Strength Strength
	// Confidence 1..15 in the verdict; 0 of a hint.
	Confidence int
	// Label begins with phishing, counterfeit, malware, cryptomining or suspicious.
	Label string
	// What is observed, as shown in a verdict's detail.
	What string
}

// Lexical rules.
var (
	userinfoHost    = Rule{"URL.UserinfoHost", Malicious, 13, "phishing:userinfo-trick", "a host name stands before the @, where it is none"}
	userinfo        = Rule{"URL.Userinfo", Suspicious, 5, "suspicious:userinfo", "a name or password stands before the host"}
	address         = Rule{"URL.Address", Suspicious, 5, "suspicious:address-as-host", "a public IP address instead of a name"}
	addressProgram  = Rule{"URL.AddressProgram", Malicious, 10, "malware:program-at-address", "a program at a public IP address"}
	oddPort         = Rule{"URL.Port", Hint, 0, "", "a port that no web server has"}
	subdomains      = Rule{"URL.Subdomains", Hint, 0, "", "five or more labels below the registered domain"}
	long            = Rule{"URL.Long", Hint, 0, "", "more than 1,000 characters"}
	longHost        = Rule{"URL.LongHost", Hint, 0, "", "a host of more than 60 characters"}
	punycode        = Rule{"URL.Punycode", Hint, 0, "", "a host in punycode"}
	nestedDisguise  = Rule{"URL.NestedDisguise", Suspicious, 7, "suspicious:disguised-target", "leads on to a URL whose host is disguised"}
	freeHosting     = Rule{"URL.FreeHosting", Suspicious, 8, "suspicious:credentials-on-free-hosting", "words of a log-in in a name that a free hoster gave away"}
	program         = Rule{"URL.Program", Hint, 0, "", "leads to a program"}
	scriptProgram   = Rule{"URL.ScriptProgram", Suspicious, 7, "suspicious:script-download", "leads to a kind of program that nobody offers for download"}
	doubleExtension = Rule{"URL.DoubleExtension", Malicious, 12, "malware:double-extension", "a program whose name ends like document.exe"}
	bidi            = Rule{"URL.Bidi", Malicious, 11, "malware:reversed-name", "characters in the path that reverse its direction"}
	redirect        = Rule{"URL.Redirect", Hint, 0, "", "carries another site's URL"}
	atInPath        = Rule{"URL.AtInPath", Hint, 0, "", "an @ in the path after what looks like a host"}
	digitLetters    = Rule{"URL.DigitLetters", Suspicious, 8, "suspicious:digits-for-letters", "a log-in's word with digits for letters in the host"}
	randomLabel     = Rule{"URL.RandomLabel", Suspicious, 6, "suspicious:random-name", "a registered name that looks drawn at random"}
	minerScript     = Rule{"URL.MinerScript", Malicious, 12, "cryptomining:miner-script", "the name of a script that mines in browsers"}
	minerName       = Rule{"URL.MinerName", Suspicious, 8, "cryptomining:miner-name", "a script or program that is named as a miner"}
	credentialHost  = Rule{"URL.CredentialHost", Suspicious, 7, "suspicious:credentials-in-name", "a registered name of several words of a log-in"}
	credentialPath  = Rule{"URL.CredentialPath", Hint, 0, "", "several words of a log-in in the path"}
	doubleEncoding  = Rule{"URL.DoubleEncoding", Hint, 0, "", "escapes that are escaped again"}
	script          = Rule{"URL.Script", Suspicious, 8, "suspicious:script-in-url", "script code inside the URL"}
	hijackedSite    = Rule{"URL.HijackedSite", Suspicious, 7, "suspicious:log-in-in-system-folder", "a log-in page inside a content system's own folders"}
)

// Lookalike rules.
var (
	homograph        = Rule{"Lookalike.Homograph", Malicious, 14, "phishing:lookalike-of-", "letters of other scripts that look like the brand's"}
	characters       = Rule{"Lookalike.Characters", Malicious, 12, "phishing:lookalike-of-", "digits or pairs of letters that look like the brand's"}
	mixedScripts     = Rule{"Lookalike.MixedScripts", Suspicious, 9, "suspicious:mixed-scripts", "letters of scripts that no language mixes"}
	brandInSubdomain = Rule{"Lookalike.BrandInSubdomain", Malicious, 13, "phishing:lookalike-of-", "the brand's domain stands below another one"}
	credentialAffix  = Rule{"Lookalike.CredentialAffix", Malicious, 12, "phishing:lookalike-of-", "the brand's name with words of a log-in"}
	typoCredential   = Rule{"Lookalike.TypoCredential", Malicious, 12, "phishing:lookalike-of-", "the brand's name misspelt, with words of a log-in"}
	omission         = Rule{"Lookalike.Omission", Suspicious, 8, "suspicious:typo-of-", "the brand's name without one letter"}
	doubling         = Rule{"Lookalike.Doubling", Suspicious, 8, "suspicious:typo-of-", "the brand's name with one letter twice"}
	swap             = Rule{"Lookalike.Swap", Suspicious, 8, "suspicious:typo-of-", "the brand's name with two letters swapped"}
	adjacentKey      = Rule{"Lookalike.AdjacentKey", Suspicious, 8, "suspicious:typo-of-", "the brand's name with a neighbouring key hit"}
	bitsquat         = Rule{"Lookalike.Bitsquat", Suspicious, 7, "suspicious:typo-of-", "the brand's name with one bit flipped"}
	hyphens          = Rule{"Lookalike.Hyphens", Suspicious, 7, "suspicious:typo-of-", "the brand's name with hyphens put in"}
	edit             = Rule{"Lookalike.Edit", Hint, 0, "", "the brand's name with one letter more or another one"}
	digits           = Rule{"Lookalike.Digits", Suspicious, 6, "suspicious:typo-of-", "the brand's name with a number"}
	topLevel         = Rule{"Lookalike.TopLevel", Suspicious, 6, "suspicious:other-ending-of-", "the brand's name under another generic top-level domain"}
	brandToken       = Rule{"Lookalike.BrandToken", Hint, 0, "", "the brand's name as a part of another"}
	brandHosted      = Rule{"Lookalike.BrandHosted", Suspicious, 9, "suspicious:log-in-as-", "the brand's name below another domain, with words of a log-in"}
	replicaShop      = Rule{"Lookalike.ReplicaShop", Malicious, 11, "counterfeit:shop-of-", "the brand's name with words for copies"}
	discountShop     = Rule{"Lookalike.DiscountShop", Suspicious, 8, "counterfeit:shop-of-", "the brand's name with words of a discount shop"}
)

// severalHints is the verdict of three hints.
var severalHints = Rule{"URL.Hints", Suspicious, 5, "suspicious:several-signs", "three signs that are harmless alone"}

const enoughHints = 3

// finding is a rule that hit, and the domain of the brand it is about.
type finding struct {
	rule  Rule
	brand string
}

// findings are the rules that hit, each once.
type findings []finding

func (f *findings) add(rule Rule, brand string) {
	for _, known := range *f {
		if known.rule.ID == rule.ID {
			return
		}
	}
	*f = append(*f, finding{rule, brand})
}

func (f *findings) addIf(hit bool, rule Rule) {
	if hit {
		f.add(rule, "")
	}
}

// Verdict is what the findings together say, in the words of engine's answers.
type Verdict struct {
	Category   string `json:"category"`
	Confidence int    `json:"confidence"`
	Label      string `json:"label,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// undetected is how sure a text without findings is: the text says little.
const undetected = 3

// judge takes the strongest finding.
func (f findings) judge() Verdict {
	if f.hints() >= enoughHints {
		f = append(f, finding{severalHints, ""})
	}
	var strongest finding
	var details []string
	for _, found := range f {
		details = append(details, fmt.Sprintf("%s (%s)", found.rule.What, found.rule.ID))
		if r, s := found.rule, strongest.rule; r.Strength > s.Strength || r.Strength == s.Strength && r.Confidence > s.Confidence {
			strongest = found
		}
	}
	verdict := Verdict{Category: "undetected", Confidence: undetected, Detail: strings.Join(details, "; ")}
	switch strongest.rule.Strength {
	case Hint:
		return verdict
	case Suspicious:
		verdict.Category = "suspicious"
	case Malicious:
		verdict.Category = "malicious"
	}
	verdict.Confidence, verdict.Label = strongest.rule.Confidence, strongest.rule.Label+strongest.brand
	return verdict
}

func (f findings) hints() (count int) {
	for _, found := range f {
		if found.rule.Strength == Hint {
			count++
		}
	}
	return count
}
