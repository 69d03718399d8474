package threat

import "strings"

// synonyms are the words of engines for a category, in VirusTotal's spelling of it.
var synonyms = map[string]string{
	"adware":      "adware adw",
	"backdoor":    "backdoor bkdr bdoor bds rat remoteaccess remoteadmin webshell",
	"banker":      "banker banking bank bancos",
	"counterfeit": "counterfeit",
	"downloader":  "downloader dloader dldr downldr trojandownloader trojdownloader",
	"dropper":     "dropper drp trojandropper trojdropper muldrop",
	"exploit":     "exploit expl exploitkit cve",
	"hacktool":    "hacktool hktl htool hacktools tool virtool",
	"keylogger":   "keylogger keylog",
	"miner":       "miner coinminer bitcoinminer bitminer btcminer cryptominer cryptomining coinmine",
	"phishing":    "phishing phish phisher",
	"pua":         "pua pup pum unwanted grayware greyware riskware risktool unwaders bundler softwarebundler browsermodifier unwnt",
	"ransomware":  "ransom ransomware trojanransom filecoder ransomlock",
	"rootkit":     "rootkit rtk rkit bootkit",
	"spyware":     "spyware spy trojanspy tspy stealer infostealer passwordstealer psw pws trojanpsw",
	trojan:        "trojan troj trj tr trojware",
	"virus":       "virus infector fileinfector",
	"worm":        "worm wrm networm emailworm",
}

// categories by the words for them.
var categories = func() map[string]string {
	by := make(map[string]string)
	for category, words := range synonyms {
		for _, word := range strings.Fields(words) {
			by[word] = category
		}
	}
	return by
}()

// lists are the categories of blocklists and URL rules, as their labels begin.
var lists = set("phishing counterfeit malware cryptomining suspicious")

// types stand in naming schemes where a category does, without being one.
var types = set("malware test packed variant")

// prefixes are types only where a label begins with them: Gen:Variant.Name, Mal/Name-A.
var prefixes = set("gen mal")

// platforms and formats.
var platforms = set(`android androidos andr apple autoit batch dalvik docx email excel html html5 iphoneos java javascript jscript
	linux macos macosx msexcel msil msoffice msword multios office office97 openoffice perl php python pptx powershell ruby script
	shell symbos unix vbscript windows word xlsx o97m pp97m w97m x97m a97m`)

// generic words: they are said of threats of all families.
var generic = set(`
	access agent agentb altered apihook application applicunwnt artemis attack attribute auto autojavascript autorun
	autoshell autostart based behav behaveslike behavior behaviour binary blocked bundle classic code coin command
	compressed confidence crack cradle cryp crypt crypted crypter cryptic cryptor damaged data deep detect detected
	detection document download downloads embedded encoded encodedcommand encpk encrypted eval executable execute family
	file fileless fraud fuery game generic genericgb generickd generickdz genericrxaa genmalicious genpack gray guess
	hack hash heur heuristic hidden high hijack hint hook html infected inject injected injection injector installer
	invoice krypt kryptik launch launcher library lnkr loader lookslike macro macros malicious malob malpack malpe
	moderate name network noname obfus obfuscated obfuscation obfuscator open override pack packer payload payment
	payments phonzy possible possiblethreat potentially preload probably process program protector proxy remotethread
	reputation reverseshell rule sabsik sample score self series server shellcode signature small software spam static
	stratum susgen susp suspect suspicious system technique template tiggre tiny trojanx unclassified undef undefined
	unknown unofficial unsafe upxd wacatac webpage writablecode yara zpevdo
`)

func set(words string) map[string]bool {
	all := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}
