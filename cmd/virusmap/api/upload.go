package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/virusmap/virusmap/supernode/receipt"
)

// directBytes is the size up to which files go to /files itself (V-02, V-03).
const directBytes = 32 << 20

// Upload is a file to submit.
type Upload struct {
	Name string
	Size int64
	// Open is called once per attempt.
	Open func() (io.ReadCloser, error)
	// Contributor is the account that is credited; empty leaves it to the gateway.
	Contributor string
	// ClaimSalt in hex opens a claim that the contributor made; empty leaves claiming to
	// the gateway.
	ClaimSalt string
	// Channel is the way the file came in, such as api or feed; empty leaves it to the gateway.
	Channel string
}

// Receipt is the answer to an upload.
type Receipt struct {
	// Analysis is the id to ask for with Client.Analysis.
	Analysis string
	// SHA256 of what arrived, in hex; empty when the server does not say.
	SHA256 string
	// Signed is the gateway's promise, not checked yet; nil when it gave none.
	Signed *receipt.Receipt
}

// Upload streams a file. The body has no length and is never held in memory.
func (c *Client) Upload(ctx context.Context, upload Upload) (Receipt, error) {
	target := c.url("files")
	if upload.Size > directBytes {
		var err error
		if target, err = c.uploadURL(ctx); err != nil {
			return Receipt{}, err
		}
	}
	var receipt Receipt
	err := retry(ctx, func() (err error) {
		receipt, err = c.send(ctx, target, upload)
		return err
	})
	return receipt, err
}

// uploadURL asks where to send a large file.
func (c *Client) uploadURL(ctx context.Context) (string, error) {
	body, err := c.get(ctx, "files", "upload_url")
	if err != nil {
		return "", err
	}
	var envelope struct {
		Data string `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return "", fmt.Errorf("upload_url: %w", err)
	}
	at, err := url.Parse(envelope.Data)
	if err != nil || at.Host == "" || (at.Scheme != "https" && at.Scheme != c.base.Scheme) {
		return "", fmt.Errorf("upload_url: the server names %.100q, which is not an absolute URL of its own scheme", envelope.Data)
	}
	return at.String(), nil
}

func (c *Client) send(ctx context.Context, target string, upload Upload) (Receipt, error) {
	content, err := upload.Open()
	if err != nil {
		return Receipt{}, err
	}
	body, form := io.Pipe()
	writer := multipart.NewWriter(form)
	written := make(chan error, 1)
	go func() {
		defer content.Close()
		err := writeForm(writer, content, upload)
		// The reader sees the error and gives up the request.
		form.CloseWithError(err)
		written <- err
	}()
	answer, err := c.post(ctx, target, writer.FormDataContentType(), upload.Channel, body)
	body.Close()
	if err := <-written; err != nil && err != io.ErrClosedPipe {
		return Receipt{}, err
	}
	if err != nil {
		return Receipt{}, err
	}
	return readReceipt(answer)
}

// SubmitURL hands in a URL (V-20) for a contributor, who may be empty.
func (c *Client) SubmitURL(ctx context.Context, address, contributor string) (Receipt, error) {
	form := url.Values{"url": {address}}
	if contributor != "" {
		form.Set("contributor", contributor)
	}
	var receipt Receipt
	err := retry(ctx, func() error {
		answer, err := c.post(ctx, c.url("urls"), "application/x-www-form-urlencoded", "", strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		receipt, err = readReceipt(answer)
		return err
	})
	return receipt, err
}

func readReceipt(answer []byte) (Receipt, error) {
	var envelope struct {
		Data struct {
			Type string `json:"type"`
			ID   string `json:"id"`
		} `json:"data"`
		Meta struct {
			FileInfo struct {
				SHA256 string `json:"sha256"`
			} `json:"file_info"`
			VirusMap struct {
				Receipt *receipt.Receipt `json:"receipt"`
			} `json:"virusmap"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(answer, &envelope); err != nil || envelope.Data.Type != "analysis" || envelope.Data.ID == "" {
		return Receipt{}, fmt.Errorf("the answer to the upload names no analysis")
	}
	return Receipt{Analysis: envelope.Data.ID, SHA256: envelope.Meta.FileInfo.SHA256, Signed: envelope.Meta.VirusMap.Receipt}, nil
}

func (c *Client) post(ctx context.Context, target, contentType, channel string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	if channel != "" {
		request.Header.Set("X-Virusmap-Channel", channel)
	}
	return c.do(request)
}

func writeForm(writer *multipart.Writer, content io.Reader, upload Upload) error {
	for _, field := range [][2]string{{"contributor", upload.Contributor}, {"claim_salt", upload.ClaimSalt}} {
		if field[1] == "" {
			continue
		}
		if err := writer.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}
	part, err := writer.CreateFormFile("file", upload.Name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, content); err != nil {
		return err
	}
	return writer.Close()
}
