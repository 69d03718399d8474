package gateway

import (
	"context"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// SubmitURL takes a URL in: its canonical text is the content of the sample.
func (n native) SubmitURL(ctx context.Context, in *nodev1.SubmitURLRequest) (*nodev1.Submission, error) {
	receipt, err := n.takeURL(ctx, in)
	n.countUpload(receipt, err)
	if err != nil {
		return nil, n.callError(err)
	}
	answer := n.nativeSubmission(receipt)
	answer.Sha1, answer.Md5 = nil, nil // of a text that nobody looks up by them
	return answer, nil
}

func (g *Gateway) takeURL(ctx context.Context, in *nodev1.SubmitURLRequest) (receipt, error) {
	from, err := nativeSender(ctx, in)
	if err != nil {
		return receipt{}, err
	}
	url, err := weburl.Parse(in.Url)
	if err != nil {
		return receipt{}, invalidArgument("url: %s", err)
	}
	return g.takeInURL(ctx, form{url: &url, contributor: in.Contributor}, from)
}
