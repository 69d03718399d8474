package wanted

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

const honestText = `rule honest { strings: $a = "honest" condition: $a }`

func TestRulesOfManyBounties(t *testing.T) {
	var bounties []bountytypes.Bounty
	for i := range maxBounties {
		bounties = append(bounties, wantRule(fmt.Sprintf(`rule same { strings: $a = "<%d>" condition: $a }`, i)))
	}
	hunter, _, log := newHunter(t, bounties...)
	hunt := hunter.Begin(t.Context())
	requireMatches(t, inside(t, hunt, newContent(t, "<0> <7> <255> <256>")), bounties[0], bounties[7], bounties[255])
	require.Empty(t, inside(t, hunt, newContent(t, "")))
	require.Zero(t, log.count("level=WARN"))
}

func TestWhatCountsAsAMatch(t *testing.T) {
	program, err := os.ReadFile("/usr/share/clamav-testfiles/clam.exe")
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	second := wantRule(`rule a { condition: false } rule b { strings: $a = "text" condition: $a }`)
	private := wantRule(`private rule a { strings: $a = "text" condition: $a }`)
	helped := wantRule(`private rule a { strings: $a = "text" condition: $a } rule b { condition: a }`)
	global := wantRule(`global rule a { condition: false } rule b { condition: true }`)
	always := wantRule(`rule b { condition: true }`)
	pe := wantRule(`import "pe" rule a { condition: pe.is_pe and pe.number_of_sections > 0 }`)
	hunter, _, _ := newHunter(t, second, private, helped, global, always, pe)
	hunt := hunter.Begin(t.Context())
	requireMatches(t, inside(t, hunt, newContent(t, "some text")), second, helped, always)
	requireMatches(t, inside(t, hunt, newContent(t, "nothing")), always)
	requireMatches(t, inside(t, hunt, newContent(t, string(program))), always, pe)
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Each of them stands beside an honest rule, which finds what it wants all the same.
func TestRulesOfNoUseAreCompiledOnce(t *testing.T) {
	for name, text := range map[string]string{
		"include":                   `include "/etc/passwd" rule a { condition: true }`,
		"missing module":            `import "cuckoo" rule a { condition: true }`,
		"console":                   `import "console" rule a { condition: console.log("x") }`,
		"syntax":                    `rule a { condition: `,
		"undefined":                 `rule a { condition: filename == "x" }`,
		"twice":                     `rule a { condition: true } rule a { condition: true }`,
		"large when it is compiled": `rule a { strings: ` + many(100, "$a%[1]d = \"ab%[1]02x\" xor ") + `condition: any of them }`,
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, len(text), maxTargetBytes)
			hostile, honest := wantRule(text), wantRule(honestText)
			hunter, _, log := newHunter(t, hostile, honest)
			for range 2 {
				requireMatches(t, inside(t, hunter.Begin(t.Context()), newContent(t, "an honest sample")), honest)
			}
			require.Equal(t, 1, log.count("is of no use"))
			require.Equal(t, 1, log.count("level=WARN"))
		})
	}
}

func TestRuleThatIsTooMuchRestsAndTheOthersGoOn(t *testing.T) {
	const size = 1 << 20
	for name, test := range map[string]struct{ rule, content string }{
		"regular expression": {
			`rule a { strings: $a = /.*a.*b.*c.*d/s condition: $a }`, "honest" + strings.Repeat("a", size),
		},
		"nested repetitions": {
			`rule a { strings: $a = /(a+)+(b+)+(c|d|e|f){1,1000}x{1,30000}y{1,32000}/ condition: $a }`, "honest" + strings.Repeat("a", size),
		},
		"endless loop": {
			`import "math" rule a { condition: filesize > 0 and for any i in (0..1000000000) : (math.entropy(0, filesize) > 9) }`,
			"honest" + strings.Repeat("abc", size),
		},
		"memory": {
			`rule a { strings: ` + many(100, "$a%d = \"ab\" wide ascii nocase ") + `condition: for all of them : (# > 900000) }`,
			"honest" + strings.Repeat("ab", size),
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, len(test.rule), maxTargetBytes)
			hostile, honest := wantRule(test.rule), wantRule(honestText)
			hunter, _, log := newHunter(t, hostile, honest)
			hunt := hunter.Begin(t.Context())
			requireMatches(t, inside(t, hunt, newContent(t, test.content)), honest)
			require.Equal(t, 1, log.count("and rests"))
			requireMatches(t, hunt.Inside(t.Context(), submitted(newContent(t, test.content), 10), newContent(t, test.content)), honest)
			requireMatches(t, inside(t, hunter.Begin(t.Context()), newContent(t, test.content)), honest)
			require.Equal(t, 1, log.count("and rests"), "it is not tried again in this round, nor in the next")

			for id := range hunter.rules.resting {
				hunter.rules.resting[id] = time.Now()
			}
			hunt = hunter.Begin(t.Context())
			hunt.Prepare(t.Context())
			require.Len(t, hunter.rules.loaded, 2, "it has rested")
		})
	}
}

