# shellcheck shell=bash
# Shared by the lab scripts (sourced): paths, progress lines, and processes that are known to be ours.

LAB_PYTHON=/usr/bin/python3 # the system's: python3-rados is built for it
LAB_T0=${SLUICE_T0:-${EPOCHREALTIME/[.,]/}} # a script may count on from its caller's start

lab_default_dir() { echo "${XDG_STATE_HOME:-${HOME:?HOME is not set: give --dir}/.local/state}/sluice/lab"; }
lab_cache_dir() { echo "${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/sluice/lab"; }

# A lab's folder is known by this file in it: nothing else is ever removed.
lab_mark() { mkdir -p "$1" && : >"$1/.sluice-lab"; }
lab_marked() { [[ -e $1/.sluice-lab || -e $1/ceph/lab.env ]]; }

# say TEXT...: a progress line with the seconds since the start
say() {
  local ms=$(((${EPOCHREALTIME/[.,]/} - LAB_T0) / 1000))
  printf '[%3d.%d s] %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*"
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# pid_is_ours PID TEXT: PID is alive (no zombie) and TEXT stands in its command line
pid_is_ours() {
  {
    ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" || return 1
    tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF -- "$2"
  } 2>/dev/null # it may end at any moment
}

# wait_gone PID TEXT SECONDS: true as soon as PID is no longer ours
wait_gone() {
  local end=$((${EPOCHREALTIME/[.,]/} + $3 * 1000000))
  while pid_is_ours "$1" "$2"; do
    ((${EPOCHREALTIME/[.,]/} < end)) || return 1
    sleep 0.05
  done
}

# wait_port PORT SECONDS: true as soon as something listens on 127.0.0.1:PORT
wait_port() {
  local end=$((${EPOCHREALTIME/[.,]/} + $2 * 1000000))
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    ((${EPOCHREALTIME/[.,]/} < end)) || return 1
    sleep 0.05
  done
}

# A lab has a block of 60 ports below the kernel's ephemeral range, kept in DIR/ports until the lab is removed.
# offsets: 0-2 mon v2, 3-5 mon v1, 6 RGW, 7 luigid, 10-59 OSDs and mgr
port_block() { "$LAB_PYTHON" "$LAB_HERE/lab_ports.py" take "$1"; }
port_block_release() { "$LAB_PYTHON" "$LAB_HERE/lab_ports.py" release "$1"; }
