package plan

import (
	"fmt"
	"slices"
	"strings"
)

// A Technique is a way to fewer dispatches, or to nearer memory, that changes no bit: each can be left out, to see what it gives.
type Technique uint

const (
	Beside  Technique = 1 << iota // launches that have nothing to do with each other share a dispatch
	Chains                        // calls that go row by row share one, block of rows by block of rows
	Kept                          // of which a block's rows stay in shared memory
	Through                       // a product reads its rows through the Gather beside it
	Whole                         // a small step is one group's, and many of them one dispatch
	Near                          // whose weights are near
	Lone                          // in software each of many such models is one invocation's
	ByFours                       // large products read four numbers at a time
)

// Apart is whatever puts calls together: without it each is launches of its own.
const Apart = Beside | Chains | Through | Whole

var techniques = []string{"beside", "chains", "kept", "through", "whole", "near", "lone", "fours"}

// ParseTechniques reads names, separated by commas.
func ParseTechniques(names string) (all Technique, err error) {
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		i := slices.Index(techniques, name)
		if i < 0 {
			return 0, fmt.Errorf("there is no technique %q: there are %s", name, strings.Join(techniques, ", "))
		}
		all |= 1 << i
	}
	return all, nil
}

func (t Technique) String() string {
	var names []string
	for i, name := range techniques {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// uses reports whether a technique is not left out.
func (e *Env) uses(t Technique) bool { return e.Without&t == 0 }
