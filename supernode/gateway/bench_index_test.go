package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/testutil/postgres"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// What BenchmarkLookups measures, unless these variables say otherwise.
var (
	lookupSamples = variable("LOOKUP_SAMPLES", 1_000_000)
	lookupClients = variable("LOOKUP_CLIENTS", 32)
	lookupSeconds = variable("LOOKUP_SECONDS", 10)
)

const benchRoundSamples = 4096

func variable(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func TestMain(m *testing.M) { os.Exit(postgres.Main(m.Run)) }

func sampleHash(i int) [32]byte { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) }

// BenchmarkLookups fills an index with judged samples, four verdicts each and a tenth of them
// detected, and has clients ask for reports over loopback, of samples that are drawn evenly
// or by Zipf's law. Clients and server share the machine.
func BenchmarkLookups(b *testing.B) {
	for _, name := range []string{"SQLite", "PostgreSQL"} {
		b.Run(name, func(b *testing.B) {
			cfg := index.Config{Path: filepath.Join(b.TempDir(), "bench.db")}
			if name == "PostgreSQL" {
				cfg = index.Config{URL: postgres.URL(b)}
			}
			store, err := index.Open(context.Background(), cfg)
			require.NoError(b, err)
			defer store.Close()
			start := time.Now()
			fill(b, store, lookupSamples)
			fmt.Printf("%s: %d samples in %s, %d MiB\n", name, lookupSamples, time.Since(start).Round(time.Second), sizeOf(b, cfg)>>20)
			n := startNode(b, func(cfg *Config, deps *Deps) {
				cfg.ReportMaxAge = DefaultConfig().ReportMaxAge
				deps.Index = store
				deps.Indexed = func(time.Duration) (int64, bool) { return 1, true }
			})
			defer n.stop()
			for _, law := range []string{"even", "zipf"} {
				b.Run(law, func(b *testing.B) {
					for range b.N {
						lookUp(b, n, law)
					}
				})
			}
		})
	}
}

// lookUp has the clients ask for some seconds.
func lookUp(b *testing.B, n *node, law string) {
	var (
		wait      sync.WaitGroup
		mu        sync.Mutex
		durations []time.Duration
		failed    int
	)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: lookupClients}}
	before := cpuTime(b)
	ends := time.Now().Add(time.Duration(lookupSeconds) * time.Second)
	for c := range lookupClients {
		wait.Go(func() {
			random := rand.New(rand.NewSource(int64(c)))
			zipf := rand.NewZipf(random, 1.1, 1, uint64(lookupSamples-1))
			var own []time.Duration
			ownFailed := 0
			for time.Now().Before(ends) {
				sample := random.Intn(lookupSamples)
				if law == "zipf" {
					sample = int(zipf.Uint64())
				}
				start := time.Now()
				if !n.looksUp(client, sample) {
					ownFailed++
				}
				own = append(own, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			durations, failed = append(durations, own...), failed+ownFailed
		})
	}
	wait.Wait()
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(len(durations)), "cpu-us/lookup")
	slices.Sort(durations)
	b.ReportMetric(float64(len(durations))/float64(lookupSeconds), "lookups/s")
	b.ReportMetric(float64(durations[len(durations)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(durations[len(durations)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(failed)/float64(len(durations)), "failed")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process used, clients and all, but not the server of PostgreSQL. It
// hardly depends on what else the machine does.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// looksUp tells whether the report of a sample came whole.
func (n *node) looksUp(client *http.Client, sample int) bool {
	hash := sampleHash(sample)
	request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/"+hex.EncodeToString(hash[:]), nil)
	if err != nil {
		return false
	}
	request.Header.Set("X-Apikey", testKey)
	request.Header.Set("Accept-Encoding", "identity")
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return err == nil && response.StatusCode == http.StatusOK && bytes.Count(body, []byte(`"engine_name"`)) == 4
}

func sizeOf(b *testing.B, cfg index.Config) (size int64) {
	if cfg.URL == "" {
		info, err := os.Stat(cfg.Path)
		require.NoError(b, err)
		return info.Size()
	}
	db, err := sql.Open("pgx", cfg.URL)
	require.NoError(b, err)
	defer db.Close()
	require.NoError(b, db.QueryRow(`SELECT pg_database_size(current_database())`).Scan(&size))
	return size
}

// fill stores n judged samples in full rounds, as the indexer does.
func fill(b *testing.B, store *index.Index, n int) {
	ctx := context.Background()
	for first := 0; first < n; first += benchRoundSamples {
		members := make([][32]byte, min(benchRoundSamples, n-first))
		for i := range members {
			members[i] = sampleHash(first + i)
		}
		number := uint64(first/benchRoundSamples + 1)
		for some := range slices.Chunk(members, 256) {
			var changes []index.SampleChange
			var files []index.File
			for _, hash := range some {
				changes = append(changes, index.SampleSubmitted(samplestypes.SampleEntry{Sha256: hash[:], Sample: samplestypes.Sample{
					Kind: samplestypes.KIND_FILE, SizeBytes: 12345, Contributor: operator(1), Gateway: operator(2),
					SubmittedHeight: int64(number), SubmittedTime: 1_900_000_000, Status: samplestypes.STATUS_FINAL, Round: number,
				}}))
				files = append(files, index.File{
					SHA256: hash, SHA1: [20]byte(hash[:20]), MD5: [16]byte(hash[:16]), Size: 12345, TypeTag: "peexe", State: index.StateOnChain,
				})
			}
			require.NoError(b, store.Change(ctx, changes...))
			require.NoError(b, store.AddKnown(ctx, files...))
		}
		require.NoError(b, store.AddJudgement(ctx, index.Judgement{
			Round: verdictstypes.Round{
				Number: number, Kind: verdictstypes.ROUND_KIND_INITIAL, Status: verdictstypes.ROUND_STATUS_FINAL, Seats: 4, Engines: 4,
				Samples: uint32(len(members)), FinalTime: 1_900_000_010, Attestations: 4, MembersRoot: make([]byte, 32), AttestationsRoot: make([]byte, 32),
			},
			Reports: func(yield func(verdictstypes.Report, error) bool) {
				for i, hash := range members {
					if !yield(benchReport(hash, first+i), nil) {
						return
					}
				}
			},
		}))
	}
}

// benchReport has four verdicts; every tenth sample is detected.
func benchReport(hash [32]byte, i int) verdictstypes.Report {
	report := verdictstypes.Report{Sha256: hash[:], Outcome: verdictstypes.OUTCOME_CLEAN, FileType: "peexe"}
	for e, engine := range []string{"ClamAV", "YARA", "Heuristics", "Similarity"} {
		verdict := verdictstypes.EngineVerdict{
			Operator: operator(byte(e + 1)), Engine: engine, Version: "1.4.6", SignatureDigest: make([]byte, 32), SignatureTime: 1_899_999_000,
			Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 8, Weight: 250_000,
		}
		if i%10 == 0 {
			report.Outcome = verdictstypes.OUTCOME_MALICIOUS
			verdict.Category, verdict.Label = verdictstypes.CATEGORY_MALICIOUS, fmt.Sprintf("Win.Trojan.Family%d-%d", i%1000, i)
		}
		report.Verdicts = append(report.Verdicts, verdict)
	}
	return report
}
