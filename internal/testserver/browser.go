// SPDX-License-Identifier: Apache-2.0

package testserver

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser gives a headless Chromium with a profile of its own, closed when the
// test ends. It needs SEXTANT_TEST_BROWSER, the path of Chromium; `make test`
// sets it.
func Browser(t testing.TB, width, height int) context.Context {
	t.Helper()
	path := os.Getenv("SEXTANT_TEST_BROWSER")
	if path == "" {
		Missing(t, "no browser: set SEXTANT_TEST_BROWSER to Chromium's path, or run make test")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context of its first use
		t.Fatal(err)
	}
	limited, timeout := context.WithTimeout(ctx, 15*time.Minute) // a long journey beside others on a busy machine
	t.Cleanup(func() { timeout(); cancel(); stop() })
	return limited
}
