// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofrs/flock"
)

// JournalSuffix ends the name of every journal: scimproof-<run>.journal.
const JournalSuffix = ".journal"

// maxLine is how long a line of a journal may be, in bytes.
const maxLine = 1 << 20

// Words of the lines of a journal.
const (
	lineRun    = "run"    // the first: which run, on which target, since when
	lineCreate = "create" // is about to be sent
	lineMade   = "made"   // the answer named a resource
	lineEnded  = "ended"  // the answer, or a search, showed that the create has left nothing unnamed
	lineGone   = "gone"   // is there no more
	lineHold   = "hold"   // was made by the product's own API
	lineFree   = "free"   // and is there no more
)

// Words for what a line holds.
const holdTeam = "team"

// line is one line of a journal. It holds no secrets: names of the run, ids
// that the provider gave, and the base URL.
type line struct {
	Do       string    `json:"do"`
	Run      string    `json:"run,omitempty"`
	Target   string    `json:"target,omitempty"`
	Start    time.Time `json:"start,omitzero"`
	N        int       `json:"n,omitempty"`
	Endpoint string    `json:"endpoint,omitempty"`
	Names    []string  `json:"names,omitempty"`
	ID       string    `json:"id,omitempty"`
	What     string    `json:"what,omitempty"`
}

// Journal is what a run makes, written down before it is made, so that a run
// that was killed can be cleaned up after. Its file is there as long as
// something may be left on the target, and a lock beside it as long as the run
// lives. It may be used by many goroutines.
type Journal struct {
	File   string
	Run    string    // id of the run, which every name carries
	Target string    // base URL
	Start  time.Time // by the provider's clock where it tells the time

	mu      sync.Mutex
	file    *os.File
	lock    *flock.Flock
	n       int
	creates []line // sent, and not known to have left nothing
	made    []line // and not gone
	held    []line // and not free
}

// KeepJournal starts the journal of what is made on p, in dir. It has to be
// closed when everything was cleaned up.
func (p *Provider) KeepJournal(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep journal: %w", err)
	}
	j := &Journal{
		File: filepath.Join(dir, namePrefix+p.target.RunID+JournalSuffix),
		Run:  p.target.RunID, Target: p.target.BaseURL, Start: p.begun,
	}
	if err := j.acquire(); err != nil {
		return nil, fmt.Errorf("keep journal: %w", err)
	}
	file, err := os.OpenFile(j.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep journal: %w", err), j.release())
	}
	j.file = file
	if err := j.write(line{Do: lineRun, Run: j.Run, Target: j.Target, Start: j.Start.UTC()}); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	p.journal = j
	return j, nil
}

// ErrRunning says that the run whose journal it is has not ended.
var ErrRunning = errors.New("its run has not ended")

// OpenJournal opens what a run has left. A line that was cut off when the run
// was killed is passed over: what it was to say was not sent.
func OpenJournal(file string) (*Journal, error) {
	j := &Journal{File: file}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j.file = f
	if err := j.acquire(); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", file, err), f.Close())
	}
	if err := j.read(f); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", file, err), f.Close(), j.release())
	}
	return j, nil
}

// read takes the journal in. O(lines).
func (j *Journal) read(r io.Reader) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	for n := 1; scan.Scan(); n++ {
		var l line
		err := json.Unmarshal(scan.Bytes(), &l)
		switch {
		case n == 1 && (err != nil || l.Do != lineRun || !runIDs.MatchString(l.Run) || l.Target == ""):
			return errors.New("line 1 does not say which run it is of, so it is no journal of scimproof check or replay")
		case n == 1:
			j.Run, j.Target, j.Start = l.Run, l.Target, l.Start
		case err == nil:
			j.note(l)
		}
	}
	if j.Run == "" && scan.Err() == nil {
		return errors.New("it is empty")
	}
	return scan.Err()
}

// note keeps account of a line.
func (j *Journal) note(l line) {
	same := func(m line) bool { return m.Endpoint == l.Endpoint && m.ID == l.ID && m.What == l.What }
	switch l.Do {
	case lineCreate:
		j.creates, j.n = append(j.creates, l), max(j.n, l.N)
	case lineEnded:
		j.creates = slices.DeleteFunc(j.creates, func(c line) bool { return c.N == l.N })
	case lineMade:
		if !slices.ContainsFunc(j.made, same) {
			j.made = append(j.made, l)
		}
	case lineGone:
		j.made = slices.DeleteFunc(j.made, same)
	case lineHold:
		j.held = append(j.held, l)
	case lineFree:
		j.held = slices.DeleteFunc(j.held, same)
	}
}

// write appends a line. It is on the disk when write returns, if something is
// about to be made.
func (j *Journal) write(l line) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.writeLocked(l)
}

func (j *Journal) writeLocked(l line) error {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = j.file.Write(append(text, '\n'))
	}
	if err == nil && (l.Do == lineRun || l.Do == lineCreate) {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.note(l)
	return nil
}

// create writes down that something is about to be made, and gives its number.
func (j *Journal) create(endpoint string, names []string) (int, error) {
	if j == nil {
		return 0, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	n := j.n + 1
	return n, j.writeLocked(line{Do: lineCreate, N: n, Endpoint: endpoint, Names: names})
}

// Open says how many things may be left on the target.
func (j *Journal) Open() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.creates) + len(j.made) + len(j.held)
}

// Close ends the journal and removes its file if nothing is left.
func (j *Journal) Close() error {
	left := j.Open()
	err := j.file.Close()
	if left == 0 {
		err = errors.Join(err, os.Remove(j.File))
	}
	return errors.Join(err, j.release())
}

func (j *Journal) lockFile() string { return j.File + ".lock" }

func (j *Journal) acquire() error {
	j.lock = flock.New(j.lockFile(), flock.SetPermissions(0o600))
	switch ok, err := j.lock.TryLock(); {
	case err != nil:
		return err
	case !ok:
		return ErrRunning
	}
	return nil
}

func (j *Journal) release() error {
	err := j.lock.Unlock()
	if e := os.Remove(j.lockFile()); e != nil && !errors.Is(e, os.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
