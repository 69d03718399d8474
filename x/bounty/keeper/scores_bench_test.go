package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// BenchmarkScore measures a judgement of as many samples as a block accounts for by
// default, all malicious and new: none resembles another and each has ten keys, or all
// are of one cluster. There are as many engines as there can be, of which each says
// something else. Then it measures the block that gives the points of the most samples.
func BenchmarkScore(b *testing.B) {
	const n = 2048
	for _, same := range []bool{false, true} {
		name := "no two alike"
		if same {
			name = "one cluster"
		}
		prepare := func() (*scoring, verdictstypes.Judgement) {
			s := newScoring(b)
			s.setParams(func(p *types.Params) { p.MaxCreditsPerBlock, p.SightingsFull = 4096, 16 })
			members := make([][]byte, n)
			for i := range members {
				members[i] = s.submit(fmt.Sprint("sample ", i), s.nodes[i%4], party(fmt.Sprint("contributor ", i)))
				s.report(s.nodes[(i+1)%4], party("other"), members[i])
			}
			j := s.judgement(1, 0, members...)
			for i := range members {
				for slot := range j.Features[i].Keys {
					copy(j.Features[i].Keys[slot][:], fmt.Sprint(i, "/", slot))
				}
				if same {
					copy(j.Features[i].Keys[9][:], "same")
				}
			}
			j.Columns = nil
			for i := range 100 * verdictstypes.MaxEngines {
				column := s.column(i*4/(100*verdictstypes.MaxEngines), verdictstypes.CATEGORY_MALICIOUS, n)
				for c := range column.Cells {
					if (c+i)%3 == 0 {
						column.Cells[c] = byte(verdictstypes.NewCell(verdictstypes.CATEGORY_UNDETECTED, 8))
					}
				}
				j.Columns = append(j.Columns, column)
			}
			s.commit()
			return s, j
		}
		b.Run("judgement, "+name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, j := prepare()
				b.StartTimer()
				s.hear(j)
				b.StopTimer()
				require.Equal(b, n, count(s, s.keeper.Credits))
				b.StartTimer()
			}
		})
		b.Run("credits, "+name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, j := prepare()
				s.hear(j)
				s.endBlock(claimWindow)
				b.StartTimer()
				require.NoError(b, s.keeper.EndBlock(s.ctx))
				b.StopTimer()
				require.Zero(b, count(s, s.keeper.Credits))
				b.StartTimer()
			}
		})
	}
}
