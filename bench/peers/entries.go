package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An entry is a peer with its settings: a process.
type entry struct {
	family  string // who it is, the same for all settings
	setting string
	threads int
	kinds   string // of workloads that it has, as in "gemm each"
	argv    []string
	env     []string
	needs   string // Debian's packages
}

// Families that more than one place knows of.
const (
	ours    = "gloss"
	limit   = "peak" // multiply-adds and memcpy: yardsticks
	torch   = "PyTorch"
	narrow  = "gloss, AVX2"
	haswell = "OpenBLAS Haswell"
	gonum   = "gonum"
)

func (e *entry) String() string { return e.family + " (" + e.setting + ")" }

// has reports whether the peer takes part in a row.
func (e *entry) has(r row, most int) bool {
	if !slices.Contains(strings.Fields(e.kinds), r.Kind) || r.threads > 0 && e.threads != r.threads {
		return false
	}
	// Of gonum the slower number of threads teaches nothing about training.
	return e.family != gonum || r.threads > 0 || e.threads == most
}

// entries are all peers on a machine with these instructions, present or not.
func (o options) entries(isa []string) (all []*entry) {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	add := func(family, setting, kinds, needs string, threads int, argv []string, env ...string) {
		if setting != "" {
			setting += ", "
		}
		all = append(all, &entry{family, setting + count(threads, "thread"), threads, kinds, argv, append(threadsEnv(threads), env...), needs})
	}
	for _, n := range o.threads {
		be := func(name string) []string { return []string{self, "-peer", name, "-workers", fmt.Sprint(n)} }
		blas := []string{filepath.Join(o.bin, "peer_blas"), "openblas"}
		add(ours, "", "gemm train each infer", "", n, be("gloss"))
		if slices.Contains(cores(isa), skylakeX) { // what machines without AVX-512 have, beside OpenBLAS Haswell
			add(narrow, "", "gemm", "", n, be("gloss"), "GLOSS_ISA=avx2")
		}
		add("gloss, package train", "", "train", "", n, be("train"))
		add("gloss on OpenBLAS", "", "gemm train", "libopenblas-dev", n, []string{filepath.Join(o.bin, "peer_netlib")})
		add("OpenBLAS", "", "gemm each", "libopenblas0", n, blas)
		for _, core := range cores(isa) {
			add("OpenBLAS "+core, "", "gemm", "libopenblas0", n, blas, "OPENBLAS_CORETYPE="+core)
		}
		add("oneDNN", "", "gemm", "libdnnl2 or libdnnl3", n, []string{filepath.Join(o.bin, "peer_blas"), "onednn"})
		add(gonum, "", "gemm train each", "", n, be("gonum"))
		add(limit, "", "gemm each", "", n, []string{filepath.Join(o.bin, "peer_peak"), fmt.Sprint(n)})
	}
	for _, p := range o.python(isa) {
		add(p.family, p.setting, p.kinds, p.needs, p.threads, p.argv, p.env...)
	}
	add("FANN", "", "train infer", "libfann-dev", 1, []string{filepath.Join(o.bin, "peer_fann")})
	return all
}

// python are the peers in Python, with OpenBLAS in the alternative's place where Debian has it. PyTorch's own threads and
// those of its BLAS get into each other's way on small machines, so that more of one kind than of the other is tried too.
func (o options) python(isa []string) (all []*entry) {
	kernels, env := "", debianBLAS()
	if found := cores(isa); slices.Contains(found, skylakeX) {
		kernels, env = skylakeX, append(env, "OPENBLAS_CORETYPE="+skylakeX)
	}
	add := func(family, setting, script, kinds, needs string, threads int, env ...string) {
		argv := []string{"/usr/bin/python3", filepath.Join(o.scripts, script), fmt.Sprint(threads)}
		all = append(all, &entry{family, setting, threads, kinds, argv, env, needs})
	}
	for _, n := range o.threads {
		add(torch, kernels, "peer_torch.py", "train each infer", "python3-torch", n, env...)
		add("scikit-learn", kernels, "peer_sklearn.py", "train", "python3-sklearn", n, env...)
	}
	if most := o.most(); most > 1 {
		more := append(slices.Clone(env), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", most))
		add(torch, strings.TrimPrefix(fmt.Sprintf("%s, %d in the BLAS", kernels, most), ", "), "peer_torch.py", "train", "python3-torch", 1, more...)
	}
	if kernels != "" {
		add(torch, "OpenBLAS' own choice of kernels", "peer_torch.py", "train", "python3-torch", 1, debianBLAS()...)
	}
	return all
}

// most is the largest number of threads.
func (o options) most() int { return o.threads[len(o.threads)-1] }

const skylakeX = "SkylakeX"

// cores are OpenBLAS' kernels that run on such a machine and that it may not choose by itself: versions before 0.3.24 know
// no Zen 5, and take what suits Haswell.
func cores(isa []string) (names []string) {
	if slices.Contains(isa, "avx2") && slices.Contains(isa, "fma") {
		names = append(names, "Haswell")
	}
	if slices.Contains(isa, "avx512f") && slices.Contains(isa, "avx512bw") && slices.Contains(isa, "avx512dq") && slices.Contains(isa, "avx512vl") {
		names = append(names, skylakeX)
	}
	return names
}

func threadsEnv(n int) (env []string) {
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"} {
		env = append(env, fmt.Sprintf("%s=%d", name, n))
	}
	return env
}

// debianBLAS makes Debian's Python load OpenBLAS as libblas, whatever the machine's alternative is.
func debianBLAS() []string {
	found, err := filepath.Glob("/usr/lib/*/openblas-*/libblas.so.3")
	if err != nil || len(found) == 0 {
		return nil
	}
	return []string{"LD_LIBRARY_PATH=" + filepath.Dir(found[0])}
}
