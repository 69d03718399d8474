package command

import (
	"fmt"
	"strings"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

// shownWait is how much of a line that is rewritten is shown.
const shownWait = 150

// notices are what a purchase tells besides its results, on stderr.
type notices struct {
	screen *screen
	// last is what was waited for without its count, which is written once where lines stay.
	last string
}

func (t *tool) notices() *notices {
	n := &notices{screen: t.screen}
	if t.screen.live {
		t.screen.clear = func() { fmt.Fprint(t.screen.err, "\r\x1b[K") }
	}
	return n
}

// tell writes a line.
func (n *notices) tell(text string) {
	n.screen.mu.Lock()
	defer n.screen.mu.Unlock()
	n.screen.clear()
	fmt.Fprintln(n.screen.err, "virusmap: "+printable(text))
}

// wait shows what is waited for: on a terminal in a line that is rewritten.
func (n *notices) wait(text string) {
	what, _, _ := strings.Cut(text, ";")
	if !n.screen.live {
		if what != n.last {
			n.tell(text)
		}
		n.last = what
		return
	}
	n.screen.mu.Lock()
	defer n.screen.mu.Unlock()
	n.screen.clear()
	shown := []rune(printable(text))
	fmt.Fprint(n.screen.err, string(shown[:min(len(shown), shownWait)]))
}

// end removes the line that is rewritten.
func (n *notices) end() {
	n.screen.mu.Lock()
	defer n.screen.mu.Unlock()
	n.screen.clear()
	n.screen.clear = func() {}
}

// tally puts results and remembers how they went.
type tally struct {
	*tool
	failed, wrong bool
	putErr        error
}

func (c *tally) put(result purchase.Result) {
	switch result.Status {
	case purchase.WrongKey:
		c.wrong = true
	case purchase.Failed, purchase.Returned:
		c.failed = true
	}
	text := result.SHA256 + "  " + result.Status
	if result.Price > 0 {
		text += " for " + purchase.VMT(result.Price)
	}
	switch {
	case result.Error != "":
		text += ": " + result.Error
	case result.File != "":
		text += "  " + result.File
	}
	if err := c.screen.put(result, printable(text)); err != nil {
		c.putErr = err
	}
}

// exit is the error of a command whose results were told.
func (c *tally) exit() error {
	switch {
	case c.putErr != nil:
		return c.putErr
	case c.wrong:
		return exit(exitWrong)
	case c.failed:
		return exit(exitFailed)
	default:
		return nil
	}
}
