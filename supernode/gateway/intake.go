package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/queue"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// SubmissionsSubject is followed by the channel in the queue's subjects of submissions on
// their way to the chain; their messages are samples.v1.Submission in protobuf.
const SubmissionsSubject = "submissions"

// queryTimeout bounds one question to the chain.
const queryTimeout = 5 * time.Second

// intakeLocks let one upload at a time decide about a file, and let the submitter note
// results only when no upload is between queue and index.
type intakeLocks struct {
	files   [256]sync.Mutex // by the first byte of the SHA-256
	results sync.RWMutex
}

func (l *intakeLocks) lock(sha256 [32]byte) (unlock func()) {
	file := &l.files[sha256[0]]
	file.Lock()
	l.results.RLock()
	return func() {
		l.results.RUnlock()
		file.Unlock()
	}
}

// sender is what matters of who submits something.
type sender struct {
	source  []byte // tells submitters apart
	channel channel
	// consent is the version of the text that was agreed to, 0 when the key says so.
	consent uint32
}

// receipt is what an uploader gets.
type receipt struct {
	kind     samplestypes.Kind
	analysis index.Analysis
	file     fileInfo
	known    bool
	time     int64 // unix seconds
	// contributor as named, may be empty
	contributor string
	channel     channel
}

// register promises a received file to the chain, or recognises it. Either way it
// counts the submission in the index.
func (g *Gateway) register(ctx context.Context, f form, vaultEpoch uint64, sender sender) (receipt, error) {
	unlock := g.intake.lock(f.sealed.SHA256)
	defer unlock()
	standing, err := g.standing(ctx, f)
	if err != nil {
		g.discard(ctx, f.sealed)
		return receipt{}, err
	}
	now := time.Now().Unix()
	switch {
	case standing.known:
		g.discard(ctx, f.sealed)
		err = g.claimKnown(ctx, f, standing.sample, sender.channel)
	default:
		err = g.promise(ctx, f, vaultEpoch, standing.seen, now, sender.channel)
	}
	if err != nil {
		return receipt{}, err
	}
	analysis, err := g.deps.Index.Record(ctx, index.Submission{
		SHA256:  f.sealed.SHA256,
		SHA1:    f.sealed.SHA1,
		MD5:     f.sealed.MD5,
		Size:    f.sealed.Size,
		Name:    f.name,
		TypeTag: f.typeTag,
		URL:     f.url,
		Source:  sender.source,
		Channel: string(sender.channel),
		Consent: sender.consent,
		Time:    now,
		State:   standing.next,
		Reuse:   standing.known,
	})
	if err != nil {
		return receipt{}, err
	}
	g.sight(f, standing.sample)
	return receipt{kind: f.kind(), analysis: analysis, file: infoOf(f.sealed), known: standing.known, time: now, contributor: f.contributor, channel: sender.channel}, nil
}

// standing is where a file stands before an upload of it is registered.
type standing struct {
	known  bool                 // it needs no submission
	seen   bool                 // this gateway has submitted it before
	next   index.State          // its state after this upload; 0 keeps the one it has
	sample *samplestypes.Sample // its record on chain, nil when there is none or it gives way
}

func (g *Gateway) standing(ctx context.Context, f form) (standing, error) {
	sha256 := f.sealed.SHA256
	file, err := g.deps.Index.File(ctx, sha256[:])
	if err != nil && !errors.Is(err, index.ErrNotFound) {
		return standing{}, err
	}
	seen := err == nil
	if seen && (file.TypeTag == filetypeURL) != (f.url != nil) {
		return standing{}, errOtherKind
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	found, err := g.deps.Samples.Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(sha256[:])})
	switch {
	case err == nil && found.Entry.Sample.Status != samplestypes.STATUS_INVALID && found.Entry.Sample.Kind != f.kind():
		return standing{}, errOtherKind
	case err == nil && found.Entry.Sample.Status != samplestypes.STATUS_INVALID:
		return standing{known: true, seen: seen, next: index.StateOnChain, sample: &found.Entry.Sample}, nil
	case seen && len(f.claimSalt) > 0:
		// What this gateway submitted may be somebody else's; the chain sees whose claim is older.
	case seen && file.State == index.StateQueued:
		return standing{known: true, seen: seen}, nil
	case seen && file.State == index.StateOnChain && err != nil && status.Code(err) != codes.NotFound:
		return standing{known: true, seen: seen}, nil // the chain is out of reach
	}
	// Nobody has it, its record expired, a bad ciphertext was submitted for it, or the
	// chain refused it: this upload is its submission.
	return standing{seen: seen, next: index.StateQueued}, nil
}

// promise puts the submission into the durable queue.
func (g *Gateway) promise(ctx context.Context, f form, vaultEpoch uint64, again bool, now int64, through channel) error {
	submission := samplestypes.Submission{
		Sha256:    f.sealed.SHA256[:],
		Kind:      f.kind(),
		SizeBytes: uint64(f.sealed.Size),
		Sealing: samplestypes.Sealing{
			Cid:           f.sealed.CID.Bytes(),
			SizeBytes:     uint64(f.sealed.CipherSize),
			KeyCommitment: f.sealed.KeyCommitment[:],
			StorageRoot:   f.sealed.StorageRoot[:],
			VaultEpoch:    vaultEpoch,
		},
		Contributor: f.contributor,
		ClaimSalt:   f.claimSalt,
	}
	id := hex.EncodeToString(f.sealed.SHA256[:])
	if again {
		// The queue remembers ids for a while, and this is a new submission.
		id = fmt.Sprintf("%s.%d", id, now)
	}
	err := g.enqueue(ctx, through, id, submission)
	if errors.Is(err, errQueueFull) {
		g.discard(ctx, f.sealed)
	}
	// After any other error the message may be stored, so what it points at stays.
	return err
}

// claimKnown submits a file that is on chain once more, as the chain has it, when its
// uploader has claimed it: an older claim takes the credit back from who copied it.
func (g *Gateway) claimKnown(ctx context.Context, f form, sample *samplestypes.Sample, through channel) error {
	if len(f.claimSalt) == 0 || sample == nil || sample.Contributor == f.contributor {
		return nil
	}
	id := fmt.Sprintf("%x.%x", f.sealed.SHA256, f.claimSalt)
	return g.enqueue(ctx, through, id, samplestypes.Submission{
		Sha256: f.sealed.SHA256[:], Kind: sample.Kind, SizeBytes: sample.SizeBytes, Sealing: sample.Sealing,
		Contributor: f.contributor, ClaimSalt: f.claimSalt,
	})
}

// enqueue puts a submission on its way to the chain.
func (g *Gateway) enqueue(ctx context.Context, through channel, id string, submission samplestypes.Submission) error {
	data, err := submission.Marshal()
	if err != nil {
		return fmt.Errorf("encode submission: %w", err)
	}
	err = g.deps.Queue.Publish(ctx, through.subject(), id, data)
	if errors.Is(err, queue.ErrFull) {
		return errQueueFull
	}
	return err
}
