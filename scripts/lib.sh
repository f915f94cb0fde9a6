# shellcheck shell=bash
# What setup, bench and test share. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # used by those who source this
cache=$root/.cache # ignored by git: built programs, Mesa's compiled shaders

# say writes to standard error, so that standard output stays what the program printed.
say() { printf '%s\n' "$*" >&2; }

# can_cgo says whether C can be compiled: a compiler alone is not enough, it needs libc's headers.
can_cgo() {
  [ "$(go env CGO_ENABLED)" = 1 ] &&
    echo '#include <stdlib.h>' | $(go env CC) -fsyntax-only -x c - 2>/dev/null
}

# can_build_gl says whether `-tags gl` compiles here. Running it needs the driver besides.
can_build_gl() {
  [ "$(uname -s)" = Linux ] && can_cgo && command -v pkg-config >/dev/null && pkg-config --exists gl
}

# can_build_glfw says whether `-tags glfw` compiles here and a display can be had.
can_build_glfw() {
  can_build_gl && pkg-config --exists x11 xrandr xcursor xi xinerama xxf86vm && command -v xvfb-run >/dev/null
}

# has_avx512 says whether this CPU has what the kernels for AVX-512 need.
has_avx512() {
  local f
  for f in avx2 fma avx512f avx512vl avx512dq avx512bw; do
    grep -qsw "$f" /proc/cpuinfo || return
  done
}

# emulates_avx512 says whether scripts/avx512 can do without it, and installs what that takes.
emulates_avx512() { [ "$(uname -m)" = x86_64 ] && "$root/scripts/setup" avx512; }

# onnxruntime is npm's, in which exported models are run.
onnxruntime=$cache/onnxruntime
# has_onnxruntime says whether it is there, and gets it where node and npm are.
has_onnxruntime() {
  command -v node >/dev/null && command -v npm >/dev/null || return
  [ -d "$onnxruntime/node_modules/onnxruntime-web" ] ||
    npm install --silent --no-fund --no-audit --prefix "$onnxruntime" onnxruntime-web@1.30.0 >/dev/null 2>&1
}

# mingw is the C compiler for Windows.
mingw=x86_64-w64-mingw32-gcc

# can_link_blas says whether backend/cpu/netlib builds here.
can_link_blas() {
  can_cgo && echo 'int main(void) { return 0; }' | $(go env CC) -x c - -lopenblas -o /dev/null 2>/dev/null
}
