package similarity

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var (
	strangers    = flag.Int("strangers", 150, "files per corpus")
	strangersDir = flag.String("strangers-dir", "", "another corpus to measure, any type")
)

// corpus reads up to some files of a kind, each content once.
func corpus(t *testing.T, root string, wanted func(path string, content []byte) bool) map[string][]byte {
	t.Helper()
	var paths []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			paths = append(paths, path)
		}
		return nil
	})
	random := randomOf(5)
	random.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	files, seen := map[string][]byte{}, map[string]bool{}
	for _, path := range paths {
		if len(files) == *strangers {
			break
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() < 512 || info.Size() > 2<<20 {
			continue
		}
		content, err := os.ReadFile(path)
		digest, _ := show(digestOf("", string(content)))
		if err == nil && !seen[digest] && wanted(path, content) {
			files[path], seen[digest] = content, true
		}
	}
	return files
}

func isELF(_ string, content []byte) bool { return bytes.HasPrefix(content, []byte("\x7fELF")) }

func isPython(path string, _ []byte) bool { return strings.HasSuffix(path, ".py") }

func anyFile(string, []byte) bool { return true }

// TestStrangersStayApart holds the share of pairs of a system's files with a common key.
// They are no strangers altogether: many are of one package.
func TestStrangersStayApart(t *testing.T) {
	for _, test := range []struct {
		name, root string
		wanted     func(string, []byte) bool
		// atMost pairs of a million.
		atMost int
	}{
		{"programs", "/usr/bin", isELF, 2000},
		{"Python", "/usr/lib/python3", isPython, 2000},
		{"any", *strangersDir, anyFile, 1_000_000},
	} {
		if test.root == "" {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			files := corpus(t, test.root, test.wanted)
			if len(files) < 50 {
				t.Skipf("%d files in %q are too few to tell", len(files), test.root)
			}
			pairs, joining := related(t, files)
			all := len(files) * (len(files) - 1) / 2
			t.Logf("%d files; %d join another; of %d pairs %d have a common key", len(files), joining, all, len(pairs))
			require.LessOrEqual(t, 1_000_000*len(pairs)/all, test.atMost)
		})
	}
}

// related are the pairs of files with a common key and the number of files in them.
func related(t *testing.T, files map[string][]byte) (map[[2]string]bool, int) {
	t.Helper()
	owners := make([]map[key][]string, verdictstypes.SimilaritySlots)
	present, pairsOf := make([]int, len(owners)), make([]map[[2]string]bool, len(owners))
	for slot := range owners {
		owners[slot], pairsOf[slot] = map[key][]string{}, map[[2]string]bool{}
	}
	pairs, joining := map[[2]string]bool{}, map[string]bool{}
	for path, content := range files {
		features, err := Of(content)
		require.NoError(t, err)
		for slot, k := range features.Keys {
			if k == (key{}) {
				continue
			}
			present[slot]++
			for _, other := range owners[slot][k] {
				pair := [2]string{min(path, other), max(path, other)}
				pairs[pair], pairsOf[slot][pair] = true, true
				joining[path] = true
			}
			owners[slot][k] = append(owners[slot][k], path)
		}
	}
	for slot := range owners {
		t.Logf("slot %d: %d files have a key, %d pairs share one", slot, present[slot], len(pairsOf[slot]))
	}
	return pairs, len(joining)
}
