package chain

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func typed(t testing.TB, message proto.Message, extra ...abci.EventAttribute) abci.Event {
	t.Helper()
	event, err := sdk.TypedEventToEvent(message)
	require.NoError(t, err)
	return abci.Event{Type: event.Type, Attributes: append(event.Attributes, extra...)}
}

// The SDK appends these to events of block phases and of messages.
func mode(value string) abci.EventAttribute { return abci.EventAttribute{Key: "mode", Value: value} }

func msgIndex(value string) abci.EventAttribute {
	return abci.EventAttribute{Key: "msg_index", Value: value}
}

func TestBlockGivesTypedEventsInTheOrderTheyHappened(t *testing.T) {
	opened := &verdictstypes.EventRoundOpened{
		Round: 1 << 60, Samples: 3, CommitEndHeight: 9, Sources: []uint64{}, Panel: []string{},
	}
	committed := &verdictstypes.EventCommitted{Round: 7, Operator: "vmt1operator"}
	final := &verdictstypes.EventRoundFinal{Round: 7, AttestationsRoot: []byte{1, 2, 255}}
	block := BlockOf(5, time.Time{}, &abci.ResponseFinalizeBlock{
		Events: []abci.Event{
			typed(t, opened, mode("BeginBlock")),
			{Type: "transfer", Attributes: []abci.EventAttribute{{Key: "sender", Value: "x"}, mode("BeginBlock")}},
			typed(t, final, mode("EndBlock")),
			{Type: "virusmap.verdicts.v1.EventOfALaterVersion", Attributes: []abci.EventAttribute{mode("EndBlock")}},
		},
		TxResults: []*abci.ExecTxResult{
			{Events: []abci.Event{{Type: "tx"}, typed(t, committed, msgIndex("0"))}},
			{Code: 5, Events: []abci.Event{typed(t, &verdictstypes.EventCommitted{Round: 8})}},
		},
	})
	var got []proto.Message
	require.NoError(t, block.Each(func(message proto.Message) error {
		got = append(got, message)
		return nil
	}))
	require.Equal(t, []proto.Message{opened, committed, final}, got)
}

func TestEachReportsUnreadableEventsAndErrorsOfItsFunction(t *testing.T) {
	block := Block{Height: 5, Events: []abci.Event{{
		Type: "virusmap.verdicts.v1.EventCommitted", Attributes: []abci.EventAttribute{{Key: "round", Value: "seven"}},
	}}}
	require.ErrorContains(t, block.Each(func(proto.Message) error { return nil }), "block 5: event virusmap.verdicts.v1.EventCommitted")

	block.Events = []abci.Event{typed(t, &verdictstypes.EventCommitted{Round: 7})}
	require.ErrorIs(t, block.Each(func(proto.Message) error { return ErrPruned }), ErrPruned)
}

// Events come from a node that may not be the operator's own.
func FuzzEach(f *testing.F) {
	f.Add("virusmap.verdicts.v1.EventRoundOpened", "round", `"7"`)
	f.Add("virusmap.verdicts.v1.EventRoundFinal", "attestations_root", `"AQI="`)
	f.Add("virusmap.samples.v1.EventSubmitted", "kind", `"KIND_FILE"`)
	f.Add("virusmap.supernode.v1.EventSeated", "epoch", `{`)
	f.Fuzz(func(t *testing.T, name, key, value string) {
		block := Block{Events: []abci.Event{{Type: name, Attributes: []abci.EventAttribute{{Key: key, Value: value}}}}}
		seen := 0
		if err := block.Each(func(proto.Message) error { seen++; return nil }); err != nil && seen != 0 {
			t.Fatal("an unreadable event was handed over")
		}
	})
}
