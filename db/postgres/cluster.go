package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// clusterMajor returns the major version that made a cluster, 0 if there is no
// cluster.
func clusterMajor(cluster string) (int, error) {
	content, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(cluster)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("look at cluster: %w", err)
		}
		if len(entries) > 0 {
			return 0, fmt.Errorf("%s is not empty and has no PG_VERSION: it is not a cluster, and nothing was changed", cluster)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("cluster %s: PG_VERSION says %q", cluster, strings.TrimSpace(string(content)))
	}
	return major, nil
}

// initCluster makes a cluster under another name and renames it when it is
// complete, so that there is never half a cluster.
func initCluster(ctx context.Context, bin binaries, p place, fast bool) error {
	// What lies under that name was never in use.
	if err := os.RemoveAll(p.unfinished()); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	for i, locale := range bin.locales() {
		err := runInitdb(ctx, bin, p, append(locale, fastInit(fast)...))
		if err == nil {
			break
		}
		if i == len(bin.locales())-1 || !strings.Contains(err.Error(), "locale") {
			return err
		}
	}
	if err := os.Rename(p.unfinished(), p.cluster()); err != nil {
		return fmt.Errorf("put the cluster in place: %w", err)
	}
	return syncDir(p.dir)
}

func fastInit(fast bool) []string {
	if fast {
		return []string{"--no-sync"}
	}
	return nil
}

func runInitdb(ctx context.Context, bin binaries, p place, more []string) error {
	if err := os.RemoveAll(p.unfinished()); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	if err := os.Mkdir(p.unfinished(), 0o700); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	if err := p.own(p.unfinished()); err != nil {
		return fmt.Errorf("give the cluster to user id %d: %w", p.uid, err)
	}
	args := append([]string{
		"-D", p.unfinished(), "-U", Owner, "-E", "UTF8", "--data-checksums", "--no-instructions",
		// Whoever may enter the private socket directory is trusted; nobody
		// comes by network even if somebody switches that on.
		"--auth-local=trust", "--auth-host=reject",
	}, more...)
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(bin.dir, "initdb"), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	c, err := startChild(cmd, p.account, syscall.SIGKILL)
	if err != nil {
		return err
	}
	<-c.ended
	if c.err != nil {
		return fmt.Errorf("initdb: %s: %w", lastLine(out.String()), c.err)
	}
	return nil
}

// syncDir makes a rename in dir survive a power failure.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("put the cluster in place: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("put the cluster in place: %w", err)
	}
	return nil
}

// lastLine is the last line of a program's output that names an error, or else
// its last line.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		for _, mark := range []string{"FATAL:", "PANIC:", "error:"} {
			if at := strings.Index(lines[i], mark); at >= 0 {
				return strings.TrimSpace(lines[i][at+len(mark):])
			}
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
