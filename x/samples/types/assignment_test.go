package types_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

const replication = 3

func operators(n int) (all []sdk.AccAddress) {
	for i := range n {
		all = append(all, account(fmt.Sprint("operator ", i)))
	}
	return all
}

func content(i int) []byte {
	hash := sha256.Sum256([]byte(fmt.Sprint("content ", i)))
	return hash[:]
}

// The hash that everybody must compute alike.
func TestHoldersByTheFormula(t *testing.T) {
	all := operators(5)
	score := func(operator sdk.AccAddress) []byte {
		hash := sha256.Sum256(slices.Concat([]byte("virusmap/assign/v1"), content(0), operator))
		return hash[:]
	}
	want := slices.Clone(all)
	slices.SortFunc(want, func(a, b sdk.AccAddress) int { return bytes.Compare(score(b), score(a)) })
	require.Equal(t, want[:replication], types.Holders(content(0), all, replication))
	require.Equal(t, want, types.Holders(content(0), all, 100), "all, when there are fewer")
	require.Empty(t, types.Holders(content(0), nil, replication))
	require.Empty(t, types.Holders(content(0), all, 0))
}

func TestHoldersDoNotDependOnTheOrder(t *testing.T) {
	all := operators(21)
	turned := slices.Clone(all)
	slices.Reverse(turned)
	for i := range 100 {
		require.Equal(t, types.Holders(content(i), all, replication), types.Holders(content(i), turned, replication))
	}
}

// Holds is Holders for one operator, also at the edges.
func TestHoldsAgreesWithHolders(t *testing.T) {
	all := operators(7)
	stranger := account("stranger")
	for _, replication := range []int{0, 1, 3, 7, 100} {
		for i := range 50 {
			holders := types.Holders(content(i), all, replication)
			for _, operator := range append(slices.Clone(all), stranger) {
				want := slices.ContainsFunc(holders, func(holder sdk.AccAddress) bool { return holder.Equals(operator) })
				require.Equal(t, want, types.Holds(content(i), operator, all, replication), "%d of %d", i, replication)
			}
		}
	}
}

// Each of 20 operators gets 3/20 of the samples, within five percent of that: 4.5 standard
// deviations of what is drawn here.
func TestHoldersAreEven(t *testing.T) {
	const samples, n = 40_000, 20
	all := operators(n)
	held := make(map[string]int)
	for i := range samples {
		for _, holder := range types.Holders(content(i), all, replication) {
			held[holder.String()]++
		}
	}
	for _, operator := range all {
		require.InEpsilon(t, samples*replication/n, held[operator.String()], 0.05)
	}
}

// One that joins takes its share and moves nothing else; one that leaves hands on its own
// samples and no others.
func TestHoldersMoveLittle(t *testing.T) {
	const samples, n = 10_000, 20
	before, after := operators(n), operators(n+1)
	joiner := after[n]
	moved := 0
	for i := range samples {
		without, with := types.Holders(content(i), before, replication), types.Holders(content(i), after, replication)
		if !types.Holds(content(i), joiner, after, replication) {
			require.Equal(t, without, with, "nothing moves between those who stay")
			continue
		}
		moved++
		rest := slices.DeleteFunc(slices.Clone(with), func(a sdk.AccAddress) bool { return a.Equals(joiner) })
		require.Equal(t, without[:replication-1], rest, "only the last holder gives way")
	}
	require.InEpsilon(t, samples*replication/(n+1), moved, 0.1)
}
