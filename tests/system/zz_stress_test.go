package system

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func TestZZStress(t *testing.T) {
	w := sharedWorld(t)
	for i := range 40 {
		time.Sleep(time.Duration(700+i*37) * time.Millisecond)
		w.Validators[0].Stop()
		_ = w.Validators[0].Start()
		until(t, "up", func(ctx context.Context) bool { return w.Validators[0].Height(ctx) > 0 })
		log, _ := os.ReadFile(w.Supernodes[0].Log)
		if strings.Contains(string(log), "role failed") {
			for line := range strings.Lines(string(log)) {
				if strings.Contains(line, "level=ERROR") {
					t.Log(line)
				}
			}
			t.Fatal("found at ", i)
		}
	}
}
