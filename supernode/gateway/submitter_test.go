package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// TestReceiptOutlivesTheProcess stops a gateway after it answered and before anything
// was submitted, and starts another one on the same files.
func TestReceiptOutlivesTheProcess(t *testing.T) {
	first := startNode(t, nil)
	var ids []string
	for i := range 5 {
		ids = append(ids, first.upload(t, file(fmt.Sprint("content ", i))).resource(t).ID)
	}
	require.Empty(t, first.chain.accepted())
	first.stop()

	second := startNodeAt(t, first.dir, first.chain, nil)
	second.submitting(t)
	eventually(t, func() bool { return len(second.chain.accepted()) == 5 }, "all submitted")
	for _, id := range ids {
		second.get(t, "/api/v3/analyses/"+id).resource(t)
	}
}

func TestBatchesAreSubmittedTogether(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	const files = perMessage + 20 // more than one message takes
	for i := range files {
		n.upload(t, file(fmt.Sprint("content ", i))).resource(t)
	}
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == files }, "all submitted")
	n.chain.set(func() { require.Less(t, n.chain.broadcasts, 10) })
}

// TestBadSubmissionIsSetAside has one bad submission among good ones.
func TestBadSubmissionIsSetAside(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	n.chain.refuse = func(s samplestypes.Submission) error {
		if fmt.Sprintf("%x", s.Sha256) == hexOf("content 3") {
			return &chain.Error{Codespace: samplestypes.ModuleName, Code: samplestypes.ErrCIDTaken.ABCICode(), Log: "CID belongs to another sample"}
		}
		return nil
	}
	var bad string
	for i := range 9 {
		id := n.upload(t, file(fmt.Sprint("content ", i))).resource(t).ID
		if i == 3 {
			bad = id
		}
	}
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 8 && n.queued(t) == 0 }, "the good ones are submitted")

	a := n.get(t, "/api/v3/analyses/"+bad)
	require.Equal(t, "queued", a.resource(t).Attributes["status"], "never an error, never a result")
	meta := a.Meta["virusmap"].(map[string]any)
	require.Equal(t, "refused", meta["submission"])
	require.Contains(t, meta["reason"], "CID belongs to another sample")
	require.Equal(t, 1.0, countOf(t, n.metrics.refused))

	// Submitting the file again is a new try, within the time the queue remembers ids.
	n.chain.set(func() { n.chain.refuse = nil })
	n.upload(t, file("content 3")).resource(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 9 }, "submitted again")
}

// TestPassingTroubleKeepsSubmissionsQueued: an empty account must not cost a submission.
func TestPassingTroubleKeepsSubmissionsQueued(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"no funds": &chain.Error{
			Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrInsufficientFunds.ABCICode(), Log: "insufficient funds",
		},
		"away": errors.New("connection refused"),
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			n.chain.refuse = func(samplestypes.Submission) error { return err }
			n.upload(t, file("content")).resource(t)
			n.submitting(t)
			eventually(t, func() bool { return countOf(t, n.metrics.retried) >= 1 }, "first try failed")
			stored, err := n.index.File(context.Background(), mustHash(t, hexOf("content")))
			require.NoError(t, err)
			require.Equal(t, index.StateQueued, stored.State)
			n.chain.set(func() { n.chain.refuse = nil })
			eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submitted in the end")
		})
	}
}

func TestUnreadableMessageDoesNotBlockTheQueue(t *testing.T) {
	n := startNode(t, nil)
	require.NoError(t, n.queue.Publish(context.Background(), SubmissionsSubject, "junk", []byte(strings.Repeat("\xff", 40))))
	n.upload(t, file("content")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 && n.queued(t) == 0 }, "queue drained")
}
