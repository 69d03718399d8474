// Command vmtd is the node of the VirusMap chain and its command line.
package main

import (
	"os"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/cmd/vmtd/cmd"
)

func main() {
	root, err := cmd.NewRoot()
	if err == nil {
		err = svrcmd.Execute(root, "VMTD", app.DefaultHome)
	}
	if err != nil {
		os.Exit(1) // cobra has printed it
	}
}
