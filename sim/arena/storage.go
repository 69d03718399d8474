package arena

import (
	"fmt"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// proofs answers every new storage challenge, once, except where the player has dropped
// the chunk or the content is not at hand.
func (a *Arena) proofs() [][]byte {
	if len(a.Contents) == 0 {
		return nil
	}
	iterator, err := a.App.SamplesKeeper.Challenges.Iterate(a.Context(), nil)
	require.NoError(a.T, err)
	challenges, err := iterator.Values()
	require.NoError(a.T, err)
	var txs [][]byte
	for _, challenge := range challenges {
		id := fmt.Sprint(challenge.Epoch, challenge.Operator, challenge.Index)
		content, known := a.Contents[string(challenge.Sha256)]
		player := a.playerOf(challenge)
		if a.proved[id] || !known || player == nil {
			continue
		}
		a.proved[id] = true
		if player.Dropped == nil || !player.Dropped(challenge) {
			txs = append(txs, a.SignFree(player.Node.Sidecar, 2_000_000, player.Node.Prove(challenge, content)))
		}
	}
	return txs
}

func (a *Arena) playerOf(challenge samplestypes.Challenge) *Player {
	for _, p := range a.Players {
		if p.Node.Operator.Address.String() == challenge.Operator {
			return p
		}
	}
	return nil
}
