package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	libp2pnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multiaddr"
	"golang.org/x/time/rate"
)

// Protocol is one kind of question that vaults answer each other, with its bounds. A
// question is one stream: a frame there, a frame back. A frame is its length as uint32
// big-endian and so many bytes; that of an answer begins with a byte, 0 for an answer
// and 1 for a refusal, whose text follows.
type Protocol struct {
	ID          string
	MaxQuestion int // bytes
	MaxAnswer   int // bytes
	// PerSecond and Burst are how often one peer may ask; who asks more often waits.
	PerSecond float64
	Burst     int
}

const (
	// answerTimeout bounds the making of an answer, from the first byte of the question on.
	answerTimeout = 20 * time.Second
	// maxAnswering bounds the questions of one kind and one peer that are answered, or
	// wait for their turn, at one time.
	maxAnswering = 4
	// maxAskers bounds the peers whose pace is remembered.
	maxAskers  = 1024
	maxRefusal = 256 // bytes of text

	answered, refused = 0, 1
)

// ErrRefused is what a peer says that will not answer.
var ErrRefused = errors.New("refused by the peer")

// errOffline is returned by questions of a vault without a network.
var errOffline = errors.New("the vault is offline")

// Handler answers the question of a peer. The peer's id is authenticated by the
// connection. The text of an error is told to the peer.
type Handler func(ctx context.Context, from string, question []byte) ([]byte, error)

// Answer makes this vault answer a kind of question, in place of an earlier handler.
func (v *Vault) Answer(p Protocol, handler Handler) {
	if v.network == nil {
		return
	}
	a := &answerer{protocol: p, handler: handler, askers: make(map[peer.ID]*asker)}
	v.network.host.SetStreamHandler(protocol.ID(p.ID), a.serve)
}

// Connect makes sure of a connection to a peer, at the multiaddrs given or at those known
// already. Of an address that ends in /p2p/<id> that part is left out of account.
func (v *Vault) Connect(ctx context.Context, peerID string, addrs []string) error {
	if v.network == nil {
		return fmt.Errorf("vault: connect: %w", errOffline)
	}
	id, err := peer.Decode(peerID)
	if err != nil {
		return fmt.Errorf("vault: connect: peer id %.100q: %w", peerID, err)
	}
	if id == v.id || v.network.host.Network().Connectedness(id) == libp2pnet.Connected {
		return nil
	}
	info := peer.AddrInfo{ID: id}
	for _, text := range addrs {
		addr, err := multiaddr.NewMultiaddr(text)
		if err != nil {
			return fmt.Errorf("vault: connect: address %.100q: %w", text, err)
		}
		if transport, _ := peer.SplitAddr(addr); transport != nil {
			info.Addrs = append(info.Addrs, transport)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := v.network.host.Connect(ctx, info); err != nil {
		return fmt.Errorf("vault: connect: %w", err)
	}
	return nil
}

// Connected lists the ids of the peers with a connection.
func (v *Vault) Connected() []string {
	if v.network == nil {
		return nil
	}
	var ids []string
	for _, id := range v.network.host.Network().Peers() {
		ids = append(ids, id.String())
	}
	return ids
}

// Ask puts a question to a connected peer. It ends with ctx, and after answerTimeout.
//
// Errors: ErrRefused; that of the connection; the cause of ctx.
func (v *Vault) Ask(ctx context.Context, peerID string, p Protocol, question []byte) ([]byte, error) {
	answer, err := v.ask(ctx, peerID, p, question)
	if err != nil {
		return nil, fmt.Errorf("vault: ask %s of %s: %w", p.ID, peerID, err)
	}
	return answer, nil
}

func (v *Vault) ask(ctx context.Context, peerID string, p Protocol, question []byte) ([]byte, error) {
	if v.network == nil {
		return nil, errOffline
	}
	id, err := peer.Decode(peerID)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(libp2pnet.WithNoDial(ctx, "questions go to connected peers"), answerTimeout)
	defer cancel()
	stream, err := v.network.host.NewStream(ctx, id, protocol.ID(p.ID))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() }) // wakes a blocked read
	defer stop()
	defer func() { _ = stream.Close() }()
	if err := writeFrame(stream, question); err != nil {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	answer, err := readFrame(stream, 1+max(p.MaxAnswer, maxRefusal))
	switch {
	case err != nil:
		return nil, errors.Join(err, context.Cause(ctx))
	case len(answer) == 0 || answer[0] > refused:
		return nil, errors.New("answer is malformed")
	case answer[0] == refused:
		return nil, fmt.Errorf("%w: %.*q", ErrRefused, maxRefusal, answer[1:])
	}
	return answer[1:], nil
}

// answerer serves one kind of question.
type answerer struct {
	protocol Protocol
	handler  Handler

	mu     sync.Mutex
	askers map[peer.ID]*asker
}

// asker is what one peer may take up.
type asker struct {
	pace  *rate.Limiter
	slots chan struct{}
}

func (a *answerer) serve(stream libp2pnet.Stream) {
	defer func() { _ = stream.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	if err := stream.SetDeadline(deadline); err != nil {
		_ = stream.Reset()
		return
	}
	answer, err := a.answer(ctx, stream.Conn().RemotePeer(), stream)
	if err != nil {
		text := err.Error()
		answer = append([]byte{refused}, text[:min(len(text), maxRefusal)]...)
	}
	if err := writeFrame(stream, answer); err != nil {
		_ = stream.Reset()
	}
}

func (a *answerer) answer(ctx context.Context, from peer.ID, stream io.Reader) ([]byte, error) {
	asker := a.asker(from)
	select {
	case asker.slots <- struct{}{}:
		defer func() { <-asker.slots }()
	default:
		return nil, errors.New("too many questions at one time")
	}
	if err := asker.pace.Wait(ctx); err != nil {
		return nil, errors.New("asked too often")
	}
	question, err := readFrame(stream, a.protocol.MaxQuestion)
	if err != nil {
		return nil, err
	}
	answer, err := a.handler(ctx, from.String(), question)
	if err != nil {
		return nil, err
	}
	if len(answer) > a.protocol.MaxAnswer {
		return nil, fmt.Errorf("answer has %d bytes, limit %d", len(answer), a.protocol.MaxAnswer)
	}
	return append([]byte{answered}, answer...), nil
}

// asker finds what one peer has taken up. Forgetting all of them now and then only lets
// each peer have its burst again.
func (a *answerer) asker(id peer.ID) *asker {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.askers[id]
	if known == nil {
		if len(a.askers) >= maxAskers {
			clear(a.askers)
		}
		known = &asker{
			pace:  rate.NewLimiter(rate.Limit(a.protocol.PerSecond), a.protocol.Burst),
			slots: make(chan struct{}, maxAnswering),
		}
		a.askers[id] = known
	}
	return known
}

// readFrame reads one frame of at most limit bytes. What is longer is refused before
// memory is taken for it.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	size := binary.BigEndian.Uint32(length[:])
	if uint64(size) > uint64(limit) {
		return nil, fmt.Errorf("frame: %w: %d bytes, limit %d", ErrTooLarge, size, limit)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	return body, nil
}

func writeFrame(w io.Writer, body []byte) error {
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}
