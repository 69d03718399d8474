package network

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"strconv"
	"time"
)

const pollInterval = 100 * time.Millisecond

// Until calls done until it is true or the context ends.
func Until(ctx context.Context, what string, done func() bool) error {
	for !done() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
	return nil
}

// Height returns the newest height of a validator, 0 when it does not answer.
func (v *Validator) Height(ctx context.Context) int64 {
	var status struct {
		Result struct {
			SyncInfo struct {
				Height string `json:"latest_block_height"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	if err := getJSON(ctx, v.RPC+"/status", &status); err != nil {
		return 0
	}
	height, err := strconv.ParseInt(status.Result.SyncInfo.Height, 10, 64)
	if err != nil {
		return 0
	}
	return height
}

// BlockHash returns the hash of a block in hex.
func (v *Validator) BlockHash(ctx context.Context, height int64) (string, error) {
	var commit struct {
		Result struct {
			SignedHeader struct {
				Commit struct {
					BlockID struct {
						Hash string `json:"hash"`
					} `json:"block_id"`
				} `json:"commit"`
			} `json:"signed_header"`
		} `json:"result"`
	}
	if err := getJSON(ctx, fmt.Sprintf("%s/commit?height=%d", v.RPC, height), &commit); err != nil {
		return "", err
	}
	return commit.Result.SignedHeader.Commit.BlockID.Hash, nil
}

// WaitHeight waits until every validator has reached a height.
func (n *Network) WaitHeight(ctx context.Context, height int64) error {
	for _, validator := range n.Validators {
		err := validator.Until(ctx, fmt.Sprintf("height %d", height), func() bool { return validator.Height(ctx) >= height })
		if err != nil {
			return err
		}
	}
	return nil
}

// WaitReady waits until a supernode says that all its parts work.
func (s *Supernode) WaitReady(ctx context.Context) error {
	return s.Until(ctx, s.URL+"/healthz", func() bool {
		var health any
		return getJSON(ctx, s.URL+"/healthz", &health) == nil
	})
}

// Until is the function Until, and ends early when the process has ended.
func (p *Process) Until(ctx context.Context, what string, done func() bool) error {
	died := false
	err := Until(ctx, what, func() bool {
		died = !p.Running()
		return died || done()
	})
	if died {
		return fmt.Errorf("waiting for %s: the process has ended, see %s", what, p.Log)
	}
	return err
}

func getJSON(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, 64<<20)).Decode(into)
}

// maxOffset keeps all ports below 32768, where Linux starts to give ports to outgoing
// connections: one of those could take the port of a process that is being restarted.
const maxOffset = 6000

// freeOffset finds an offset at which all ports of a network are free.
func freeOffset(validators, supernodes int) (int, error) {
	for range 100 {
		offset := 1 + rand.Intn(maxOffset)
		if allFree(offset, validators, supernodes) {
			return offset, nil
		}
	}
	return 0, fmt.Errorf("no free range of ports for %d validators and %d supernodes", validators, supernodes)
}

func allFree(offset, validators, supernodes int) bool {
	free := func(port int) bool {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		return listener.Close() == nil
	}
	for i := range validators {
		for _, usual := range []int{26656, 26657, 26660, 6060, 9090, 1317} {
			if !free(usual + 10*i + offset) {
				return false
			}
		}
	}
	for i := range supernodes {
		for _, usual := range []int{gatewayPort, vaultPort} {
			if !free(usual + 10*i + offset) {
				return false
			}
		}
	}
	return true
}
