package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestProf(t *testing.T) {
	n := 100000
	fmt.Sscan(os.Getenv("OBS"), &n)
	b, err := newBench(10, n)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	last := cpu()
	if err := b.evidence(func(name, _, _ string, s sample) {
		now := cpu()
		fmt.Printf("%-60s wall %8s cpu %8s\n", name, s.p(50).Round(time.Millisecond/10), (now - last).Round(time.Millisecond))
		last = now
	}); err != nil {
		t.Fatal(err)
	}
}
