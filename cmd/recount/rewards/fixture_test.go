package rewards

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/cmd/recount/rounds"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestMain(m *testing.M) {
	_ = app.Denom // the app sets the prefix of addresses
	m.Run()
}

func account(name string) string {
	hash := sha256.Sum256([]byte(name))
	return sdk.AccAddress(hash[:20]).String()
}

func hash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return string(sum[:])
}

// newAudit is a chain of two operators, a and b, with a treasury of a million uvmt.
func newAudit(t *testing.T, change func(*State)) *Audit {
	t.Helper()
	genesis := State{
		Height: 1, Bounty: *bounty.DefaultGenesis(),
		Samples:  samples.GenesisState{Params: samples.DefaultParams()},
		Verdicts: verdicts.GenesisState{Params: verdicts.DefaultParams()},
		Balances: map[string]*big.Int{treasuryAddress(): big.NewInt(1_000_000)}, Supply: big.NewInt(1_000_000),
	}
	genesis.Bounty.Schedule = bounty.Schedule{Treasury: math.NewInt(1_000_000), PeriodEpochs: 1, Tail: math.ZeroInt()}
	for _, name := range []string{"a", "b"} {
		genesis.Supernode.Supernodes = append(genesis.Supernode.Supernodes, supernode.Supernode{
			Operator: account(name), Profile: supernode.Profile{Sidecar: account("sidecar of " + name)},
		})
	}
	if change != nil {
		change(&genesis)
	}
	a, err := New(genesis)
	require.NoError(t, err)
	a.height, a.now, a.epoch = 100, 1000, 1
	return a
}

// submit enters a sample as its event does.
func (a *Audit) submit(name, contributor, gateway string) string {
	a.register.apply(&samples.EventSubmitted{
		Sha256: []byte(hash(name)), Kind: samples.KIND_FILE, Contributor: account(contributor), Gateway: gateway,
	}, a.height)
	return hash(name)
}

// judgement is one of a single engine of operator a that saw malice in all members.
func judgementOf(stage uint32, last bool, members ...string) judgement {
	j := judgement{
		EventResolved: &verdicts.EventResolved{Source: 7, Stage: stage, SlicePpm: 400_000, Last: last},
		members:       members, keys: make(map[string]sampleKeys),
	}
	cells := make([]byte, len(members))
	for i := range members {
		j.truths = append(j.truths, verdicts.OUTCOME_MALICIOUS)
		cells[i] = byte(verdicts.CATEGORY_MALICIOUS) << 4
	}
	j.engines = []rounds.Engine{{Operator: account("a"), Name: "av", Weight: 1_000_000, Cells: cells}}
	return j
}

// keysOf has one key, in the slot.
func keysOf(slot int, name string) (keys sampleKeys) {
	sum := sha256.Sum256(fmt.Appendf(nil, "key %s", name))
	copy(keys[slot][:], sum[:])
	return keys
}
