package scanner

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const size = 100_000

// content is always different and always of one size.
func content(seed string) string { return seed + string(bytes.Repeat([]byte{'.'}, size-len(seed))) }

func requireAll(t *testing.T, want verdictstypes.Category, report verdictstypes.Report) {
	t.Helper()
	require.Len(t, report.Verdicts, 2)
	for _, verdict := range report.Verdicts {
		require.Equal(t, want, verdict.Category)
	}
}

// One round holds what is good beside everything that a hostile submitter can do wrong.
func TestWhatDoesNotOpenIsUndecryptable(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 50}), offline(t)
	f.operator(0, v, detecting("First"), detecting("Second")).start()
	good := f.seal(v, content("evil"))
	var all []samplestypes.Submission
	for name, spoil := range map[string]func(*samplestypes.Submission){
		"another hash":       func(s *samplestypes.Submission) { s.Sha256 = bytes.Repeat([]byte{7}, 32) },
		"key commitment":     func(s *samplestypes.Submission) { s.Sealing.KeyCommitment = bytes.Repeat([]byte{7}, 32) },
		"storage root":       func(s *samplestypes.Submission) { s.Sealing.StorageRoot = bytes.Repeat([]byte{7}, 32) },
		"larger than said":   func(s *samplestypes.Submission) { s.SizeBytes -= 10 },
		"smaller than said":  func(s *samplestypes.Submission) { s.SizeBytes += 10 },
		"size of ciphertext": func(s *samplestypes.Submission) { s.Sealing.SizeBytes++ },
		"garbage": func(s *samplestypes.Submission) {
			s.Sealing.Cid = plant(t, v, bytes.Repeat([]byte("garbage!"), int(s.Sealing.SizeBytes)/8))
		},
		"cut short": func(s *samplestypes.Submission) {
			s.Sealing.Cid = plant(t, v, ciphertext(t, v, s.Sealing.Cid)[:s.Sealing.SizeBytes-1])
		},
		"sealed to another key": func(s *samplestypes.Submission) {
			*s = sealTo(t, v, content("sealed to another key"), vault.NewEpochKey().Recipient(), 1)
		},
	} {
		sample := f.seal(v, content(name))
		spoil(&sample)
		all = append(all, sample)
	}
	f.submit(append(all, good)...)

	requireAll(t, verdictstypes.CATEGORY_MALICIOUS, f.report(good))
	for _, sample := range all {
		report := f.report(sample)
		requireAll(t, verdictstypes.CATEGORY_UNDECRYPTABLE, report)
		require.Equal(t, verdictstypes.OUTCOME_INVALID, report.Outcome)
	}
}

// A supernode that lacks something must not make a submitter lose the deposit, and one
// sample that nobody has must not hold up the others.
func TestWhatIsMissingHereIsNotTheSubmittersFault(t *testing.T) {
	t.Parallel()
	t.Run("ciphertext", func(t *testing.T) {
		for name, test := range map[string]struct {
			fetchTimeout time.Duration
			want         verdictstypes.Category
		}{
			"peers do not send it":       {100 * time.Millisecond, verdictstypes.CATEGORY_FAILURE},
			"until the round must end":   {time.Hour, verdictstypes.CATEGORY_TIMEOUT},
			"the vault's ordinary limit": {0, verdictstypes.CATEGORY_TIMEOUT},
		} {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t, 1, rules{commit: 30, reveal: 50})
				v := openVault(t, vault.Config{SwarmKey: vault.NewSwarmKey(), FetchTimeout: test.fetchTimeout})
				f.operator(0, v, detecting("First"), detecting("Second")).start()
				here, nowhere := f.seal(v, "evil thing"), f.seal(offline(t), "evil too")
				f.submit(here, nowhere)
				report := f.report(nowhere)
				requireAll(t, test.want, report)
				require.Equal(t, verdictstypes.OUTCOME_UNDETERMINED, report.Outcome)
				requireAll(t, verdictstypes.CATEGORY_MALICIOUS, f.report(here))
			})
		}
	})
	t.Run("vault key", func(t *testing.T) {
		f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
		o := f.operator(0, v, detecting("First"), detecting("Second"))
		o.deps.Identity = vault.NewEpochKey() // the operator has lost its own
		o.start()
		sample := f.seal(v, "evil thing")
		f.submit(sample)
		report := f.report(sample)
		requireAll(t, verdictstypes.CATEGORY_FAILURE, report)
		require.Equal(t, verdictstypes.OUTCOME_UNDETERMINED, report.Outcome)
	})
	t.Run("memory", func(t *testing.T) {
		f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
		o := f.operator(0, v, detecting("First"), detecting("Second"))
		o.cfg.MemoryBytes = 1 << 20
		o.start()
		large, fits := f.seal(v, "evil"+string(make([]byte, 1<<20))), f.seal(v, "evil"+string(make([]byte, 1<<20-4)))
		f.submit(large, fits)
		requireAll(t, verdictstypes.CATEGORY_FAILURE, f.report(large))
		requireAll(t, verdictstypes.CATEGORY_MALICIOUS, f.report(fits))
	})
}

// More samples that nobody has than are fetched at one time come before a good one.
func TestSamplesThatNobodyHasDoNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	f, swarm := newFixture(t, 1, rules{commit: 60, reveal: 50}), vault.NewSwarmKey()
	elsewhere := openVault(t, vault.Config{SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
	v := openVault(t, vault.Config{SwarmKey: swarm, Peers: elsewhere.Addrs()})
	f.operator(0, v, detecting("First"), detecting("Second")).start()
	forgotten := offline(t)
	good := f.seal(elsewhere, "evil thing")
	samples := []samplestypes.Submission{good}
	for i := range 40 {
		sample := f.seal(forgotten, fmt.Sprint("forgotten ", i))
		sample.Sha256[0] = 0 // rounds are in the order of the hashes
		samples = append(samples, sample)
	}
	f.submit(samples...)
	requireAll(t, verdictstypes.CATEGORY_MALICIOUS, f.report(good))
	requireAll(t, verdictstypes.CATEGORY_TIMEOUT, f.report(samples[1]))
}

// plant puts any bytes under a CID.
func plant(t *testing.T, v *vault.Vault, data []byte) []byte {
	t.Helper()
	id, err := v.AddPublic(t.Context(), data)
	require.NoError(t, err)
	return id.Bytes()
}

func ciphertext(t *testing.T, v *vault.Vault, id []byte) []byte {
	t.Helper()
	c, err := cid.Cast(id)
	require.NoError(t, err)
	data, err := v.ReadPublic(t.Context(), c, 10*size)
	require.NoError(t, err)
	return data
}
