// Package urlrules judges a URL by its text alone, by documented rules. README.md explains
// every one. Lexical looks at how a URL is built, Lookalike at whose name it pretends to
// be. They read hostile input and run in workers.
package urlrules

import "github.com/virusmap/virusmap/supernode/engine/rules"

// Version of the rule tables; it changes whenever a rule does.
const Version = "1.0.0"

// Lexical rules.
var (
	userinfoHost    = rules.Strong("URL.UserinfoHost", 13, "phishing:userinfo-trick", "a host name stands before the @, where it is none")
	userinfo        = rules.Suspect("URL.Userinfo", 5, "suspicious:userinfo", "a name or password stands before the host")
	address         = rules.Suspect("URL.Address", 5, "suspicious:address-as-host", "a public IP address instead of a name")
	addressProgram  = rules.Strong("URL.AddressProgram", 10, "malware:program-at-address", "a program at a public IP address")
	oddPort         = rules.Weak("URL.Port", "a port that no web server has")
	subdomains      = rules.Weak("URL.Subdomains", "five or more labels below the registered domain")
	long            = rules.Weak("URL.Long", "more than 1,000 characters")
	longHost        = rules.Weak("URL.LongHost", "a host of more than 60 characters")
	punycode        = rules.Weak("URL.Punycode", "a host in punycode")
	nestedDisguise  = rules.Suspect("URL.NestedDisguise", 7, "suspicious:disguised-target", "leads on to a URL whose host is disguised")
	freeHosting     = rules.Suspect("URL.FreeHosting", 8, "suspicious:credentials-on-free-hosting", "words of a log-in in a name that a free hoster gave away")
	program         = rules.Weak("URL.Program", "leads to a program")
	scriptProgram   = rules.Suspect("URL.ScriptProgram", 7, "suspicious:script-download", "leads to a kind of program that nobody offers for download")
	doubleExtension = rules.Strong("URL.DoubleExtension", 12, "malware:double-extension", "a program whose name ends like document.exe")
	bidi            = rules.Strong("URL.Bidi", 11, "malware:reversed-name", "characters in the path that reverse its direction")
	redirect        = rules.Weak("URL.Redirect", "carries another site's URL")
	atInPath        = rules.Weak("URL.AtInPath", "an @ in the path after what looks like a host")
	digitLetters    = rules.Suspect("URL.DigitLetters", 8, "suspicious:digits-for-letters", "a log-in's word with digits for letters in the host")
	randomLabel     = rules.Suspect("URL.RandomLabel", 6, "suspicious:random-name", "a registered name that looks drawn at random")
	minerScript     = rules.Strong("URL.MinerScript", 12, "cryptomining:miner-script", "the name of a script that mines in browsers")
	minerName       = rules.Suspect("URL.MinerName", 8, "cryptomining:miner-name", "a script or program that is named as a miner")
	credentialHost  = rules.Suspect("URL.CredentialHost", 7, "suspicious:credentials-in-name", "a registered name of several words of a log-in")
	credentialPath  = rules.Weak("URL.CredentialPath", "several words of a log-in in the path")
	doubleEncoding  = rules.Weak("URL.DoubleEncoding", "escapes that are escaped again")
	script          = rules.Suspect("URL.Script", 8, "suspicious:script-in-url", "script code inside the URL")
	hijackedSite    = rules.Suspect("URL.HijackedSite", 7, "suspicious:log-in-in-system-folder", "a log-in page inside a content system's own folders")
)

// Lookalike rules.
var (
	homograph        = rules.Strong("Lookalike.Homograph", 14, "phishing:lookalike-of-", "letters of other scripts that look like the brand's")
	characters       = rules.Strong("Lookalike.Characters", 12, "phishing:lookalike-of-", "digits or pairs of letters that look like the brand's")
	mixedScripts     = rules.Suspect("Lookalike.MixedScripts", 9, "suspicious:mixed-scripts", "letters of scripts that no language mixes")
	brandInSubdomain = rules.Strong("Lookalike.BrandInSubdomain", 13, "phishing:lookalike-of-", "the brand's domain stands below another one")
	credentialAffix  = rules.Strong("Lookalike.CredentialAffix", 12, "phishing:lookalike-of-", "the brand's name with words of a log-in")
	typoCredential   = rules.Strong("Lookalike.TypoCredential", 12, "phishing:lookalike-of-", "the brand's name misspelt, with words of a log-in")
	omission         = rules.Suspect("Lookalike.Omission", 8, "suspicious:typo-of-", "the brand's name without one letter")
	doubling         = rules.Suspect("Lookalike.Doubling", 8, "suspicious:typo-of-", "the brand's name with one letter twice")
	swap             = rules.Suspect("Lookalike.Swap", 8, "suspicious:typo-of-", "the brand's name with two letters swapped")
	adjacentKey      = rules.Suspect("Lookalike.AdjacentKey", 8, "suspicious:typo-of-", "the brand's name with a neighbouring key hit")
	bitsquat         = rules.Suspect("Lookalike.Bitsquat", 7, "suspicious:typo-of-", "the brand's name with one bit flipped")
	hyphens          = rules.Suspect("Lookalike.Hyphens", 7, "suspicious:typo-of-", "the brand's name with hyphens put in")
	edit             = rules.Weak("Lookalike.Edit", "the brand's name with one letter more or another one")
	digits           = rules.Suspect("Lookalike.Digits", 6, "suspicious:typo-of-", "the brand's name with a number")
	topLevel         = rules.Suspect("Lookalike.TopLevel", 6, "suspicious:other-ending-of-", "the brand's name under another generic top-level domain")
	brandToken       = rules.Weak("Lookalike.BrandToken", "the brand's name as a part of another")
	brandHosted      = rules.Suspect("Lookalike.BrandHosted", 9, "suspicious:log-in-as-", "the brand's name below another domain, with words of a log-in")
	replicaShop      = rules.Strong("Lookalike.ReplicaShop", 11, "counterfeit:shop-of-", "the brand's name with words for copies")
	discountShop     = rules.Suspect("Lookalike.DiscountShop", 8, "counterfeit:shop-of-", "the brand's name with words of a discount shop")
)

// severalHints is the verdict of three hints.
var severalHints = rules.Suspect("URL.Hints", 5, "suspicious:several-signs", "three signs that are harmless alone")

// undetected is how sure a text without findings is: the text says little.
const undetected = 3

func judge(f rules.Findings) rules.Verdict { return f.Judge(severalHints, undetected) }
