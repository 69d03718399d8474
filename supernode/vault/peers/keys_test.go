package peers

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/vault"
)

func requireKeys(t *testing.T, want, got map[uint64]*age.HybridIdentity) {
	t.Helper()
	require.Len(t, got, len(want))
	for epoch, identity := range want {
		require.Equal(t, identity.String(), got[epoch].String(), "epoch %d", epoch)
	}
}

// Two peers have a part of the keys each; more are wanted than fit in one question.
func TestLateJoinerGetsEveryKey(t *testing.T) {
	s := newSwarm(t, 3)
	all, published := epochKeys(MaxEpochs + 6)
	odd, even := map[uint64]*age.HybridIdentity{}, map[uint64]*age.HybridIdentity{}
	for epoch, key := range all {
		if epoch%2 == 0 {
			even[epoch] = key
		} else {
			odd[epoch] = key
		}
	}
	s.serve(s.all[1], odd)
	s.serve(s.all[2], even)
	requireKeys(t, all, s.keys(s.all[0]).VaultKeys(patience(t), published))
}

func TestRestartKeepsKeysAndDiskShowsNone(t *testing.T) {
	s := newSwarm(t, 2)
	all, published := epochKeys(2)
	asked := s.serve(s.all[1], all)
	first := s.keys(s.all[0])
	requireKeys(t, all, first.VaultKeys(patience(t), published))
	require.Equal(t, 2, *asked)
	requireKeys(t, all, first.VaultKeys(patience(t), published))

	require.NoError(t, s.all[1].vault.Close())
	again := s.keys(s.all[0])
	requireKeys(t, all, again.VaultKeys(patience(t), published))
	require.Equal(t, all[1].String(), again.Kept(1).String())
	require.Nil(t, again.Kept(3))

	file, err := os.ReadFile(first.Path)
	require.NoError(t, err)
	require.NotContains(t, string(file), "AGE-SECRET-KEY")
	info, err := os.Stat(first.Path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestKeptKeyGivesWayWhenTheChainPublishesAnother(t *testing.T) {
	s := newSwarm(t, 2)
	all, published := epochKeys(1)
	s.serve(s.all[1], all)
	keys := s.keys(s.all[0])
	requireKeys(t, all, keys.VaultKeys(patience(t), published))
	later, laterPublished := epochKeys(1)
	s.serve(s.all[1], later)
	requireKeys(t, later, keys.VaultKeys(patience(t), laterPublished))
	requireKeys(t, later, s.keys(s.all[0]).VaultKeys(patience(t), laterPublished))
}

func TestFileOfAnotherIdentityIsForgotten(t *testing.T) {
	s := newSwarm(t, 2)
	all, published := epochKeys(1)
	s.serve(s.all[1], all)
	s.keys(s.all[0]).VaultKeys(patience(t), published)
	s.all[0].identity = vault.NewEpochKey()
	require.Nil(t, s.keys(s.all[0]).Kept(1))
}

// What a malicious peer says costs one question and nothing else.
func TestMaliciousPeerIsPassedOver(t *testing.T) {
	all, published := epochKeys(2)
	wrong, _ := epochKeys(2)
	seal := func(key *age.HybridIdentity, to *supernode) []byte {
		sealed, err := vault.SealIdentity(key, to.identity.Recipient().String())
		require.NoError(t, err)
		return sealed
	}
	for name, lie := range map[string]func(victim *supernode) any{
		"wrong keys": func(v *supernode) any {
			return answer{Keys: []sealedKey{{1, seal(wrong[1], v)}, {2, seal(wrong[2], v)}}}
		},
		"swapped epochs":   func(v *supernode) any { return answer{Keys: []sealedKey{{1, seal(all[2], v)}, {2, seal(all[1], v)}}} },
		"other epochs":     func(v *supernode) any { return answer{Keys: []sealedKey{{3, seal(wrong[1], v)}}} },
		"garbage in a key": func(*supernode) any { return answer{Keys: []sealedKey{{1, []byte("garbage")}}} },
		"no answer at all": func(*supernode) any { return "garbage" },
		"too many keys":    func(*supernode) any { return answer{Keys: make([]sealedKey, MaxEpochs+1)} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSwarm(t, 2)
			victim, liar := s.all[0], s.all[1]
			liar.vault.Answer(protocol, func(context.Context, string, []byte) ([]byte, error) { return json.Marshal(lie(victim)) })
			keys := s.keys(victim)
			require.Empty(t, keys.VaultKeys(patience(t), published))
			require.Nil(t, keys.Kept(1))
			require.Nil(t, s.keys(victim).Kept(3))

			honest := s.join("honest")
			s.serve(honest, all)
			require.Empty(t, keys.VaultKeys(patience(t), published), "peers are not asked all the time")
			requireKeys(t, all, s.keys(victim).VaultKeys(patience(t), published))
		})
	}
}
