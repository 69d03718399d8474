package gateway

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/consent"
	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// maxGivenName bounds a file name as it is sent; what is kept is shorter.
const maxGivenName = 4096

// SubmitFile takes a file in while it arrives, as postFile does.
func (n native) SubmitFile(stream grpc.ClientStreamingServer[nodev1.SubmitFileRequest, nodev1.Submission]) error {
	receipt, err := n.takeStream(stream)
	n.countUpload(receipt, err)
	if err != nil {
		return n.callError(err)
	}
	return stream.SendAndClose(n.nativeSubmission(receipt))
}

func (g *Gateway) countUpload(r receipt, err error) {
	switch {
	case err != nil:
		g.metrics.uploads.WithLabelValues("failed").Inc()
		return
	case r.known:
		g.metrics.uploads.WithLabelValues("known").Inc()
	default:
		g.metrics.uploads.WithLabelValues("new").Inc()
	}
	g.metrics.received.Add(float64(r.file.Size))
}

// nativeSubmission answers what was taken in, with the signed receipt.
func (g *Gateway) nativeSubmission(r receipt) *nodev1.Submission {
	answer := &nodev1.Submission{
		AnalysisId: r.analysis.ID, Sha256: r.file.SHA256, Sha1: textOrNil(r.file.SHA1), Md5: textOrNil(r.file.MD5),
		Size: r.file.Size, Known: r.known,
	}
	if signed := g.signReceipt(r); signed != nil {
		answer.Receipt = &nodev1.Receipt{
			Kind: signed.Kind, Contributor: signed.Contributor, Channel: signed.Channel, Time: signed.Time,
			ChainId: signed.ChainID, Gateway: signed.Gateway,
			Statement: signed.Statement, PubKey: signed.PubKey, Signature: signed.Signature,
		}
	}
	return answer
}

func (g *Gateway) takeStream(stream grpc.ClientStreamingServer[nodev1.SubmitFileRequest, nodev1.Submission]) (receipt, error) {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	if err := takeSlot(ctx, g.slots, "upload"); err != nil {
		return receipt{}, err
	}
	defer func() { <-g.slots }()
	g.metrics.uploading.Inc()
	defer g.metrics.uploading.Dec()

	chunks := newChunkReader(ctx, stream, time.Duration(g.cfg.UploadGrace)*time.Second, g.cfg.MinUploadRate)
	header, err := chunks.header()
	if err != nil {
		return receipt{}, err
	}
	from, err := nativeSender(ctx, header)
	if err != nil {
		return receipt{}, err
	}
	if len(header.Name) > maxGivenName {
		return receipt{}, invalidArgument("header.name: %d bytes, at most %d", len(header.Name), maxGivenName)
	}
	terms, err := g.currentTerms(ctx)
	if err != nil {
		return receipt{}, err
	}
	limit := min(g.cfg.MaxFileBytes, terms.maxBytes)
	content := &fileReader{from: chunks, limit: limit}
	sealed, err := g.deps.Vault.Seal(ctx, content, terms.recipient)
	switch {
	case err == nil && sealed.Size == 0:
		g.discard(ctx, sealed)
		return receipt{}, badRequest("chunk: the file is empty")
	case errors.Is(content.err, vault.ErrTooLarge), errors.Is(err, vault.ErrTooLarge):
		return receipt{}, tooLarge(limit)
	case content.err != nil:
		return receipt{}, content.err
	case err != nil:
		g.log.Error("an upload could not be stored", "error", err)
		return receipt{}, transient("the file could not be stored; try again later")
	}
	// The file is here: a client that leaves now has submitted it all the same.
	rest, done := context.WithTimeout(context.WithoutCancel(ctx), registerTimeout)
	defer done()
	return g.register(rest, form{
		sealed: sealed, found: true, name: cleanName(header.Name), typeTag: g.deps.FileType(content.head),
		contributor: header.Contributor,
	}, terms.epoch, from)
}

// submissionHeader is what goes with a submission of either kind.
type submissionHeader interface {
	GetContributor() string
	GetConsent() uint32
	GetChannel() string
}

// nativeSender is who submits, by the rules of senderOf.
func nativeSender(ctx context.Context, header submissionHeader) (sender, error) {
	c := clientOfCall(ctx)
	if contributor := header.GetContributor(); contributor != "" {
		if _, err := samplestypes.ParseAddress("contributor", contributor); err != nil {
			return sender{}, invalidArgument("contributor: %.100q is not an account address (vmt1...)", contributor)
		}
	}
	own, highest := channelAPI, channelExtension
	if c.anonymous() {
		own, highest = channelWeb, channelWeb
	}
	through, err := channel(header.GetChannel()).within(own, highest)
	if err != nil {
		return sender{}, err
	}
	agreed := header.GetConsent()
	if agreed != consent.Version && (agreed != 0 || c.anonymous()) {
		return sender{}, badRequest("consent: %d is not the version of the text that is in force, %d", agreed, consent.Version)
	}
	return sender{source: c.source, channel: through, consent: agreed}, nil
}
