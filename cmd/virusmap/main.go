// Command virusmap submits files to VirusMap, shows what its engines said, and checks
// that against the chain.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/virusmap/virusmap/cmd/virusmap/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
