// Command demo runs the main job on this machine: it starts one validator and one
// supernode, hands in a handful of files and a URL, shows what every engine said and what the
// chain decided, verifies one report, pays the person who handed them in, sells one of them
// to a vendor, and leaves the network running.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/virusmap/virusmap/testutil/network"
)

const (
	chainID = "virusmap-demo-1"
	timeout = 4 * time.Minute
	// lookalike has a known name in front of a domain that nobody can register.
	lookalike = "hxxp://paypal.com.account-verify[.]example/login"
)

func main() {
	dir := flag.String("dir", ".demo", "folder of the network; the one of an earlier demo is replaced")
	bin := flag.String("bin", "bin", "folder of the programs")
	stop := flag.Bool("stop", false, "stop what an earlier demo left running")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	err := network.StopAll(*dir)
	if err == nil && !*stop {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		err = demo(ctx, *dir, *bin)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo(ctx context.Context, dir, bin string) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	started := time.Now()
	step("starting one validator and one supernode in %s", dir)
	net, err := network.New(ctx, network.Config{
		Dir: dir, Bin: bin, ChainID: chainID, Validators: 1, Supernodes: 1, Genesis: network.DemoGenesis,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			net.Stop()
			err = fmt.Errorf("%w (logs are in %s)", err, dir)
		}
	}()
	if err := net.Start(ctx); err != nil {
		return err
	}
	person, err := net.NewPerson(ctx)
	if err != nil {
		return err
	}
	wallet, err := net.NewWallet(ctx, "person")
	if err != nil {
		return err
	}
	if err := show(person.Command(ctx, "config", "set", "contributor", wallet.Address)); err != nil {
		return err
	}
	fmt.Printf("ready after %.1f s\n", time.Since(started).Seconds())

	files, err := makeSamples(filepath.Join(dir, "samples"))
	if err != nil {
		return err
	}
	if err := mainJob(ctx, person, files); err != nil {
		return err
	}
	if err := earn(ctx, person, wallet, files[0]); err != nil {
		return err
	}
	if err := trade(ctx, net, person, wallet, files[0]); err != nil {
		return err
	}
	if err := net.Remember(); err != nil {
		return err
	}
	printAddresses(net, person)
	fmt.Printf("\ndemo done in %.1f s\n", time.Since(started).Seconds())
	return nil
}

// mainJob submits everything, shows the reports, submits again and verifies one.
func mainJob(ctx context.Context, person network.Person, files []string) error {
	step("submitting %d files for an account without coins, and waiting for the chain", len(files))
	if err := show(person.Command(ctx, append([]string{"submit", "--wait"}, files...)...)); err != nil {
		return err
	}
	step("reports")
	for _, file := range files {
		if err := show(person.Command(ctx, "report", file)); err != nil {
			return err
		}
		fmt.Println()
	}
	step("submitting a URL that pretends to be another")
	if err := show(person.Command(ctx, "submit", "--wait", lookalike)); err != nil {
		return err
	}
	if err := show(person.Command(ctx, "report", lookalike)); err != nil {
		return err
	}
	step("submitting one of them again")
	if err := show(person.Command(ctx, "submit", files[0])); err != nil {
		return err
	}
	step("verifying one report with a light client")
	return show(person.Command(ctx, "verify", files[0]))
}

func printAddresses(net *network.Network, person network.Person) {
	supernode, validator := net.Supernodes[0], net.Validators[0]
	step("the network is running")
	fmt.Printf("page       %s  (open it in a browser)\n", supernode.URL)
	fmt.Printf("gateway    %s  (X-Apikey: %s)\n", supernode.URL, supernode.APIKey)
	fmt.Printf("REST       %s  (OpenAPI at /swagger/)\n", validator.REST)
	fmt.Printf("gRPC       %s\n", validator.GRPC)
	fmt.Printf("RPC        %s\n", validator.RPC)
	fmt.Printf("logs       %s, %s\n", validator.Log, supernode.Log)
	fmt.Printf("\ntry        %s --home %s submit FILE --wait\n", person.Program, person.Home)
	fmt.Printf("stop       make demo-stop\n")
}

func step(format string, args ...any) { fmt.Printf("\n── "+format+"\n", args...) }

// show runs a command on this terminal.
func show(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

// copyFile copies a file of the system into the demo's samples.
func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("%w (run scripts/setup.sh)", err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
