# shellcheck shell=bash
# Shared by the scripts; to be sourced. Sets `root`, steps with their duration, and the configure command.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# A checkout that belongs to another user (a container's mount) is still ours to read.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$root"

# Clones of the project, in whatever folder, find each other's objects in the compiler cache.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*" >&2; }

# step NAME COMMAND...: runs it and says how long it took.
step() {
  local name="$1" begin=$SECONDS status=0
  shift
  say "== $name"
  "$@" || status=$?
  if ((status == 0)); then
    say "== $name: done in $((SECONDS - begin)) s"
  else
    say "== $name: FAILED after $((SECONDS - begin)) s (exit code $status)"
  fi
  return "$status"
}

# Compilers of this size take about 1 GB each, so memory bounds the number of jobs as well as the cores do.
build_jobs() {
  local cores memory
  cores="$(nproc 2>/dev/null || echo 2)"
  memory="$(awk '/^MemAvailable:/ { print int($2 / 1200000) }' /proc/meminfo 2>/dev/null || true)"
  memory="${memory:-2}"
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# configure BUILD_DIR [CMAKE ARGUMENTS]
configure() {
  local dir="$1"
  shift
  local launcher=() log status=0
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  log="$(mktemp)"
  cmake -S "$root" -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo "${launcher[@]}" "$@" >"$log" 2>&1 || status=$?
  ((status == 0)) || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# build BUILD_DIR [TARGETS]
build() {
  local dir="$1"
  shift
  cmake --build "$dir" --parallel "$(build_jobs)" ${@:+--target "$@"}
}