func TestRuleThatIsTooMuchForNothingNeverRuns(t *testing.T) {
	hostile := wantRule(`import "math" rule a { condition: for any i in (0..1000000000) : (math.min(i, 7) > 9) }`)
	honest := wantRule(honestText)
	hunter, _, log := newHunter(t, hostile, honest)
	for range 2 {
		requireMatches(t, inside(t, hunter.Begin(t.Context()), newContent(t, "an honest sample")), honest)
	}
	require.Equal(t, 1, log.count("fails on nothing and rests"))
	require.NotContains(t, hunter.rules.loaded, nameOf(hostile))
}

func TestShareOfTheTime(t *testing.T) {
	const limit = 4 * time.Second
	for name, test := range map[string]struct {
		took map[string]time.Duration
		want []string
	}{
		"nothing":             {nil, nil},
		"all in time":         {map[string]time.Duration{"a": 3 * time.Second, "b": time.Second}, nil},
		"one takes too much":  {map[string]time.Duration{"a": 4 * time.Second, "b": time.Second}, []string{"a"}},
		"two take too much":   {map[string]time.Duration{"a": 2 * time.Second, "b": 2 * time.Second, "c": time.Second}, []string{"a", "b"}},
		"all take too much":   {map[string]time.Duration{"a": 5 * time.Second, "b": 5 * time.Second}, []string{"a", "b"}},
		"a share is no crime": {map[string]time.Duration{"a": 2 * time.Second, "b": 3 * time.Second}, []string{"b"}},
	} {
		require.ElementsMatch(t, test.want, overShare(test.took, limit), name)
	}
}

// What does not compile together is scanned for one by one.
func TestRulesThatAreNotLoadedTogether(t *testing.T) {
	honest, other := wantRule(honestText), wantRule(`rule a { strings: $a = "other" condition: $a }`)
	hunter, _, _ := newHunter(t, honest, other)
	hunt := hunter.Begin(t.Context())
	hunt.Prepare(t.Context())
	hunter.rules.ready = false
	content := newContent(t, "an honest sample")
	requireMatches(t, hunt.Inside(t.Context(), submitted(content, 10), content), honest)
}

func TestHuntEndsWithItsTime(t *testing.T) {
	honest := wantRule(honestText)
	hunter, _, log := newHunter(t, honest)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	hunt, content := hunter.Begin(t.Context()), newContent(t, "an honest sample")
	hunt.Prepare(ended)
	require.Empty(t, hunt.Inside(ended, submitted(content, 10), content))
	require.Zero(t, log.count("rests"), "nobody is to blame")
	requireMatches(t, inside(t, hunt, content), honest)
	require.Empty(t, hunt.Inside(ended, submitted(content, 10), content))
}

func TestRuleOfABountyThatEndedIsForgotten(t *testing.T) {
	honest, broken := wantRule(honestText), wantRule("rule a {")
	hunter, chain, _ := newHunter(t, honest, broken)
	content := newContent(t, "an honest sample")
	requireMatches(t, inside(t, hunter.Begin(t.Context()), content), honest)
	require.Len(t, hunter.rules.judged, 2)
	chain.bounties, hunter.board.readAt = []bountytypes.Bounty{wantRule("rule b {")}, time.Time{}
	require.Empty(t, inside(t, hunter.Begin(t.Context()), content))
	require.Len(t, hunter.rules.judged, 1)
	require.Empty(t, hunter.rules.loaded)
}
