package economy

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/sim/arena"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// TestMempoolCopier: a thief reads submissions in the mempool and gets its copy into the
// block first, as a proposer can. Where the submission opens a claim, the thief earns
// nothing; without claims it would take everything.
func TestMempoolCopier(t *testing.T) {
	for _, claims := range []bool{true, false} {
		var players []*arena.Player
		for i := range 4 {
			players = append(players, careful(content("honest_%d", i), int64(70+i), 0.95))
		}
		victim, thief := &person{name: "victim"}, &person{name: "thief"}
		w := newWorld(t, 7, players, []*person{victim, thief}, func(s *bountytypes.GenesisState) { s.Params.SightingsFull = 0 })
		victim.act = func(w *world, p *person, epoch, block int) {
			if block%20 == 3 && epoch == 0 {
				w.submitRaced(victim, thief, content("find %d", block), claims)
			}
		}
		w.run(3)
		name := map[bool]string{true: "with_claims", false: "without_claims"}[claims]
		if claims {
			arena.Bound(t, "copier_profit_"+name+"_vmt", last(thief.profit), -arena.Unbounded, 0)
			arena.Bound(t, "copier_victim_profit_"+name+"_vmt", last(victim.profit), 1, arena.Unbounded)
			continue
		}
		arena.Show("copier_profit_"+name+"_vmt", last(thief.profit))
		arena.Show("copier_victim_profit_"+name+"_vmt", last(victim.profit))
	}
}

// submitRaced lets the victim claim (or not) in this block and submit in the next, in
// which the thief's copy comes first.
func (w *world) submitRaced(victim, thief *person, what string, claims bool) {
	submission := w.Sample([]byte(what), arena.Truth{Malicious: true, Keys: family(what)})
	if claims {
		salt := sha256.Sum256([]byte("salt " + what))
		submission.ClaimSalt = salt[:]
		hash := samplestypes.ClaimHash(submission.Sha256, victim.account.Address, salt[:])
		w.Step(w.Sign(victim.account, &samplestypes.MsgClaimSubmissions{Claimant: victim.account.Address.String(), Hashes: [][]byte{hash}}))
	}
	// The thief copies the whole submission, also the salt, which opens nothing of its own.
	stolen := submission
	first := w.Sign(thief.account, thief.account.Submit(stolen))
	second := w.Sign(victim.account, victim.account.Submit(submission))
	response := w.Step(first, second)
	for _, result := range response.TxResults[:2] {
		require.Zero(w.T, result.Code, result.Log)
	}
}
