// Package pagerules judges a page that was fetched, by documented rules over its document
// and scripts. README.md explains every one. Nothing is run. It parses hostile input and
// runs in workers only.
package pagerules

import "github.com/virusmap/virusmap/supernode/engine/rules"

// Version of the rule table; it changes whenever a rule does.
const Version = "1.0.0"

// The rules. README.md has the same identifiers, a test compares them.
var (
	testFile         = rules.Strong("Page.TestFile", 15, "malware:EICAR-Test-File", "is the EICAR anti-malware test file")
	disguisedProgram = rules.Strong("Page.DisguisedProgram", 11, "malware:disguised-program", "a program under the name or type of a document or picture")
	program          = rules.Weak("Page.Program", "is a program")
	minerConstructor = rules.Strong("Page.MinerConstructor", 14, "cryptomining:miner-in-page", "starts a miner as the known ones are started")
	minerScript      = rules.Strong("Page.MinerScript", 13, "cryptomining:miner-in-page", "loads a script under the name of a known miner")
	minerPool        = rules.Strong("Page.MinerPool", 13, "cryptomining:miner-in-page", "speaks the protocol of mining pools")
	minerSigns       = rules.Suspect("Page.MinerSigns", 8, "cryptomining:signs-of-a-miner", "WebAssembly on all processors, with a miner's words")
	brandLogin       = rules.Strong("Page.BrandLogin", 13, "phishing:log-in-as-", "asks for a password in the name of a brand that the site does not belong to")
	foreignLogin     = rules.Suspect("Page.ForeignLogin", 8, "suspicious:password-to-another-site", "sends a password to another site")
	brandForeign     = rules.Strong("Page.BrandForeignLogin", 15, "phishing:log-in-as-", "asks for a password in the name of a brand, and sends it to a third site")
	openLogin        = rules.Suspect("Page.AddressLogin", 9, "suspicious:password-to-an-address", "sends a password to a bare IP address")
	counterfeitShop  = rules.Strong("Page.CounterfeitShop", 11, "counterfeit:shop-of-", "six points or more of a shop of copies")
	doubtfulShop     = rules.Suspect("Page.DoubtfulShop", 7, "counterfeit:doubtful-shop-of-", "four or five points of a shop of copies")
	driveBy          = rules.Strong("Page.DriveBy", 13, "malware:drive-by", "code that decodes itself, and a frame of another site that nobody sees")
	unpackingCode    = rules.Suspect("Page.UnpackingCode", 7, "suspicious:code-that-decodes-itself", "runs code that it decodes")
	hiddenFrame      = rules.Weak("Page.HiddenFrame", "a frame of another site that nobody sees")
	autoProgram      = rules.Suspect("Page.AutoProgram", 8, "malware:program-without-asking", "sends a program of another site without being asked")
	ownAutoProgram   = rules.Weak("Page.OwnAutoProgram", "sends a program without being asked")
	refreshChain     = rules.Suspect("Page.RefreshChain", 7, "suspicious:chain-of-refreshes", "three pages or more, each of which leads on by itself")
	refresh          = rules.Weak("Page.Refresh", "leads on to another site by itself")

	severalHints = rules.Suspect("Page.Hints", 5, "suspicious:several-signs", "three signs that are harmless alone")
)

// undetected is how sure a page without findings is: it may show others something else.
const undetected = 5
