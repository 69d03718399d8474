package types_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/market/types"
)

// feedLines are n different lines.
func feedLines(n int) []types.FeedEntry {
	lines := make([]types.FeedEntry, n)
	for i := range lines {
		hash := sha256.Sum256(fmt.Append(nil, i))
		lines[i] = types.FeedEntry{Sha256: hash[:], Round: uint64(i / 3), Outcome: uint32(i % 6), Stage: uint32(i % 2)}
	}
	return lines
}

// feedRoot is MTH of RFC 6962, section 2.1, word for word.
func feedRoot(lines []types.FeedEntry) []byte {
	hash := func(parts ...[]byte) []byte {
		sum := sha256.Sum256(slices.Concat(parts...))
		return sum[:]
	}
	switch n := len(lines); n {
	case 0:
		return hash()
	case 1:
		line := lines[0]
		return hash([]byte{0}, line.Sha256, binary.BigEndian.AppendUint64(nil, line.Round),
			[]byte{byte(line.Outcome)}, binary.BigEndian.AppendUint32(nil, line.Stage))
	default:
		k := 1 // the largest power of two smaller than n
		for k*2 < n {
			k *= 2
		}
		return hash([]byte{1}, feedRoot(lines[:k]), feedRoot(lines[k:]))
	}
}

func requirePackage(t *testing.T, lines []types.FeedEntry) types.FeedPackage {
	t.Helper()
	packaged, err := types.PackageOf(types.FeedFiles, 7, lines)
	require.NoError(t, err)
	return packaged
}

func TestPackageIsTheTreeOfItsLines(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 255, 256, 257} {
		packaged := requirePackage(t, feedLines(n))
		require.Equal(t, types.FeedPackage{Feed: types.FeedFiles, Minute: 7, Count: uint64(n), Root: feedRoot(feedLines(n))}, packaged, n)
	}
}

// The leaf has a fixed width, so that no two lines share one.
func TestLeafOfALine(t *testing.T) {
	line := types.FeedEntry{Sha256: make([]byte, 32), Round: 0x0102030405060708, Outcome: 3, Stage: 0x0a0b0c0d}
	require.Equal(t, append(make([]byte, 32), 1, 2, 3, 4, 5, 6, 7, 8, 3, 0x0a, 0x0b, 0x0c, 0x0d), line.Leaf())
	require.Equal(t, make([]byte, 32), line.Sha256)
}

func TestEveryChangeOfTheLinesShows(t *testing.T) {
	lines := feedLines(11)
	root := requirePackage(t, lines).Root
	differs := func(changed []types.FeedEntry, what ...any) {
		t.Helper()
		require.NotEqual(t, root, requirePackage(t, changed).Root, what...)
	}
	for i := range lines {
		differs(slices.Delete(slices.Clone(lines), i, i+1), "removed", i)
		differs(slices.Insert(slices.Clone(lines), i, feedLines(12)[11]), "added before", i)
		differs(slices.Insert(slices.Clone(lines), i, lines[i]), "doubled", i)
		for name, change := range map[string]func(*types.FeedEntry){
			"sha256":  func(e *types.FeedEntry) { e.Sha256 = append([]byte{e.Sha256[0] ^ 1}, e.Sha256[1:]...) },
			"round":   func(e *types.FeedEntry) { e.Round++ },
			"outcome": func(e *types.FeedEntry) { e.Outcome++ },
			"stage":   func(e *types.FeedEntry) { e.Stage++ },
		} {
			changed := slices.Clone(lines)
			change(&changed[i])
			differs(changed, name, i)
		}
		for j := range i {
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			differs(swapped, "swapped", i, j)
		}
	}
	differs(append(slices.Clone(lines), feedLines(12)[11]), "added at the end")
}

func TestDamagedHeadGrowsNoFurther(t *testing.T) {
	head := types.FeedHead{Feed: types.FeedURLs, Minute: 1}
	require.NoError(t, head.Append(feedLines(5)...))
	head.Peaks = head.Peaks[:1]
	require.Error(t, head.Append(feedLines(1)...))
	_, err := head.Package()
	require.Error(t, err)
}

// However the lines come, a head that grows with them records what PackageOf finds.
func FuzzHeadGrowsAsItsLinesCome(f *testing.F) {
	f.Add([]byte{1})
	f.Add([]byte{0, 3, 200, 1})
	f.Add([]byte{64, 64, 1, 127})
	f.Fuzz(func(t *testing.T, portions []byte) {
		if len(portions) > 16 {
			t.Skip("large")
		}
		head := types.FeedHead{Feed: types.FeedFiles, Minute: 7}
		total := 0
		for _, portion := range portions {
			total += int(portion)
			require.NoError(t, head.Append(feedLines(total)[total-int(portion):]...))
			if total > 0 {
				require.NoError(t, head.Validate())
			}
			if bz, err := head.Marshal(); err == nil { // as between two blocks
				head = types.FeedHead{}
				require.NoError(t, head.Unmarshal(bz))
			}
		}
		grown, err := head.Package()
		require.NoError(t, err)
		require.Equal(t, requirePackage(t, feedLines(total)), grown)
		require.Equal(t, feedRoot(feedLines(total)), grown.Root)
	})
}
