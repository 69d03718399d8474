package engine

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func openMarkerEngine(t *testing.T) Engine {
	config := Config{
		Workers: 1, MemoryBytes: 256 << 20,
		Engines: []EngineConfig{{Name: "Marker", Kind: "marker", TimeoutSeconds: 3}},
	}
	return openEngines(t, config)["Marker"]
}

func TestHostileContentCostsOneVerdict(t *testing.T) {
	t.Parallel() // mostly waits for what hangs
	engine := openMarkerEngine(t)
	tests := map[string]struct {
		want   verdictstypes.Category
		detail string // a regular expression
	}{
		"segfault": {failed, "died"},
		// Go names the limit by whatever meets it first: the heap or a new thread's stack.
		"hog":  {failed, "out of memory|cannot allocate memory|pthread_create failed"},
		"hang": {confirmed, "no answer within 3s"},
		"lie":  {failed, `category "benign" is unknown`},
		"brag": {failed, "confidence 200, at most 15"},
		"dial": {failed, "operation not permitted"},
	}
	for marker, test := range tests {
		t.Run(marker, func(t *testing.T) {
			verdict := engine.Scan(context.Background(), newContent(t, []byte(marker)))
			require.Equal(t, test.want, verdict.Category, "%+v", verdict)
			require.Regexp(t, test.detail, verdict.Detail)
			require.Empty(t, verdict.Label)
			after := engine.Scan(context.Background(), newContent(t, []byte("harmless")))
			require.Equal(t, undetected, after.Category, "%+v", after)
		})
	}
}

func TestCallersDeadline(t *testing.T) {
	engine := openMarkerEngine(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	require.Equal(t, timeout, engine.Scan(ctx, newContent(t, []byte("hang"))).Category)

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.Equal(t, failed, engine.Scan(ended, newContent(t, []byte("harmless"))).Category)
	require.Equal(t, undetected, engine.Scan(context.Background(), newContent(t, []byte("harmless"))).Category)
}

func TestVerdictsFitTheChain(t *testing.T) {
	verdict := openMarkerEngine(t).Scan(context.Background(), newContent(t, []byte("chatter")))
	require.Equal(t, malicious, verdict.Category, "%+v", verdict)
	require.NotEmpty(t, verdict.Label)
	require.LessOrEqual(t, len(verdict.Label), verdictstypes.MaxLabelBytes)
	require.True(t, verdictstypes.IsPrintable(verdict.Label))
}

func TestTidy(t *testing.T) {
	require.Empty(t, tidy(Verdict{Category: undetected, Label: "Name"}).Label, "no label without a detection")
	require.EqualValues(t, MaxConfidence, tidy(Verdict{Category: malicious, Confidence: 99}).Confidence)
	require.Equal(t, "a b", shorten("a\nb", 10))
	require.Equal(t, "é", shorten("éé", 3), "no half character")
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(`{"category":"malicious","confidence":15,"label":"EICAR","detail":"d"}`))
	f.Add([]byte(`{"category":"undetected","confidence":0}`))
	f.Add([]byte(`{"category":"malicious","confidence":-1}`))
	f.Add([]byte(`{"category":"malicious"} trailing`))
	f.Add([]byte(`{"category":"malicious","extra":1}`))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		verdict, err := decodeAnswer(data)
		if err != nil {
			return
		}
		verdict = tidy(verdict)
		require.LessOrEqual(t, verdict.Confidence, uint8(MaxConfidence))
		require.LessOrEqual(t, len(verdict.Label), maxLabelBytes)
		require.LessOrEqual(t, len(verdict.Detail), maxDetailBytes)
		require.True(t, utf8.ValidString(verdict.Label))
		require.True(t, verdictstypes.IsPrintable(verdict.Label))
	})
}
