package node

import (
	"context"
	"net"

	"github.com/virusmap/virusmap/supernode/gateway"
)

// openGRPC listens for the native API over gRPC and adds the role that serves it. An empty
// address leaves it off.
func (n *Node) openGRPC(g *gateway.Gateway, address string) error {
	if address == "" {
		return nil
	}
	first, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	n.opened.add(func() error {
		if first == nil {
			return nil
		}
		return first.Close()
	})
	n.addRole("grpc", func(ctx context.Context) error {
		listener := first
		if first = nil; listener == nil { // the role failed before, and its listener with it
			var err error
			if listener, err = net.Listen("tcp", address); err != nil {
				return err
			}
		}
		n.log.Info("gateway listens for gRPC", "address", listener.Addr().String())
		return g.ServeGRPC(ctx, listener)
	})
	return nil
}
