package plan

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// A step of a toy network is less work than any dispatch costs. One work group carries all of its calls out, one after another,
// and then the next steps: the device is asked once for many. Of many models each has a group of its own, or where a device carries
// invocations out in step as a processor's vectors, an invocation of its own: there is nothing to wait for then.

// budgets bound what one group is given: multiply-adds of a step where there are few models, and where there are enough to keep a
// device busy, and the seconds that a call of one group and a multiply-add take at worst.
type budgets struct {
	few, many          float64
	perCall, perFactor float64
}

var (
	aloneOnHardware = budgets{few: 1 << 20, many: 1 << 23, perCall: 4e-6, perFactor: 1e-9}
	aloneInSoftware = budgets{few: 1 << 18, many: 1 << 20, perCall: 20e-6, perFactor: 20e-9}
)

// enough is the number of models from which on each may take its time.
const enough = 32

// atOnce is the longest that a dispatch shall take, in seconds, and mostSteps the most steps that it does.
const (
	atOnce    = 25e-3
	mostSteps = 4096
)

// alone plans a step as one launch of a group for each model, or of an invocation with Lone; nil where it is too much for that.
func alone(s backend.Step, env Env) *Launch {
	limit := aloneOnHardware
	if env.Lone {
		limit = loneInSoftware
	} else if env.Serial {
		limit = aloneInSoftware
	}
	most := limit.few
	if s.Models >= enough {
		most = limit.many
	}
	if env.batch() != s.Models || s.Models > 1 && !backend.Independent(s, false) {
		return nil
	}
	env.Loops = true
	c := newComposer(&env)
	calls, loops := 0, 0
	for _, call := range s.Calls {
		l, err := Build(call, env)
		if err != nil || len(l) > 1 {
			return nil
		}
		if len(l) == 0 {
			continue
		}
		if env.Lone && !l[0].Lone || !whollyBound(&l[0]) || c.l.work.MultiplyAdds+l[0].work.MultiplyAdds > most {
			return nil
		}
		runs := l[0].groups * l[0].parts
		c.run(&l[0])
		calls += runs
		loops += runs * (l[0].loops + 2)
	}
	c.keepNear(s.Calls)
	there, back, copying := c.copies()
	if calls == 0 || env.endless(loops+copying) {
		return nil
	}
	steps := atOnce / (limit.perCall*float64(calls) + limit.perFactor*c.l.work.MultiplyAdds)
	if !env.Serial {
		steps /= max(1, float64(s.Models)/100)
	}
	if env.Loop > 0 {
		steps = min(steps, (float64(env.Loop)*0.9-float64(copying))/float64(loops+2))
	}
	body := c.main.String()
	c.main.Reset()
	groups := s.Models
	c.main.WriteString("\tuint model = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;\n")
	if env.Lone {
		groups = ceil(s.Models, shaders.LoneGroup)
		fmt.Fprintf(&c.main, "\tmodel = model * %du + gl_LocalInvocationIndex;\n", shaders.LoneGroup)
	}
	fmt.Fprintf(&c.main, "\tif (model < %s) {\n%s\t\tin_order();\n"+
		"\t\tfor (STEP = 0u; STEP < %s; STEP++) {\n%s\t\t}\n%s\t}", c.number(s.Models), there, c.steps(), body, back)
	c.l.Steps = min(mostSteps, max(1, int(steps)), max(1, s.Steps))
	l := c.done(groups)
	if l != nil {
		l.Groups[2] = 1
	}
	return l
}

// run appends all groups of a launch, one after another.
func (c *composer) run(l *Launch) {
	k := c.part(l)
	c.l.Ordered = true
	if l.Scratch > 0 { // of its own: a model may be at another call than the next one
		c.l.Words[c.l.Parts[k].Word+l.scratchAt].Base = uint32(c.scratchUsed)
		c.scratchUsed += l.Scratch
		c.l.Scratch, c.l.counters, c.l.countersAt = c.scratchUsed, 0, nil
	}
	fmt.Fprintf(&c.main, "\t\t\tGROUP = 0u;\n\t\t\tZ = model * %s;\n\t\t\tconstants_%d();\n", c.number(l.parts), k)
	if l.groups*l.parts == 1 {
		fmt.Fprintf(&c.main, "\t\t\trun_%d();\n\t\t\tin_order();\n", k)
		return
	}
	groups, parts := c.number(l.groups), c.number(l.parts)
	fmt.Fprintf(&c.main, "\t\t\tfor (uint g = 0u; g < %s * %s; g++) {\n\t\t\t\tGROUP = g %% %[1]s;\n\t\t\t\tZ = model * %[2]s + g / %[1]s;\n"+
		"\t\t\t\trun_%[3]d();\n\t\t\t\tin_order();\n\t\t\t}\n", groups, parts, k)
}
