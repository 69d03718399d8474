package peers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// ask puts a raw question and returns why it was refused.
func (s *swarm) ask(from, to *supernode, q any) error {
	s.t.Helper()
	require.NoError(s.t, from.vault.Connect(patience(s.t), to.vault.PeerID(), to.vault.Addrs()))
	data, err := json.Marshal(q)
	require.NoError(s.t, err)
	_, err = from.vault.Ask(patience(s.t), to.vault.PeerID(), protocol, data)
	return err
}

func TestWhoGetsNoKeys(t *testing.T) {
	keys, _ := epochKeys(1)
	for name, test := range map[string]struct {
		change func(s *swarm, asking *supernode, q *question)
		reason error
	}{
		"unknown operator": {func(s *swarm, asking *supernode, _ *question) {
			delete(s.chain.profiles, asking.operator)
		}, errStranger},
		"in the name of another": {func(s *swarm, _ *supernode, q *question) {
			q.Operator = s.all[1].operator
		}, errWrongPeer},
		"without a published peer id": {func(s *swarm, asking *supernode, _ *question) {
			s.chain.profiles[asking.operator] = supernodetypes.Profile{Recipient: asking.identity.Recipient().String()}
		}, errWrongPeer},
		"without a seat": {func(s *swarm, asking *supernode, _ *question) {
			s.chain.seated = []string{s.all[1].operator}
		}, errNotSeated},
		"benched": {func(s *swarm, asking *supernode, _ *question) {
			s.chain.benched = []string{asking.operator}
		}, errNotSeated},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSwarm(t, 2)
			asking, server := s.all[0], s.all[1]
			asked := s.serve(server, keys)
			q := question{Operator: asking.operator, Epochs: []uint64{1}}
			require.NoError(t, s.ask(asking, server, q))
			require.Equal(t, 1, *asked)
			test.change(s, asking, &q)
			err := s.ask(asking, server, q)
			require.ErrorIs(t, err, vault.ErrRefused)
			require.ErrorContains(t, err, test.reason.Error())
			require.Equal(t, 1, *asked, "no key was touched")
		})
	}
}

func TestMalformedQuestionsAreRefused(t *testing.T) {
	s := newSwarm(t, 2)
	keys, _ := epochKeys(1)
	s.serve(s.all[1], keys)
	many := make([]uint64, MaxEpochs+1)
	for i := range many {
		many[i] = uint64(i + 1)
	}
	operator := s.all[0].operator
	for reason, q := range map[string]any{
		"want 1 to 64":      question{Operator: operator, Epochs: many},
		"got 0":             question{Operator: operator},
		"is 0":              question{Operator: operator, Epochs: []uint64{0}},
		"there twice":       question{Operator: operator, Epochs: []uint64{5, 5}},
		"unknown field":     map[string]any{"operator": operator, "epochs": []int{1}, "recipient": "mine"},
		"cannot unmarshal":  []string{"no"},
		"limit 4096":        question{Operator: strings.Repeat("x", 5000), Epochs: []uint64{1}},
		errStranger.Error(): question{Operator: "nobody", Epochs: []uint64{1}},
	} {
		require.ErrorContains(t, s.ask(s.all[0], s.all[1], q), reason)
	}
}

func FuzzDecodeQuestion(f *testing.F) {
	f.Add([]byte(`{"operator":"vmt1","epochs":[1,2]}`))
	f.Add([]byte(`{"epochs":[18446744073709551616]}`))
	f.Add([]byte(`{"epochs":[1]} {}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := decodeQuestion(data)
		if err == nil && (len(q.Epochs) < 1 || len(q.Epochs) > MaxEpochs) {
			t.Fatalf("%d epochs", len(q.Epochs))
		}
	})
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(`{"keys":[{"epoch":1,"sealed":"AAAA"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decodeAnswer(data)
		if err == nil && len(a.Keys) > MaxEpochs {
			t.Fatalf("%d keys", len(a.Keys))
		}
	})
}

func FuzzDecodeKept(f *testing.F) {
	own := vault.NewEpochKey()
	keys, _ := epochKeys(1)
	sealed, err := encodeKept(keys, own.Recipient())
	require.NoError(f, err)
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		kept, err := decodeKept(data, own)
		for _, identity := range kept {
			if err != nil || identity == nil {
				t.Fatal("a key beside an error, or none")
			}
		}
	})
}
