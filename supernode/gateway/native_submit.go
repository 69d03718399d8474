package gateway

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
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
	return stream.SendAndClose(submissionOf(receipt))
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

func submissionOf(r receipt) *nodev1.Submission {
	return &nodev1.Submission{
		AnalysisId: r.analysis.ID, Sha256: r.file.SHA256, Sha1: textOrNil(r.file.SHA1), Md5: textOrNil(r.file.MD5),
		Size: r.file.Size, Known: r.known,
	}
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
	if err := checkHeader(clientOfCall(ctx), header.Contributor, header.Consent); err != nil {
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
	}, terms.epoch, clientOfCall(ctx).source)
}

// checkHeader checks what goes with a submission of either kind.
func checkHeader(c *client, contributor string, agreed uint32) error {
	if contributor != "" {
		if _, err := samplestypes.ParseAddress("contributor", contributor); err != nil {
			return invalidArgument("contributor: %.100q is not an account address (vmt1...)", contributor)
		}
	}
	if c.anonymous() && agreed != consentVersion {
		return invalidArgument("consent: %d is not the version %d of the text that Info has; it is needed without an API key", agreed, consentVersion)
	}
	return nil
}
